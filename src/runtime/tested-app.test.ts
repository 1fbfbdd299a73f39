// The app that a component of tests reaches is loaded with its first request, its variables and answers are the test's, and
// what it called stays to be asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesBody } from '../host/bytes-body.ts';
import type { HttpRequest } from '../host/http-message.ts';
import { silentLog } from '../telemetry/log.ts';
import { TestedApp, type TestedSurroundings } from './tested-app.ts';

const request: HttpRequest = {
  method: 'GET',
  scheme: 'http',
  authority: 'a',
  target: '/',
  headers: [],
  body: undefined,
};

function tested(answers = true) {
  const seen = { loads: [] as TestedSurroundings[], closed: 0 };
  const app = new TestedApp(async (surroundings) => {
    seen.loads.push(surroundings);
    const http = {
      log: silentLog,
      handle: async () => ({ status: 204, headers: [], body: undefined }),
      dispatch: () => assert.fail(),
    };
    return { http: answers ? http : undefined, close: async () => void seen.closed++ };
  });
  const ask = (url: string, body = '') => {
    const [loaded] = seen.loads;
    const given = {
      method: 'POST',
      url,
      headers: [
        ['host', 'x'],
        ['a', '1'],
      ] as const,
      body: Buffer.from(body),
    };
    return (loaded ?? assert.fail('it is not loaded')).virtual.answer(given);
  };
  return { app, seen, ask };
}

test('it is loaded once, with the variables that are set before and later', async () => {
  const { app, seen } = tested();
  app.setVariable('a', '1');
  await app.close();
  assert.equal(seen.closed, 0, 'nothing was loaded');
  const [one, two] = await Promise.all([app.request(request), app.request(request)]);
  assert.deepEqual([one?.status, two?.status, seen.loads.length], [204, 204, 1]);
  app.setVariable('__proto__', '2');
  assert.deepEqual(Object.entries(seen.loads[0]?.variables ?? {}), [
    ['a', '1'],
    ['__proto__', '2'],
  ]);
  await app.close();
  assert.equal(seen.closed, 1);
});

test('an app that no request can reach says so, and one that cannot be loaded is closed all the same', async () => {
  await assert.rejects(tested(false).app.request(request), { message: 'no HTTP request can reach the app' });
  const broken = new TestedApp(() => Promise.reject(new Error('no')));
  await assert.rejects(broken.request(request), { message: 'no' });
  await broken.close();
});

test('requests get the answers of the test, as often as they ask; what has none is noted', async () => {
  const { app, ask } = tested();
  const headers = [['b', '\u00e4']] as const;
  app.answer('HTTP://Example.com/x', { status: 201, headers, body: bytesBody(Buffer.from('fine')) });
  app.answer('no url', 'echo');
  app.answer('http://empty/', { status: 200, headers: [], body: undefined });
  await app.request(request);
  for (let count = 0; count < 2; count++) {
    assert.deepEqual(await ask('http://example.com/x'), {
      status: 201,
      headers: [['b', '\u00e4']],
      body: new Uint8Array(Buffer.from('fine')),
    });
  }
  assert.deepEqual(await ask('no url', 'said'), { status: 200, headers: [['a', '1']], body: Buffer.from('said') });
  assert.equal((await ask('http://empty/'))?.body.length, 0);
  assert.deepEqual(app.unanswered, []);
  assert.equal(await ask('http://example.com/y'), undefined);
  assert.deepEqual(app.unanswered, ['POST http://example.com/y']);
});

test('calls on stores are kept by their labels, in their order', async () => {
  const { app, seen } = tested();
  await app.request(request);
  const record = seen.loads[0]?.virtual.record ?? assert.fail();
  record('a', { tag: 'get', val: '1' });
  record('b', { tag: 'get-keys' });
  record('a', { tag: 'delete', val: '2' });
  assert.deepEqual(
    [...app.calls],
    [
      [
        'a',
        [
          { tag: 'get', val: '1' },
          { tag: 'delete', val: '2' },
        ],
      ],
      ['b', [{ tag: 'get-keys' }]],
    ],
  );
});
