// `reuse`: a sandbox that serves several requests keeps what its guest left in memory, up to its number and no further.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type SandboxApp, sandboxApp } from '../support/sandbox-app.ts';
import { service } from '../support/service-0.3.ts';
import { strategies } from '../support/strategies.ts';

async function open(guests: Parameters<typeof sandboxApp>[0], options = {}): Promise<SandboxApp> {
  const app = await sandboxApp(guests, options);
  after(() => app.close());
  return app;
}

async function answers(app: SandboxApp, paths: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const path of paths) texts.push((await app.get(path)).text.trim());
  return texts;
}

const counts = (id: string, times: number): string[] => Array.from({ length: times }, () => `/${id}/`);

for (const reset of strategies) {
  test(`with "reuse = 3" a sandbox serves three requests before it is reset (${reset})`, async () => {
    const app = await open({ three: { guest: 'counter-c', settings: 'reuse = 3' } }, { reset });
    assert.deepEqual(await answers(app, counts('three', 7)), ['1', '2', '3', '1', '2', '3', '1']);
    assert.doesNotMatch(app.log(), /differs from its image/);
  });
}

test('without it, and with "reuse = 1", every request starts at the image', async () => {
  const app = await open({ plain: { guest: 'counter-c' }, one: { guest: 'counter-c', settings: 'reuse = 1' } });
  assert.deepEqual(await answers(app, [...counts('plain', 3), ...counts('one', 3)]), ['1', '1', '1', '1', '1', '1']);
});

test('a component that is initialised for each request is so for every third with "reuse = 3"', async () => {
  const app = await open({ three: { guest: 'counter-c', settings: 'reuse = 3\npreinitialize = false' } });
  assert.deepEqual(await answers(app, counts('three', 5)), ['1', '2', '3', '1', '2']);
});

test('a trap ends the reuse, and what the guest had planted is gone', async () => {
  const app = await open({ secret: { guest: 'secret-c', settings: 'reuse = 100' } });
  const secret = 'c0ffee00c0ffee11c0ffee22c0ffee33';
  const search = `/secret/search?inverted=${Buffer.from(Buffer.from(secret, 'hex').map((byte) => byte ^ 0xff)).toString('hex')}`;
  assert.equal((await app.get(`/secret/plant?secret=${secret}`)).status, 200);
  assert.doesNotMatch((await app.get(search)).text, /^found 0 times/);
  assert.equal((await app.get(`/secret/plant?secret=${secret}&then=trap`)).status, 500);
  assert.match((await app.get(search)).text, /^found 0 times/);
});

test('a guest that keeps handles of its request is put back to its image instead of failing in the next one', async () => {
  const app = await open({ js: { guest: 'web-js', settings: 'reuse = 100' } });
  const statuses: number[] = [];
  for (let turn = 0; turn < 4; turn++) statuses.push((await app.get('/js/none')).status);
  assert.deepEqual(statuses, [404, 404, 404, 404]);
});

/** Sends its request on; the status of the response counts the requests of this memory. */
async function countingProxy(authority: string): Promise<Uint8Array> {
  const bytes = Buffer.from(authority);
  const stores = [...bytes].map((byte, at) => `(i32.store8 (i32.const ${600 + at}) (i32.const ${byte}))`).join(' ');
  return service(
    'stackful',
    ['setAuthority', 'send', 'setStatus', 'taskReturn'],
    `${stores}
     (i32.store (i32.const 900) (i32.add (i32.load (i32.const 900)) (i32.const 1)))
     (drop (call $set-authority (local.get $request) (i32.const 1) (i32.const 600) (i32.const ${bytes.length})))
     (call $send (local.get $request) (i32.const 64))
     (if (i32.load8_u (i32.const 64)) (then unreachable))
     (drop (call $set-status (i32.load (i32.const 72)) (i32.add (i32.const 200) (i32.load (i32.const 900)))))
     (call $respond (i32.load (i32.const 72)))`,
  );
}

test('a guest of WASI 0.3 is reused as one of 0.2 is', async () => {
  const backend = createServer((_, res) => res.end('from behind'));
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  after(() => backend.close().closeAllConnections());
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-reuse-'));
  after(() => rm(folder, { recursive: true }));
  const guest = join(folder, 'proxy.wasm');
  await writeFile(guest, await countingProxy(`127.0.0.1:${(backend.address() as AddressInfo).port}`));
  const app = await open({ proxy: { guest, settings: 'reuse = 2', allowedHosts: ['http://127.0.0.1:*'] } });
  const seen: string[] = [];
  for (let turn = 0; turn < 4; turn++) {
    const { status, text } = await app.get('/proxy/');
    seen.push(`${status} ${text}`);
    // The answer is out before the guest's tasks have ended and its sandbox is back.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(seen, ['201 from behind', '202 from behind', '201 from behind', '202 from behind']);
});

test('commands run once in their sandbox, and the log says so', async () => {
  const app = await open({ cgi: { guest: 'cgi-c', settings: 'reuse = 5' } });
  assert.match(app.log(), /"component":"cgi".*"event":"component-not-reused"/);
});
