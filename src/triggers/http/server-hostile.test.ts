// Clients that are wrong, slow, greedy, or gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from './app.test-kit.ts';
import { RawClient } from './client.test-kit.ts';
import { answer, endless, hello, serve } from './server.test-kit.ts';
import { eventually, within } from './wait.test-kit.ts';

test('a flood of pipelined requests ends with the connection, not with the memory', async () => {
  const { port, seen } = await serve(() => new Promise(() => {}));
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(5000));
  await client.end().catch(() => {});
  assert.ok(seen.length <= 100, `${seen.length} requests`);
});

test('what is no clean HTTP is refused, and no guest sees it', async () => {
  const { port, seen } = await serve(hello);
  const bad: [string, string][] = [
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['host is no authority', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['host with user', 'GET / HTTP/1.1\r\nHost: u@b\r\n\r\n'],
    ['bare CR between headers', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n'],
    ['bare CR at the end', 'GET / HTTP/1.1\r\nHost: a\r\n\rGET /x HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['space before the colon', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello'],
    ['line folding', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b: c\r\n\r\n'],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    ['length is no number', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello'],
    ['unknown coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['NUL in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ['bytes outside ASCII in the target', 'GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['no such version', 'GET / HTTP/3.1\r\nHost: a\r\n\r\n'],
    ['no HTTP', 'hello there\r\n\r\n'],
  ];
  for (const [name, text] of bad) {
    const client = await RawClient.connect(port);
    client.send(text);
    const all = await client.end();
    assert.match(all, /^HTTP\/1.1 400 /, name);
    assert.doesNotMatch(all, /hello$/, name);
  }
  const late = await RawClient.connect(port);
  late.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n');
  await late.end();
  assert.equal(seen.filter(({ body }) => body === undefined).length, 0);
});

test('chunk extensions without end (CVE-2024-22019) end the connection', async () => {
  const { port } = await serve(async (request) => {
    let bytes = 0;
    for (let chunk = await request.body?.read(); chunk; chunk = await request.body?.read()) bytes += chunk.length;
    return answer(String(bytes));
  });
  const client = await RawClient.connect(port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
  client.send(`1;${'x'.repeat(1_000_000)}\r\na\r\n0\r\n\r\n`);
  const answered = await client.end().catch((error: NodeJS.ErrnoException) => error.code ?? '');
  assert.match(answered, /^(HTTP\/1.1 4|ECONNRESET)/);
});

test('too many or too large headers: 431', async () => {
  const { port, seen } = await serve(hello, { headerCount: 10, headerBytes: 2000 });
  const many = Array.from({ length: 10 }, (_, at) => `x-${at}: v\r\n`);
  for (const [headers, status] of [
    [many.slice(0, 9).join(''), 200],
    [many.join(''), 431],
    ['x: v\r\n'.repeat(300), 431],
    [`x: ${'v'.repeat(3000)}\r\n`, 431],
  ] as const) {
    const client = await RawClient.connect(port);
    client.send(`GET / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
    assert.match((await client.response()).head, new RegExp(`^HTTP/1.1 ${status} `));
    client.close();
  }
  assert.equal(seen.length, 1);
});

test('a head that never ends is cut off', async () => {
  const { port } = await serve(hello, { headerMs: 100 });
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\nX: ');
  assert.match(await client.end(), /^(HTTP\/1.1 408 |$)/);
});

test('a body that stalls fails for the guest, one that nobody takes is cut off', async () => {
  const failure = Promise.withResolvers<unknown>();
  const download = endless();
  const { port } = await serve(
    async ({ method, body }) => {
      if (method === 'GET') return { status: 200, headers: [], body: download };
      await textOf(body).catch(failure.resolve);
      return answer('stalled');
    },
    { bodyIdleMs: 50, writeIdleMs: 50, lingerMs: 50 },
  );
  const upload = await RawClient.connect(port);
  upload.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
  assert.match(
    String(await within(failure.promise, 'the guest hears that its body stalls')),
    /no bytes came for 50 ms/,
  );
  assert.equal((await upload.response()).body, 'stalled');
  assert.equal(await upload.end(), '');
  const client = await RawClient.connect(port, { paused: true });
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => download.cancelled, 'the download that nobody takes is cancelled');
  client.close();
});

test('a client that goes away aborts the signal and cancels the body', async () => {
  for (const reset of [false, true]) {
    const gone = Promise.withResolvers<void>();
    const body = endless();
    const { port } = await serve(
      async ({ target }, { signal }) => {
        signal!.addEventListener('abort', () => gone.resolve());
        return target === '/wait' ? new Promise(() => {}) : { status: 200, headers: [], body };
      },
      { halfClosedMs: 50 },
    );
    const waiting = await RawClient.connect(port);
    waiting.send('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (reset) waiting.reset();
    else waiting.close();
    await within(gone.promise, 'the signal of a client that went away');
    const reading = await RawClient.connect(port);
    reading.send('GET /stream HTTP/1.1\r\nHost: a\r\n\r\n');
    await reading.until('\r\n\r\n');
    if (reset) reading.reset();
    else reading.close();
    await eventually(() => body.cancelled, 'the body of a client that went away is cancelled');
  }
});

test('a client that goes away in the middle of its body fails the body', async () => {
  const failed = Promise.withResolvers<unknown>();
  const { port } = await serve(async ({ body }) => {
    await textOf(body).catch(failed.resolve);
    return answer('');
  });
  const client = await RawClient.connect(port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.reset();
  assert.match(
    String(await within(failed.promise, 'the guest hears that its client went away')),
    /went away in the middle/,
  );
});

test('a request body that the guest leaves is thrown away for a while, then the connection closes', async () => {
  const { port } = await serve(hello, { lingerMs: 100 });
  const small = await RawClient.connect(port);
  small.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n');
  assert.equal((await small.response()).body, 'hello');
  small.send('abcGET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await small.response()).body, 'hello');
  small.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc');
  assert.equal((await small.response()).body, 'hello');
  await small.end();
});

test('a client that does not read holds the guest back', async () => {
  const body = endless();
  const { port } = await serve(async () => ({ status: 200, headers: [], body }));
  const client = await RawClient.connect(port, { paused: true });
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  let taken = -1;
  while (body.taken !== taken) {
    taken = body.taken;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(taken > 0 && taken < 64 * 1024 * 1024, `${taken} bytes taken`);
  client.close();
});

test('a guest that does not read holds the client back', async () => {
  const { port } = await serve(() => new Promise(() => {}));
  const client = await RawClient.connect(port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n');
  let sent = 0;
  while (client.send(Buffer.alloc(65_536)) && sent < 1e9) sent += 65_536;
  while (client.waiting > 0 && sent < 64e6) {
    const before = client.waiting;
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (client.waiting === before) break;
  }
  assert.ok(client.waiting > 0);
  client.close();
});

/** Numbers below `limit`, the same in each run. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % limit;
  };
}

test('mutilated requests end in an answer or a closed connection, and what reaches guests is well-formed', async () => {
  const { port, seen } = await serve(async ({ body }) => answer(await textOf(body).catch(() => 'broken')), {
    headerMs: 200,
    bodyIdleMs: 50,
    lingerMs: 50,
  });
  const random = randomFrom(7);
  const whole =
    'POST /a?b HTTP/1.1\r\nHost: h:1\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n';
  const odd = [
    '\r',
    '\n',
    '\0',
    ' ',
    ':',
    '\t',
    '\xff',
    '0',
    'ffffffffffffffff',
    'Content-Length: 3\r\n',
    '\r\n\r\n',
    '%00',
  ];
  const mutilate = (): string => {
    let text = whole;
    for (let times = 1 + random(3); times > 0; times--) {
      const at = random(text.length);
      text = text.slice(0, at) + odd[random(odd.length)] + text.slice(at + random(4));
    }
    return text;
  };
  const attempt = async (): Promise<void> => {
    const client = await RawClient.connect(port);
    client.send(mutilate());
    client.halfClose();
    await client.end().catch(() => {});
  };
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 20 }, attempt));
  assert.ok(seen.length > 0);
  for (const { method, target, authority, headers } of seen) {
    assert.match(method, /^[A-Z]+$/);
    assert.match(target, /^(?:\/[\x21-\x7e]*|\*)$/);
    assert.match(authority, /^[\x21-\x7e]+$/);
    for (const [name, value] of headers) {
      assert.match(name, /^[a-z0-9!#$%&'*+.^_`|~-]+$/);
      assert.match(value, /^[\t\x20-\x7e\x80-\xff]*$/);
    }
  }
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.match((await client.response()).head, /^HTTP\/1.1 200 /);
  client.close();
});
