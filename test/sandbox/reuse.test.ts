// `reuse`: a sandbox that serves several requests keeps what its guest left in memory, up to its number and no further.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type SandboxApp, sandboxApp } from '../support/sandbox-app.ts';
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

test('commands run once in their sandbox, and the log says so', async () => {
  const app = await open({ cgi: { guest: 'cgi-c', settings: 'reuse = 5' } });
  assert.match(app.log(), /Sandboxes of component \\"cgi\\" are not reused/);
});
