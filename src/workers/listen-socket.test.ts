// All workers serve one port, each with a socket of its own where the kernel spreads connections.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { freePort } from '../../test/support/servers/free-port.ts';
import { type ListenSocket, type OpenSockets, openSockets } from './listen-socket.ts';

const HOST = '127.0.0.1';

async function sockets(port = 0): Promise<OpenSockets> {
  return openSockets(HOST, port);
}

type Handle = ListenSocket & { getsockname(out: { port?: number }): number };
type Create = (host: string, port: number, family: number, fd: undefined, flags: number) => Handle | number;
const ours = net as typeof net & { _createServerHandle: Create };

/** What is bound from here on: the flags of each, and how many were closed. */
function watch(t: TestContext, refuse: (flags: number) => number | undefined = () => undefined) {
  const seen = { flags: [] as number[], closed: 0 };
  const create = ours._createServerHandle;
  t.mock.method(
    ours,
    '_createServerHandle',
    (host: string, port: number, family: number, fd: undefined, flags: number) => {
      seen.flags.push(flags);
      const refused = refuse(flags);
      if (refused !== undefined) return refused;
      const handle = create(host, port, family, fd, flags);
      if (typeof handle === 'number') return handle;
      const close = handle.close.bind(handle);
      handle.close = () => {
        seen.closed++;
        close();
      };
      return handle;
    },
  );
  return seen;
}

const portOf = (socket: ListenSocket): number => {
  const out: { port?: number } = {};
  (socket as Handle).getsockname(out);
  return out.port ?? 0;
};

test('any port: the real one is told, and every worker gets a socket of its own on it', async (t) => {
  const seen = watch(t);
  const source = await sockets();
  assert.ok(source.address.port > 0);
  assert.equal(source.address.host, HOST);
  const all = [source.open(), source.open(), source.open()];
  assert.equal(new Set(all).size, source.isSpread ? 3 : 1);
  for (const socket of all) assert.equal(portOf(socket), source.address.port);
  if (source.isSpread) assert.deepEqual(seen.flags, [2, 2, 2]);
  for (const socket of all) source.release(socket);
  assert.equal(seen.closed, source.isSpread ? 3 : 1);
});

test('a certain port is the one that is used', async () => {
  const port = await freePort();
  const source = await sockets(port);
  assert.equal(source.address.port, port);
  source.release(source.open());
});

test('where the kernel does not spread connections all workers share one socket, closed with the last of them', async (t) => {
  const seen = watch(t, (flags) => (flags === 2 ? -95 : undefined));
  const source = await sockets();
  assert.equal(source.isSpread, false);
  assert.deepEqual(seen.flags, [2, 0]);
  const all = [source.open(), source.open()];
  assert.equal(all[0], all[1]);
  assert.equal(portOf(all[0] as ListenSocket), source.address.port);
  source.release(all[0] as ListenSocket);
  assert.equal(seen.closed, 0);
  source.release(all[1] as ListenSocket);
  assert.equal(seen.closed, 1);
});

test('why it cannot listen', async (t) => {
  const other = createServer().listen(0, HOST);
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  const failed = (message: RegExp) => ({ code: 'listen-failed', message });
  await assert.rejects(
    sockets(port),
    failed(new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use`)),
  );
  await assert.rejects(openSockets('192.0.2.1', await freePort()), failed(/the address is not one of this machine/));
  await assert.rejects(openSockets('192.0.2.1', 0), failed(/the address is not one of this machine/));
  await assert.rejects(openSockets('no.such.name.invalid', 0), failed(/the name cannot be resolved/));
});

test('rights that are missing, and errors without words of their own', async (t) => {
  const refused = { code: -13 };
  watch(t, () => refused.code);
  await assert.rejects(sockets(), { message: /the port needs rights that this process does not have/ });
  refused.code = -98;
  await assert.rejects(sockets(), { message: /the port is in use/ });
  refused.code = -24;
  await assert.rejects(sockets(), { message: /EMFILE$/ });
});

test('a socket that is taken by the time that its name is asked is closed again', async (t) => {
  const closed: string[] = [];
  t.mock.method(ours, '_createServerHandle', (_: string, __: number, ___: number, ____: undefined, flags: number) => ({
    getsockname: () => -98,
    close: () => void closed.push(`flags ${flags}`),
  }));
  await assert.rejects(sockets(), { message: /the port is in use/ });
  assert.deepEqual(closed, ['flags 2', 'flags 0']);
});
