// Clients of HTTP/2 that are wrong, slow, greedy, or gone: each flood ends with its connection, memory stays flat, and
// other connections are served. One file, since each test turns one screw of the same server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../../test/support/random.ts';
import { answer, endless, hello, later, type Served, serve } from '../server.test-kit.ts';
import { eventually, within } from '../wait.test-kit.ts';
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  type Frame,
  FrameClient,
  fields,
  frame,
  GOAWAY,
  get,
  HEADERS,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  requestFields,
  SETTINGS,
  settings,
  uint32,
  WINDOW_UPDATE,
} from './frames.test-kit.ts';

/** Error codes of RFC 9113, 7. */
const PROTOCOL_ERROR = 1;
const REFUSED_STREAM = 7;
const CANCEL = 8;
const ENHANCE_YOUR_CALM = 11;

type Handler = Parameters<typeof serve>[0];

function serveHttp2(handler: Handler, limits: Parameters<typeof serve>[1] = {}): Promise<Served> {
  return serve(handler, limits, { http2: true });
}

/** Answers GET only. */
const gets: Handler = async ({ method }) => (method === 'GET' ? answer('hello') : new Promise(() => undefined));

const isHead = ({ type }: Frame): boolean => type === HEADERS;
const isReset = ({ type }: Frame): boolean => type === RST_STREAM;
const post = (stream: number, ...more: (readonly [string, string])[]): Buffer =>
  frame(HEADERS, END_HEADERS, stream, fields(...requestFields('/', 'POST'), ...more));

/** MiB by which the memory of this process, which is that of the server, may grow in a flood. */
const MOST_GROWTH = 64;

/** Sends a flood until the server closes the connection, while another connection is served. */
async function floods(port: number, first: Uint8Array, again: Uint8Array): Promise<void> {
  const other = await FrameClient.connect(port);
  const client = await FrameClient.connect(port);
  const before = process.memoryUsage().rss;
  client.send(first);
  await within(client.flood(again), 'the end of a flood');
  await client.closed();
  const grown = (process.memoryUsage().rss - before) / 1024 / 1024;
  assert.ok(grown < MOST_GROWTH, `${Math.round(grown)} MiB more`);
  other.send(get(1));
  await other.next(isHead, 'an answer to another client');
  other.close();
}

const times = (count: number, bytes: Uint8Array): Buffer => Buffer.concat(Array<Uint8Array>(count).fill(bytes));
const nothing = Buffer.alloc(0);

const frameFloods: [string, Uint8Array, Uint8Array][] = [
  ['SETTINGS (CVE-2019-9515)', nothing, times(1000, settings([3, 100]))],
  ['empty SETTINGS', nothing, times(1000, settings())],
  ['PING (CVE-2019-9512)', nothing, times(1000, frame(PING, 0, 0, '12345678'))],
  ['PRIORITY (CVE-2019-9513)', nothing, times(1000, frame(PRIORITY, 0, 1, Buffer.from([0, 0, 0, 3, 1])))],
  ['WINDOW_UPDATE of nothing more than one byte', nothing, times(1000, frame(WINDOW_UPDATE, 0, 0, uint32(1)))],
  ['frames that nobody knows', nothing, times(1000, frame(0x77, 0, 0, 'x'))],
  ['empty DATA (CVE-2019-9518)', post(1), times(1000, frame(DATA, 0, 1))],
  [
    'CONTINUATION (CVE-2024-27316)',
    frame(HEADERS, 0, 1, fields(...requestFields())),
    times(9, frame(CONTINUATION, 0, 1, fields(['x', 'y']))),
  ],
  ['empty CONTINUATION', frame(HEADERS, 0, 1, fields(...requestFields())), times(100, frame(CONTINUATION, 0, 1))],
];

for (const [name, first, again] of frameFloods) {
  test(`a flood of ${name} ends the connection`, async () => {
    const { port } = await serveHttp2(gets, { bufferedBytes: 1024 });
    await floods(port, first, again).catch((error: unknown) => {
      throw new Error(`${name}: ${error}`, { cause: error });
    });
  });
}

test('pings one by one, each of which is answered, end the connection as well', async () => {
  const { port } = await serveHttp2(hello, { controlBytes: 2048, bufferedBytes: 1024 });
  const client = await FrameClient.connect(port);
  let isOver = false;
  while (!isOver) {
    client.send(frame(PING, 0, 0, '12345678'));
    const answered = client.next(({ type }) => type === PING || type === GOAWAY, 'a ping');
    isOver = await answered.then(
      ({ type }) => type === GOAWAY,
      () => true,
    );
  }
  await client.closed();
});

