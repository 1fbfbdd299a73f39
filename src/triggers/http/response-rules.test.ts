// What guests, upstream servers and manifests may not say in a response, on each way that it can take.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesBody } from '../../host/bytes-body.ts';
import { type ByteSource, type HeaderList, HttpError, type HttpResponse } from '../../host/http-message.ts';
import { appOf, dispatcherOf, get, testLog, textOf } from './app.test-kit.ts';
import { RawClient } from './client.test-kit.ts';
import { createHttpDispatcher } from './dispatcher.ts';
import { fetchFrom } from './fetch.ts';
import { ruled } from './response-rules.ts';
import { answer, later, serve } from './server.test-kit.ts';

const ofConnection: HeaderList = [
  ['connection', 'close, x'],
  ['keep-alive', 'timeout=9'],
  ['proxy-connection', 'close'],
  ['transfer-encoding', 'chunked'],
  ['te', 'trailers'],
  ['upgrade', 'h2c'],
  ['http2-settings', 'x'],
];

test('fields of the connection and announced trailers break no response, of whatever kind', async () => {
  const headers: HeaderList = [...ofConnection, ['trailer', 'x-sum'], ['x', 'y']];
  const { port, lines } = await serve(async ({ target, method }) => {
    const [, status, kind] = target.split('/');
    const body = kind === 'none' ? undefined : kind === 'whole' ? bytesBody(Buffer.from('hello')) : later('hel', 'lo');
    const sized: HeaderList = kind === 'sized' ? [['content-length', '5']] : [];
    assert.ok(method === 'GET' || method === 'HEAD');
    return { status: Number(status), headers: [...headers, ...sized], body };
  });
  for (const version of ['1.0', '1.1']) {
    for (const method of ['GET', 'HEAD']) {
      for (const [status, text] of [
        [200, 'OK'],
        [204, 'No Content'],
        [205, 'Reset Content'],
        [299, ''],
        [304, 'Not Modified'],
        [404, 'Not Found'],
        [599, ''],
      ] as const) {
        for (const kind of ['none', 'whole', 'sized', 'pieces']) {
          const what = `${method} ${status} ${kind} HTTP/${version}`;
          const client = await RawClient.connect(port);
          client.send(`${method} /${status}/${kind} HTTP/${version}\r\nHost: h\r\nConnection: close\r\n\r\n`);
          const [head = '', ...rest] = (await client.end()).split('\r\n\r\n');
          const bodiless = method === 'HEAD' || [204, 205, 304].includes(status) || kind === 'none';
          const chunked = version === '1.1' && kind === 'pieces' && !bodiless;
          assert.ok(head.startsWith(`HTTP/1.1 ${status} ${text}\r\n`), `${what}: ${head}`);
          assert.match(head, /\r\nx: y/, what);
          assert.match(head, /\r\nconnection: close$/im, what);
          assert.doesNotMatch(head, /keep-alive|proxy-connection|\r\nte:|upgrade|http2-settings|close, x/i, what);
          assert.equal(/\r\ntransfer-encoding: chunked/i.test(head), chunked, what);
          assert.equal(/\r\ntrailer: x-sum/i.test(head), chunked, what);
          if (status === 204) assert.doesNotMatch(head, /content-length/i, what);
          const body = rest.join('\r\n\r\n');
          assert.equal(body, bodiless ? '' : chunked ? '3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n' : 'hello', what);
        }
      }
    }
  }
  assert.deepEqual(lines, []);
});

test('a static response of a manifest is under the same rules', async () => {
  const log = testLog();
  const headers = { Connection: 'close', 'Transfer-Encoding': 'chunked', Trailer: 'x', 'Content-Length': '99', A: 'b' };
  const action = { kind: 'static-response', status: 200, headers, body: 'hello' } as const;
  const app = appOf({ '/...': action, '/teapot': { ...action, status: 999 } });
  const dispatcher = createHttpDispatcher({ app, handlerFor: () => undefined, log });
  const response = await dispatcher.handle(get('/x'), { clientAddress: '' });
  assert.deepEqual(response.headers, [
    ['trailer', 'x'],
    ['a', 'b'],
  ]);
  assert.equal(await textOf(response.body), 'hello');
  assert.equal((await dispatcher.handle(get('/teapot'), { clientAddress: '' })).status, 500);
});

