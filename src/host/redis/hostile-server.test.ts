// A server that sends what it likes: broken replies end the connection, and none makes the host keep more than it may.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { within } from '../../../test/support/within.ts';
import { guestsOf, type TestApp, type TestGuest } from '../guests-of.test-kit.ts';
import { createRedisService } from './service.ts';

const two = 'fermyon:spin/redis@2.0.0';
const options = { timeout: 30_000 };

/** Runs `work` with a guest that has a connection to a server which answers each piece that it gets with `answer`. */
async function against(
  answer: (socket: Socket) => void,
  work: (guest: TestGuest, connection: unknown, app: TestApp<unknown>) => Promise<void>,
  heldBytes?: number,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('data', () => answer(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const app = await guestsOf(createRedisService(), { component: { allowedOutboundHosts: ['redis://127.0.0.1:*'] } });
  const guest = app.request(heldBytes);
  await work(guest, await guest.ok(`${two} [static]connection.open`, `redis://127.0.0.1:${port}`), app);
  await app.close();
  for (const socket of sockets) socket.destroy();
  server.close();
}

const ask = (guest: TestGuest, connection: unknown): Promise<unknown> =>
  within(guest.call(`${two} [method]connection.execute`, connection, 'GET', []), 'an answer');

const fault = (val: string) => ({ tag: 'err', val: { tag: 'other', val } });

for (const bytes of [
  'hello\r\n',
  '$-2\r\n',
  '$1e3\r\n',
  '*-7\r\n',
  ':12x\r\n',
  ':9223372036854775808\r\n',
  '\n',
  '$\n',
  '\r\n',
]) {
  test(`bytes that are no reply: ${JSON.stringify(bytes)}`, options, async () => {
    await against(
      (socket) => socket.write(bytes),
      async (guest, connection) => {
        assert.deepEqual(await ask(guest, connection), fault('the server sent bytes that are no reply'));
      },
    );
  });
}

test('arrays in arrays without end', options, async () => {
  await against(
    (socket) => socket.write('*1\r\n'.repeat(100_000)),
    async (guest, connection) => {
      assert.deepEqual(await ask(guest, connection), fault('the server sent bytes that are no reply'));
    },
  );
});

test('a line without end', options, async () => {
  await against(
    (socket) => socket.write(`+${'x'.repeat(100_000)}`),
    async (guest, connection) => {
      assert.deepEqual(await ask(guest, connection), fault('the server sent a line that is too long'));
    },
  );
});

test('a size beyond what a result may have is refused before a byte of it comes', options, async () => {
  await against(
    (socket) => socket.write('$134217729\r\n'),
    async (guest, connection) => {
      assert.deepEqual(await ask(guest, connection), fault('query result exceeds limit of 134217728 bytes'));
    },
    1_000_000_000,
  );
});

test('a size beyond what the guest may hold ends the guest before a byte of it comes', options, async () => {
  await against(
    (socket) => socket.write('$100000000\r\n'),
    async (guest, connection) => {
      await assert.rejects(ask(guest, connection), { limit: { name: 'held', value: 1_000_000 } });
      assert.equal(guest.hostBytes.bytes, 0);
    },
    1_000_000,
  );
});

test('an array without end ends the guest at its limit', options, async () => {
  const piece = ':1\r\n'.repeat(10_000);
  await against(
    (socket) => {
      socket.write('*9999999999\r\n');
      const more = (): void => void (socket.destroyed || socket.write(piece, more));
      more();
    },
    async (guest, connection) => {
      await assert.rejects(ask(guest, connection), { limit: { name: 'held', value: 1_000_000 } });
      assert.equal(guest.hostBytes.bytes, 0);
    },
    1_000_000,
  );
});

test('an answer that nobody asked for is not taken for the next one', options, async () => {
  await against(
    (socket) => socket.write('+one\r\n+two\r\n'),
    async (guest, connection, app) => {
      assert.deepEqual(await ask(guest, connection), { tag: 'ok', val: [{ tag: 'status', val: 'one' }] });
      // The handle connects anew, and meets the same.
      assert.deepEqual(await ask(guest, connection), { tag: 'ok', val: [{ tag: 'status', val: 'one' }] });
      guest.finish();
      assert.equal(app.lines.length, 0);
    },
  );
});

test('a server that hangs up in the middle of an answer', options, async () => {
  await against(
    (socket) => socket.end('$5\r\nhel'),
    async (guest, connection) => {
      assert.deepEqual(await ask(guest, connection), fault('unexpected end of file'));
    },
  );
});

test('a reply in pieces of a byte is one reply', options, async () => {
  const reply = Buffer.from('*3\r\n$4\r\na\r\nb\r\n:-7\r\n*1\r\n$-1\r\n');
  await against(
    (socket) => {
      socket.setNoDelay(true);
      let at = 0;
      const timer = setInterval(() => {
        if (at < reply.length) socket.write(reply.subarray(at, ++at));
        else clearInterval(timer);
      }, 1);
    },
    async (guest, connection) => {
      assert.deepEqual(await ask(guest, connection), {
        tag: 'ok',
        val: [{ tag: 'binary', val: Buffer.from('a\r\nb') }, { tag: 'int64', val: -7n }, { tag: 'nil' }],
      });
    },
  );
});

test('an address that is longer than any is refused, so that no connection keeps one', options, async () => {
  await against(
    () => undefined,
    async (guest) => {
      for (const address of [
        `redis://127.0.0.1:1/0?${'x'.repeat(10_000_000)}`,
        `redis://user:${'x'.repeat(100_000)}@127.0.0.1:1`,
      ]) {
        assert.deepEqual(await guest.call(`${two} [static]connection.open`, address), {
          tag: 'err',
          val: { tag: 'invalid-address' },
        });
      }
    },
  );
});

test('an address that is broken is not told as the host of another one', options, async () => {
  await against(
    () => undefined,
    async (guest, _connection, app) => {
      for (const address of ['redis://evil\nFORGED line:1', 'redis://[::1', 'redis://a b:1']) {
        const opened = await guest.call(`${two} [static]connection.open`, address);
        assert.deepEqual(opened, { tag: 'err', val: { tag: 'invalid-address' } });
      }
      assert.deepEqual(app.lines, []);
    },
  );
});