test('a rapid reset (CVE-2023-44487) ends the connection, and few requests reach guests', async () => {
  let running = 0;
  const { port, seen } = await serveHttp2(
    (_, { signal }) => {
      running++;
      return new Promise((resolve) => {
        signal?.addEventListener('abort', () => {
          running--;
          resolve(answer(''));
        });
      });
    },
    { resets: 50, resetsPerSecond: 1 },
  );
  const client = await FrameClient.connect(port);
  const before = process.memoryUsage().rss;
  for (let stream = 1; !client.isClosed; stream += 200) {
    const pairs = Array.from({ length: 100 }, (_, at) => [
      get(stream + at * 2),
      frame(RST_STREAM, 0, stream + at * 2, uint32(CANCEL)),
    ]);
    client.send(...pairs.flat());
    await new Promise(setImmediate);
  }
  await client.closed();
  await eventually(() => running === 0, 'no guest runs for a client that is gone');
  assert.ok(seen.length <= 300, `${seen.length} requests`);
  assert.ok(process.memoryUsage().rss - before < MOST_GROWTH * 1024 * 1024);
});

test('streams that end by mistakes of the client count as resets do (CVE-2025-8671)', async () => {
  const { port, seen } = await serveHttp2(() => new Promise(() => undefined), { resets: 20, resetsPerSecond: 1 });
  const client = await FrameClient.connect(port);
  for (let stream = 1; !client.isClosed; stream += 2) {
    // A window that grows beyond its bounds is an error of the stream. RFC 9113, 6.9.1.
    client.send(get(stream), frame(WINDOW_UPDATE, 0, stream, uint32(2 ** 31 - 1)));
    await new Promise(setImmediate);
  }
  assert.notEqual(await client.closed(), 0);
  assert.ok(seen.length <= 200, `${seen.length} requests`);
});

test('resets within the limit are forgiven as time goes on', async () => {
  const { port } = await serveHttp2(() => new Promise(() => undefined), { resets: 5, resetsPerSecond: 1000 });
  const client = await FrameClient.connect(port);
  for (let round = 0; round < 5; round++) {
    for (let at = 0; at < 4; at++) {
      const stream = 1 + (round * 4 + at) * 2;
      client.send(get(stream), frame(RST_STREAM, 0, stream, uint32(CANCEL)));
    }
    // All of them have been counted when this is answered.
    client.send(frame(PING, 0, 0, '12345678'));
    await client.next(({ type }) => type === PING, 'an answer to a ping');
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  client.close();
});

test('more streams at once than the limit are refused, and those within it are served', async () => {
  const release = Promise.withResolvers<void>();
  const { port, seen } = await serveHttp2(async () => release.promise.then(() => answer('')), { streams: 3 });
  const client = await FrameClient.connect(port);
  client.acknowledges = false;
  client.send(get(1), get(3), get(5), get(7));
  const reset = await client.next(isReset, 'a refusal');
  assert.deepEqual([reset.stream, reset.payload.readUInt32BE()], [7, REFUSED_STREAM]);
  assert.equal(seen.length, 3);
  release.resolve();
  for (let at = 0; at < 3; at++) await client.next(isHead, 'an answer');
  client.close();
  // Who has acknowledged the limit knows it.
  const other = await FrameClient.connect(port);
  await other.next(({ type, flags }) => type === SETTINGS && flags === 0, 'the settings of the server');
  other.send(...[1, 3, 5, 7].map((stream) => post(stream)));
  assert.equal(await other.closed(), PROTOCOL_ERROR);
});

test('settings beyond the limit in one frame end the connection', async () => {
  const { port } = await serveHttp2(hello, { settings: 4 });
  const good = await FrameClient.connect(port, settings(...Array.from({ length: 4 }, () => [3, 100] as const)));
  good.send(get(1));
  await good.next(isHead, 'an answer');
  const bad = await FrameClient.connect(port, settings(...Array.from({ length: 5 }, () => [3, 100] as const)));
  await bad.closed();
  good.close();
});

test('what is kept for one connection is bounded: further requests on it are refused', async () => {
  const { port } = await serveHttp2(async () => answer('x'.repeat(60_000)), { sessionBytes: 1_000_000 });
  const client = await FrameClient.connect(port, settings([4, 0]));
  let answered = 0;
  for (let stream = 1; ; stream += 2) {
    client.send(get(stream));
    const { type, payload } = await client.next((one) => isHead(one) || isReset(one), 'an answer or a refusal');
    if (type === RST_STREAM) {
      assert.equal(payload.readUInt32BE(), ENHANCE_YOUR_CALM);
      break;
    }
    answered++;
  }
  assert.ok(answered >= 8 && answered <= 20, `${answered} answers`);
  client.close();
});

test('fields that are larger than what may be kept end the stream, also when they are compressed', async () => {
  const { port, seen } = await serveHttp2(hello, { headerBytes: 2000, targetBytes: 1000, headerCount: 10 });
  const client = await FrameClient.connect(port);
  // The field of 1 KB is put into the table once, and then named by one byte each (RFC 7541, 6.1).
  const literal = fields(['x', 'v'.repeat(1000)]);
  literal[0] = 0x40;
  const bomb = Buffer.concat([fields(...requestFields()), literal, Buffer.alloc(10_000, 0x80 | 62)]);
  client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, bomb));
  const reset = await client.next(isReset, 'a refusal');
  assert.equal(reset.stream, 1);
  client.send(get(3));
  assert.equal((await client.next(isHead, 'an answer')).stream, 3);
  assert.equal(seen.length, 1);
  client.close();
});

