// The library as a program of Node uses it: requests in all forms, failures that are told, limits, permissions.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type FailedRequest, type LibraryOptions, load, type MayflyError, type ScriptSource } from '../../src/index.ts';

const timeout = { timeout: 60_000 };
const open: { close(): Promise<void> }[] = [];
after(() => Promise.all(open.map((app) => app.close())));

async function opened(from: string | ScriptSource, options?: LibraryOptions) {
  const app = await load(from, options);
  open.push(app);
  return app;
}

const echo = `export default {
  async fetch(request) {
    return Response.json([request.method, new URL(request.url).pathname, request.headers.get('x'), await request.text()]);
  },
};`;

test('a request as a text, as a URL, and with what fetch takes beside it', timeout, async () => {
  const app = await opened({ script: echo });
  const json = async (...given: Parameters<typeof app.fetch>): Promise<unknown> => (await app.fetch(...given)).json();
  assert.deepEqual(await json('http://app/a'), ['GET', '/a', null, '']);
  assert.deepEqual(await json(new URL('http://app/b')), ['GET', '/b', null, '']);
  const init = { method: 'POST', headers: { x: '1' }, body: 'text' };
  assert.deepEqual(await json('http://app/c', init), ['POST', '/c', '1', 'text']);
  assert.deepEqual(await json(new Request('http://app/d', init), { headers: { x: '2' } }), ['POST', '/d', '2', 'text']);
  const stream = new Blob(['streamed']).stream();
  assert.deepEqual(await json('http://app/e', { method: 'PUT', body: stream, duplex: 'half' } as RequestInit), [
    ...['PUT', '/e', null, 'streamed'],
  ]);
  await assert.rejects(app.fetch('/relative'), TypeError);
});

test('why a request failed is told, and its answer can be read', timeout, async () => {
  const told: [MayflyError, FailedRequest][] = [];
  const script = `export default {
  fetch(request) {
    if (request.url.endsWith('/loop')) for (;;);
    throw new RangeError('too far');
  },
};`;
  const options = {
    limits: { cpu: '100ms' },
    onError: (...given: [MayflyError, FailedRequest]) => void told.push(given),
  };
  const app = await opened({ script }, options);
  const thrown = await app.fetch('http://app/throws?a=1');
  assert.deepEqual([thrown.status, await thrown.text()], [500, 'Internal Server Error']);
  const looped = await app.fetch('http://app/loop');
  assert.deepEqual([looped.status, await looped.text()], [504, '']);
  const [[first, request], [second]] = told as [[MayflyError, FailedRequest], [MayflyError, FailedRequest]];
  assert.equal(told.length, 2);
  assert.deepEqual([first.code, first.message], ['guest-error', 'RangeError: too far']);
  assert.match(String(first.cause), /^RangeError: too far\n.*index\.ts:4:15/);
  assert.deepEqual(request, { component: 'script', method: 'GET', target: '/throws?a=1' });
  assert.deepEqual([second.code, second.limit?.name], ['guest-cpu-limit', 'cpu']);
});

test('whoever is told of errors may throw', timeout, async () => {
  const script = "export default () => { throw new Error('x'); };";
  const onError = (): void => {
    throw new Error('of the one who is told');
  };
  const app = await opened({ script }, { onError });
  assert.equal((await app.fetch('http://app/')).status, 500);
});

test('mistakes are told before anything is loaded', timeout, async () => {
  await assert.rejects(load({ script: echo }, { permision: {} } as LibraryOptions), {
    code: 'usage',
    message: "There is no option 'permision'",
    hint: "Did you mean 'permissions'?",
  });
  await assert.rejects(load(null as unknown as string), { code: 'usage' });
  await assert.rejects(load({} as ScriptSource), { code: 'usage', message: 'There are no modules' });
  await assert.rejects(load({ modules: { 'a.ts': '' }, entry: 'b.ts' }), { message: 'There is no module "b.ts"' });
});
