// Servers that break the protocol: the host keeps little of what they send, and the guest gets an error.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { within } from '../../../test/support/within.ts';
import type { ProducedStream } from '../../component/types/streams.ts';
import { componentOf, errOf, okOf, readAll } from '../guest.test-kit.ts';
import { createPostgresService } from './service.ts';

const timeout = 30_000;
const four = 'spin:postgres/postgres@4.2.0';

function message(type: string, body: Buffer | string, length = Buffer.byteLength(body) + 4): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}
const ready = message('Z', 'I');
const welcome = Buffer.concat([message('R', Buffer.alloc(4)), message('K', Buffer.alloc(8)), ready]);
const parsed = Buffer.concat([message('1', ''), message('t', Buffer.alloc(2)), message('n', '')]);

/** A server that sends these, one after another, each time that something comes. */
async function serverOf(...answers: readonly (Buffer | ((socket: Socket) => void))[]): Promise<Server> {
  const server = createServer((socket) => {
    let next = 0;
    socket.on('error', () => undefined);
    socket.on('data', () => {
      const answer = answers[next++];
      if (typeof answer === 'function') answer(socket);
      else if (answer) socket.write(answer);
    });
  })
    .listen(0, '127.0.0.1')
    .unref();
  await once(server, 'listening');
  return server;
}

async function against(server: Server, held?: number) {
  const component = await componentOf(createPostgresService(), ['postgres://127.0.0.1:*']);
  const guest = component.request(held);
  const { port } = server.address() as { port: number };
  const open = (): Promise<unknown> =>
    guest.call(`${four} [static]connection.open`, `host=127.0.0.1 port=${port} user=u password=p sslmode=disable`);
  return {
    guest,
    open,
    query: async (name = 'query') =>
      guest.call(`${four} [method]connection.${name}`, okOf(await open()), 'SELECT 1', []),
    async close() {
      guest.end();
      await component.close();
      server.close();
    },
  };
}

/** Sends for as long as the socket takes it, up to 200 MB; gives what went out. */
function flood(chunk: Buffer, sent: { bytes: number }): (socket: Socket) => void {
  return (socket) => {
    const more = (): void => {
      while (sent.bytes < 200_000_000 && !socket.destroyed) {
        sent.bytes += chunk.length;
        if (!socket.write(chunk)) {
          socket.once('drain', more);
          return;
        }
      }
    };
    more();
  };
}

for (const [what, greeting] of [
  ['a message of an impossible length', message('R', '', 1)],
  ['a message that is longer than any greeting', message('R', '', 900_000_000)],
  ['a way to log in that nobody knows', message('R', Buffer.from([0, 0, 0, 99]))],
  ['columns in a number below zero', message('T', Buffer.from([0xff, 0xff]))],
  ['no protocol at all', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['rows before anything else', message('D', Buffer.from([0xff, 0xff, 0, 0]))],
] as const) {
  test(`a greeting with ${what} is connection-failed`, { timeout }, async () => {
    const { open, close } = await against(await serverOf(greeting));
    assert.equal(errOf(await within(open(), 'an error')).tag, 'connection-failed');
    await close();
  });
}

for (const [what, answer] of [
  ['columns that are not there', Buffer.concat([message('1', ''), message('t', Buffer.from([0x7f, 0xff]))])],
  ['parameters in a large number', Buffer.concat([message('1', ''), message('t', Buffer.from([0xff, 0xff]))])],
  ['an error that is too long', message('E', '', 500_000_000)],
  ['an answer to another question', Buffer.concat([message('C', 'SELECT 1\0'), ready])],
  ['a text without an end', message('E', 'Mabc')],
] as const) {
  test(`${what}: the guest gets an error, and nothing is kept`, { timeout }, async () => {
    const { query, guest, close } = await against(await serverOf(welcome, answer, ready, ready));
    errOf(await within(query(), 'an error'));
    assert.equal(guest.hostBytes.bytes, 0);
    await close();
  });
}

test('a row that is longer than it may be is refused before it comes', { timeout }, async () => {
  const started = Buffer.concat([message('2', ''), message('D', '', 2_000_000_000)]);
  const { query, guest, close } = await against(await serverOf(welcome, parsed, started), 1_000_000_000);
  const { val } = errOf<{ val: unknown }>(await within(query(), 'an error'));
  assert.deepEqual(val, { tag: 'text', val: 'query result exceeds limit of 134217728 bytes' });
  assert.equal(guest.hostBytes.bytes, 0);
  await close();
});

test('a row that is dropped is bounded, too', { timeout }, async () => {
  const row = message('D', Buffer.from([0, 1, 0, 0, 0, 1, 0]));
  const started = Buffer.concat([message('2', ''), row, message('s', '')]);
  const { query, guest, close } = await against(
    await serverOf(welcome, parsed, started, message('D', '', 2_000_000_000)),
    1_000_000_000,
  );
  const [, rows, end] = okOf<[unknown, ProducedStream<unknown>, Promise<unknown>]>(await query('query-async'));
  await readAll(rows, 1);
  assert.match(JSON.stringify(await within(end, 'the end')), /a row that nobody reads is too long/);
  assert.equal(guest.hostBytes.bytes, 0);
  await close();
});

test('rows without an end meet the limit of the guest', { timeout }, async () => {
  const sent = { bytes: 0 };
  const row = message('D', Buffer.concat([Buffer.from([0, 1, 0, 0, 0xff, 0]), Buffer.alloc(0xff00)]));
  const rows = flood(Buffer.concat(Array<Buffer>(10).fill(row)), sent);
  const bound = (socket: Socket): void => {
    socket.write(message('2', ''));
    rows(socket);
  };
  const { query, close } = await against(await serverOf(welcome, parsed, bound));
  await assert.rejects(within(query(), 'the limit'));
  assert.ok(sent.bytes < 100_000_000, String(sent.bytes));
  await close();
});

test('what comes while nobody asks closes the connection; notices are dropped', { timeout }, async () => {
  const sent = { bytes: 0 };
  const server = await serverOf(flood(Buffer.concat([welcome, message('N', Buffer.alloc(1000))]), sent));
  const { open, guest, close } = await against(server);
  const connection = okOf(await open());
  errOf(await within(guest.call(`${four} [method]connection.query`, connection, 'SELECT 1', []), 'an error'));
  await close();
});

test('a server that answers a reset with nothing costs the connection', { timeout }, async () => {
  let connections = 0;
  const server = await serverOf(welcome);
  server.on('connection', () => {
    connections += 1;
  });
  const { open, guest, close } = await against(server);
  guest.drop(four, 'connection', okOf(await open()));
  okOf(await within(open(), 'another connection'));
  assert.equal(connections, 2);
  await close();
});
