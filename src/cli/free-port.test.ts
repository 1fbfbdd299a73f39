// A port that is taken is passed over, ten times at most.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { findFreePort } from './free-port.ts';

const host = '127.0.0.1';

test('the next free port is taken', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  await once(server.listen(0, host), 'listening');
  const { port } = server.address() as AddressInfo;
  const found = await findFreePort({ host, port });
  assert.ok(found.port > port && found.port < port + 10, `${found.port} after ${port}`);
  await new Promise((done) => server.close(done));
  assert.deepEqual(await findFreePort({ host, port }), { host, port });
});

test('there is an error when all of them are taken', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  await once(server.listen(65_535, host), 'listening');
  await assert.rejects(findFreePort({ host, port: 65_535 }), { code: 'listen-failed', hint: /--listen/ });
});