test('trailers that would frame or route the message are left out', async () => {
  const list: HeaderList = [
    ['x-sum', '9'],
    ['content-length', '3'],
    ['transfer-encoding', 'chunked'],
    ['host', 'h'],
    ['trailer', 'x'],
    ['connection', 'close'],
  ];
  const { port } = await serve(async () => answer('', { body: { ...later('abc'), trailers: () => list } }));
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  assert.match(await client.end(), /3\r\nabc\r\n0\r\nx-sum: 9\r\n\r\n$/);
});

/** What becomes of a response: `status` before it begins, or the body, or 'broken' for one that does not end well. */
type Way = (response: () => HttpResponse, method: string) => Promise<string>;

const socket =
  (version: string): Way =>
  async (response, method) => {
    const { port } = await serve(async () => response());
    const client = await RawClient.connect(port);
    client.send(`${method} / HTTP/${version}\r\nHost: h\r\nConnection: close\r\n\r\n`);
    const all = await client.end().catch(() => 'HTTP/1.1 200 reset\r\n\r\n');
    const [head = '', ...rest] = all.split('\r\n\r\n');
    const status = head.slice(9, 12);
    if (status !== '200') return status;
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    const body = rest.join('\r\n\r\n');
    if (method === 'HEAD') return `${length}`;
    if (length !== undefined) return Number(length) === body.length ? body : 'broken';
    return body.endsWith('0\r\n\r\n') ? body.replaceAll(/(?:\r\n)?\w+\r\n(?=[a-z]|\r\n$)/g, '').trim() : 'broken';
  };

const library: Way = async (response, method) => {
  const dispatcher = dispatcherOf(async () => response());
  const answered = await fetchFrom(dispatcher, new Request('http://h/', { method }));
  if (answered.status !== 200) return String(answered.status);
  if (method === 'HEAD') return String(answered.headers.get('content-length'));
  return answered.text().catch(() => 'broken');
};

const chained: Way = async (response, method) => {
  const dispatcher = dispatcherOf(async () => response());
  const answered = await dispatcher.dispatch('main', { ...get('/'), method });
  if (answered.status !== 200) return String(answered.status);
  if (method === 'HEAD') return String(answered.headers.find(([name]) => name === 'content-length')?.[1]);
  return textOf(answered.body).catch(() => 'broken');
};

const ways: Readonly<Record<string, Way>> = {
  'HTTP/1.0': socket('1.0'),
  'HTTP/1.1': socket('1.1'),
  library,
  chained,
};

function make(status: number, length: readonly string[], body: () => ByteSource | undefined): () => HttpResponse {
  return () => ({ status, headers: length.map((value) => ['content-length', value] as const), body: body() });
}

const whole = () => bytesBody(Buffer.from('abc'));
const pieces = () => later('a', 'bc');

