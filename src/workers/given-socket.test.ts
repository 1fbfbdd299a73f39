// Sockets with a path: what is in the way and what is not, permissions, and their end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeWay, shareGivenSocket } from './given-socket.ts';
import type { ListenSocket } from './listen-socket.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-given-socket-'));
after(() => rmSync(folder, { recursive: true }));

async function read(path: string): Promise<string> {
  let text = '';
  for await (const chunk of connect(path).setEncoding('utf8')) text += chunk;
  return text;
}

const isBusy = { code: 'listen-failed', message: /b\.sock: somebody listens there/ };

test('a socket with a path has its mode from the start', async () => {
  const path = join(folder, 'a.sock');
  const before = process.umask();
  const sockets = await shareGivenSocket({ path, mode: 0o640 });
  assert.equal(process.umask(), before);
  assert.equal(lstatSync(path).mode & 0o777, 0o640);
  sockets.release(sockets.open());
});

test('a socket at which nobody listens is in the way of nobody; one that is served is, and so is any other file', async () => {
  const path = join(folder, 'b.sock');
  // Bound, and never listened on: as it stays behind when a process is killed.
  const { _createServerHandle } = net as typeof net & { _createServerHandle: (...args: unknown[]) => ListenSocket };
  _createServerHandle(path, -1, -1, undefined);
  await makeWay(path);
  assert.equal(existsSync(path), false);
  const server = createServer((connection) => connection.on('error', () => undefined).end('hello')).listen(path);
  await once(server, 'listening');
  await assert.rejects(makeWay(path), isBusy);
  await assert.rejects(shareGivenSocket({ path }), isBusy);
  assert.equal(await read(path), 'hello');
  await new Promise((done) => server.close(done));
  const file = join(folder, 'file');
  writeFileSync(file, 'mine');
  await assert.rejects(makeWay(file), { message: /there is a file that is no socket/ });
  assert.ok(existsSync(file));
});

test('paths that cannot be', async () => {
  await assert.rejects(makeWay(join(folder, 'no', 'x.sock')), { message: /there is no folder ".*no"/ });
  await assert.rejects(makeWay(`/tmp/${'x'.repeat(103)}`), { message: /107 bytes at most/ });
});

test('a descriptor that is no socket', async () => {
  await assert.rejects(shareGivenSocket({ fd: 9_999 }), { code: 'listen-failed', message: /descriptor 9999/ });
});

test('workers share one, which is closed with the last of them', async () => {
  const path = join(folder, 'c.sock');
  const sockets = await shareGivenSocket({ path });
  const [one, two] = [sockets.open(), sockets.open()];
  assert.equal(one, two);
  sockets.release(one);
  assert.ok(existsSync(path));
  sockets.release(two);
  assert.equal(existsSync(path), false);
});