test('a window of nothing: an answer that is not taken ends, and so does the connection', async () => {
  const download = endless();
  const { port } = await serveHttp2(
    async ({ target }) => (target === '/' ? { status: 200, headers: [], body: download } : answer('x'.repeat(5000))),
    { writeIdleMs: 50, lingerMs: 50 },
  );
  for (const path of ['/', '/small']) {
    const client = await FrameClient.connect(port, settings([4, 0]));
    client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, fields(...requestFields(path))));
    await client.next(isReset, `an end of ${path}`);
    await client.closed();
  }
  assert.ok(download.cancelled);
});

test('an answer that is taken bit by bit goes on for longer than the time of one piece', async () => {
  const size = 1_000_000;
  const { port } = await serveHttp2(async () => answer('x'.repeat(size)), { writeIdleMs: 500 });
  const client = await FrameClient.connect(port, settings([4, 0]));
  client.send(get(1), frame(WINDOW_UPDATE, 0, 0, uint32(size)));
  let bytes = 0;
  while (bytes < size) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    client.send(frame(WINDOW_UPDATE, 0, 1, uint32(100_000)));
    for (let given = 0; given < 100_000; ) {
      const { length } = (await client.next(({ type }) => type === DATA, 'a piece')).payload;
      given += length;
      bytes += length;
    }
  }
  client.close();
});

test('a client that reads nothing from its socket is cut off', async () => {
  const download = endless();
  const { port } = await serveHttp2(async () => ({ status: 200, headers: [], body: download }), {
    writeIdleMs: 50,
    lingerMs: 50,
  });
  const client = await FrameClient.connect(
    port,
    Buffer.concat([settings([4, 2 ** 31 - 1]), frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 30))]),
  );
  client.pause();
  client.send(get(1));
  await eventually(() => download.cancelled, 'the download is cancelled');
  client.close();
});

test('a head that never ends, and a connection that brings no request, are closed', async () => {
  const { port } = await serveHttp2(hello, { headerMs: 100, lingerMs: 50 });
  const slow = await FrameClient.connect(port);
  slow.acknowledges = false;
  slow.send(frame(HEADERS, 0, 1, fields(...requestFields())));
  const silent = await FrameClient.connect(port);
  assert.equal(await slow.closed(), 0);
  assert.equal(await silent.closed(), 0);
});

test('a connection without requests is closed after its time, whatever pings it sends', async () => {
  const { port } = await serveHttp2(hello, { keepAliveMs: 100, lingerMs: 50 });
  const client = await FrameClient.connect(port);
  client.send(get(1));
  await client.next(isHead, 'an answer');
  const pings = setInterval(() => client.send(frame(PING, 0, 0, '12345678')), 10);
  assert.equal(await client.closed(), 0);
  clearInterval(pings);
});