for (const [name, way] of Object.entries(ways)) {
  test(`${name}: statuses that are none, and lengths that are not kept, never pass as whole`, async () => {
    for (const status of [0, 99, 100, 101, 199, 600, 999, 1000]) {
      assert.equal(await way(make(status, [], whole), 'GET'), '500', String(status));
    }
    for (const length of [['x'], ['-1'], ['3', '4'], ['3, 3'], [''], ['1e1'], ['9'.repeat(20)]]) {
      assert.equal(await way(make(200, length, whole), 'GET'), '500', length.join());
      assert.equal(await way(make(200, length, pieces), 'GET'), '500', length.join());
      assert.equal(
        await way(
          make(200, length, () => undefined),
          'HEAD',
        ),
        '500',
        length.join(),
      );
    }
    for (const length of ['2', '4']) {
      assert.equal(await way(make(200, [length], whole), 'GET'), '500');
      assert.equal(
        await way(
          make(200, [length], () => undefined),
          'GET',
        ),
        '500',
      );
      assert.equal(await way(make(200, [length], pieces), 'GET'), 'broken', length);
    }
    for (const body of [whole, pieces]) {
      assert.equal(await way(make(200, ['3'], body), 'GET'), 'abc');
      assert.equal(await way(make(200, ['3', '3'], body), 'GET'), 'abc');
    }
    assert.equal(
      await way(
        make(200, ['7'], () => undefined),
        'HEAD',
      ),
      '7',
    );
    assert.equal(await way(make(200, ['7'], pieces), 'HEAD'), '7');
    assert.equal(await way(make(204, ['7'], whole), 'GET'), '204');
  });

  test(`${name}: a body that fails in the middle does not look whole`, async () => {
    const failing = () => later('abc', new HttpError('HTTP-response-incomplete', 'lost'));
    assert.equal(await way(make(200, [], failing), 'GET'), 'broken');
    assert.equal(
      await way(
        make(200, ['3'], () => later('ab', new Error('lost'))),
        'GET',
      ),
      'broken',
    );
    const trailers = () => Promise.reject(new HttpError('internal-error', 'lost'));
    if (name !== 'chained') {
      assert.equal(
        await way(
          make(200, [], () => ({ ...later('abc'), trailers })),
          'GET',
        ),
        'broken',
      );
    }
  });
}

test('what is refused is cancelled', () => {
  const cases: [number, HeaderList, number | undefined][] = [
    [600, [], undefined],
    [200, [['content-length', 'x']], undefined],
    [200, [['content-length', '2']], 3],
  ];
  for (const [status, headers, length] of cases) {
    let cancelled = false;
    const body: ByteSource = { length, read: () => undefined, cancel: () => (cancelled = true) };
    assert.throws(() => ruled({ status, headers, body }, 'GET'), HttpError);
    assert.ok(cancelled);
  }
});

test('a length that is said twice is said once', () => {
  const twice: HeaderList = [
    ['content-length', '3'],
    ['x', 'y'],
    ['content-length', '3'],
  ];
  const body = (): ByteSource => ({ length: 3, read: () => undefined, cancel() {} });
  const fields = (status: number, method = 'GET') => ruled({ status, headers: twice, body: body() }, method).headers;
  assert.deepEqual(fields(200), twice.slice(0, 2));
  assert.deepEqual(fields(304), twice.slice(0, 2));
  assert.deepEqual(fields(200, 'HEAD'), twice.slice(0, 2));
  assert.deepEqual([fields(204), fields(205)], [[['x', 'y']], [['x', 'y']]]);
  assert.throws(() => ruled({ status: 200, headers: [...twice, ['content-length', '4']], body: body() }, 'GET'), {
    code: 'HTTP-protocol-error',
  });
});

test('each field of a connection is left out, its neighbours by name stay', () => {
  for (const name of [
    ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'upgrade', 'http2-settings'],
  ]) {
    const headers: HeaderList = [
      [name, 'x'],
      [`${name}-x`, 'y'],
    ];
    assert.deepEqual(ruled({ status: 200, headers, body: undefined }, 'GET').headers, [[`${name}-x`, 'y']], name);
  }
});

test('statuses: the first and the last that are final', () => {
  for (const [status, fine] of [
    [199, false],
    [200, true],
    [599, true],
    [600, false],
  ] as const) {
    const rule = () => ruled({ status, headers: [], body: undefined }, 'GET').status;
    if (fine) assert.equal(rule(), status);
    else assert.throws(rule, { code: 'HTTP-protocol-error', message: `the guest answered with status ${status}` });
  }
});

test('a response that keeps to the rules is passed on as it is', () => {
  const response = answer('abc', {
    headers: [
      ['content-length', '3'],
      ['trailer', 'x'],
    ],
  });
  assert.equal(ruled(response, 'GET'), response);
});