test('a request whose body breaks off fails for the guest, also when the reset says that nothing is wrong', async () => {
  for (const code of [0, CANCEL]) {
    const failure = Promise.withResolvers<unknown>();
    const { port } = await serveHttp2(async ({ body }) => {
      try {
        while (await body?.read());
        failure.resolve(undefined);
      } catch (error) {
        failure.resolve(error);
      }
      return answer('');
    });
    const client = await FrameClient.connect(port);
    client.send(post(1), frame(DATA, 0, 1, 'part'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.send(frame(RST_STREAM, 0, 1, uint32(code)));
    assert.match(String(await within(failure.promise, 'the end of the body')), /went away in the middle of a body/);
    client.close();
  }
});

test('a body that stalls fails for the guest, and its answer goes out', async () => {
  const { port } = await serveHttp2(
    async ({ body }) => {
      await body?.read();
      return answer('', {
        status: await Promise.resolve(body?.read()).then(
          () => 200,
          () => 504,
        ),
      });
    },
    { bodyIdleMs: 50 },
  );
  const client = await FrameClient.connect(port);
  client.send(post(1), frame(DATA, 0, 1, 'part'));
  await client.next(isHead, 'an answer');
  const reset = await client.next(isReset, 'the rest of the request is not wanted');
  assert.equal(reset.payload.readUInt32BE(), 0);
  client.close();
});

test('a guest that does not read holds the client back, and not the other requests of its connection', async () => {
  const { port } = await serveHttp2(gets);
  const client = await FrameClient.connect(port);
  const piece = Buffer.alloc(16_384);
  client.send(post(1), frame(DATA, 0, 1, piece), frame(DATA, 0, 1, piece), frame(DATA, 0, 1, piece), get(3));
  assert.equal((await client.next(isHead, 'an answer')).stream, 3);
  // One byte more than the window of the stream. RFC 9113, 6.9.
  client.send(frame(DATA, 0, 1, piece), frame(DATA, 0, 1, 'x'));
  await client.next(({ type }) => type === RST_STREAM || type === GOAWAY, 'an error of flow control');
  client.close();
});

test('what is malformed never reaches a guest', async () => {
  const { port, seen } = await serveHttp2(hello);
  const with_ = (...more: (readonly [string, string])[]): (readonly [string, string])[] => [
    ...requestFields(),
    ...more,
  ];
  const without = (name: string): (readonly [string, string])[] => requestFields().filter(([one]) => one !== name);
  const heads: [string, (readonly [string, string])[]][] = [
    ['no method', without(':method')],
    ['no scheme', without(':scheme')],
    ['no path', without(':path')],
    ['no authority', without(':authority')],
    ['an empty path', with_([':path', ''])],
    ['a path without a slash', [...without(':path'), [':path', 'x']]],
    ['two methods', with_([':method', 'GET'])],
    ['an unknown pseudo field', with_([':unknown', 'x'])],
    ['the status of an answer', with_([':status', '200'])],
    ['a pseudo field behind the others', [...without(':path'), ['x', 'y'], [':path', '/']]],
    ['an extended CONNECT', [[':method', 'CONNECT'], [':protocol', 'websocket'], ...requestFields().slice(1)]],
    ['connection', with_(['connection', 'close'])],
    ['keep-alive', with_(['keep-alive', 'x'])],
    ['proxy-connection', with_(['proxy-connection', 'x'])],
    ['transfer-encoding', with_(['transfer-encoding', 'chunked'])],
    ['upgrade', with_(['upgrade', 'x'])],
    ['te of anything but trailers', with_(['te', 'gzip'])],
    ['a name in upper case', with_(['X-Upper', 'x'])],
    ['two lengths', with_(['content-length', '0'], ['content-length', '1'])],
    ['a length that is no number', with_(['content-length', '+0'])],
    ['a length and no body', with_(['content-length', '5'])],
    ['two hosts', with_(['host', 'a'], ['host', 'b'])],
    ['a space in the path', [...without(':path'), [':path', '/a b']]],
  ];
  const wrong: string[] = [];
  for (const [name, head] of heads) {
    const client = await FrameClient.connect(port);
    client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, fields(...head)));
    const refusal = await client.next(({ type }) => [RST_STREAM, GOAWAY, HEADERS].includes(type), name);
    // :status 400 is number 12 of the static table (RFC 7541, A).
    if (refusal.type === HEADERS && refusal.payload[0] !== (0x80 | 12)) wrong.push(name);
    client.close();
  }
  assert.deepEqual(wrong, []);
  assert.equal(seen.length, 0);
});

test('fields with bytes that they must not have are lost before anybody sees them', async () => {
  const { port, seen } = await serveHttp2(hello);
  const bad = [
    ['x y', 'x'],
    ['', 'x'],
    ['x-lines', 'a\r\nb'],
    ['x-nul', 'a\0b'],
    ['x:y', 'x'],
  ] as const;
  for (const field of bad) {
    const client = await FrameClient.connect(port);
    client.send(get(1, field));
    await client.next(({ type }) => [RST_STREAM, GOAWAY, HEADERS].includes(type), field[0]);
    client.close();
  }
  const all = seen.flatMap(({ headers }) => headers.filter(([name]) => !name.startsWith('spin-') && name !== 'host'));
  assert.deepEqual(all, []);
});

test('a body that is not as long as its length says never passes as whole', async () => {
  for (const body of ['abc', 'abcdefg']) {
    const end = Promise.withResolvers<string>();
    const { port } = await serveHttp2(async (request) => {
      try {
        while (await request.body?.read());
        end.resolve('whole');
      } catch {
        end.resolve('broken');
      }
      return answer('');
    });
    const client = await FrameClient.connect(port);
    client.send(post(1, ['content-length', '5']), frame(DATA, END_STREAM, 1, body));
    assert.equal(await within(end.promise, 'the end of the body'), 'broken');
    client.close();
  }
});

test('frames that are wrong end the connection, and no other', async () => {
  const { port } = await serveHttp2(hello);
  const bad: [string, Uint8Array][] = [
    ['DATA without a stream', frame(DATA, 0, 0, 'x')],
    ['DATA on a stream that nobody opened', frame(DATA, 0, 5, 'x')],
    ['a stream of even number', get(2)],
    ['HEADERS without a stream', frame(HEADERS, END_HEADERS, 0, fields(...requestFields()))],
    ['PUSH_PROMISE of a client', frame(PUSH_PROMISE, END_HEADERS, 1, uint32(2))],
    ['SETTINGS of odd length', frame(SETTINGS, 0, 0, 'abc')],
    ['SETTINGS on a stream', frame(SETTINGS, 0, 1)],
    ['a PING of seven bytes', frame(PING, 0, 0, '1234567')],
    ['CONTINUATION of nothing', frame(CONTINUATION, END_HEADERS, 1, fields(['x', 'y']))],
    ['a window that grows by nothing', frame(WINDOW_UPDATE, 0, 0, uint32(0))],
    ['a frame larger than agreed', frame(DATA, 0, 1, Buffer.alloc(16_385))],
    ['a head that cannot be decoded', frame(HEADERS, END_STREAM | END_HEADERS, 1, Buffer.from([0xff, 0xff, 0xff]))],
    ['RST_STREAM of a stream that is idle', frame(RST_STREAM, 0, 9, uint32(CANCEL))],
  ];
  for (const [name, bytes] of bad) {
    const client = await FrameClient.connect(port);
    client.send(bytes);
    assert.ok(((await within(client.closed(), name)) ?? PROTOCOL_ERROR) > 0, name);
  }
  const client = await FrameClient.connect(port);
  client.send(get(1));
  await client.next(isHead, 'an answer');
  client.close();
});

test('a client that closes its side still gets its answers, and then the connection closes', async () => {
  const { port } = await serveHttp2(async () => ({ status: 200, headers: [], body: later('a', 'b') }));
  const client = await FrameClient.connect(port);
  client.send(get(1));
  await client.next(isHead, 'a head');
  client.halfClose();
  const isEnd = ({ type, flags }: Frame): boolean => type === DATA && (flags & END_STREAM) !== 0;
  await client.next(isEnd, 'the end of the answer');
  await client.closed();
});

test('a client that closes its side and is sent nothing counts as gone', async () => {
  const gone = Promise.withResolvers<void>();
  const { port } = await serveHttp2(
    (_, { signal }) => {
      signal?.addEventListener('abort', () => gone.resolve());
      return new Promise(() => undefined);
    },
    { halfClosedMs: 50 },
  );
  const client = await FrameClient.connect(port);
  client.send(get(1));
  await client.next(({ type, flags }) => type === SETTINGS && flags === 1, 'an acknowledgement');
  client.halfClose();
  await within(gone.promise, 'the signal');
});

test('random bytes behind the preface end in a closed connection or silence, and the server goes on', async () => {
  const { port } = await serveHttp2(hello, { headerMs: 300, lingerMs: 50 });
  const random = seeded(1);
  for (let round = 0; round < 100; round++) {
    const client = await FrameClient.connect(port, Buffer.from(Array.from({ length: 200 }, () => random.int(256))));
    client.close();
  }
  const client = await FrameClient.connect(port);
  client.send(get(1));
  await client.next(isHead, 'an answer');
  client.close();
});
