// Services of WASI 0.3, served: bodies and trailers stream both ways, and every request has a sandbox of its own.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request as sendHttp } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse, print } from '@bytecodealliance/jco';
import { lockApp } from '../../src/app/lock.ts';
import { type RunningApp, startApp } from '../../src/runtime.ts';
import { type Logger, silentLog } from '../../src/telemetry/log.ts';
import { testLog } from '../../src/triggers/http/app.test-kit.ts';
import { service } from '../support/service-0.3.ts';

const folder = await mkdtemp(join(tmpdir(), 'mayfly-wasi-0.3-'));
after(() => rm(folder, { recursive: true }));

async function serve(bytes: Uint8Array, limits: object = {}, log: Logger = silentLog): Promise<RunningApp> {
  const path = join(folder, `${crypto.randomUUID()}.wasm`);
  await writeFile(path, bytes);
  const locked = await lockApp(path);
  const components = locked.components.map((one) => ({
    ...one,
    allowedOutboundHosts: ['http://127.0.0.1:*'],
    settings: { ...one.settings, limits },
  }));
  const options = { listen: { host: '127.0.0.1', port: 0 }, log, variables: {}, environment: {} };
  const app = await startApp({ ...locked, components }, { ...options, verifyResets: true });
  after(() => app.stop());
  return app;
}

/** The body and the trailers of the request are those of the response: nothing passes through the guest's memory. */
const passOn = `(local $res i64)
  (local.set $res (call $result-future))
  (call $consume-body (local.get $request) (i32.wrap_i64 (local.get $res)) (i32.const 16))
  (call $new-response (call $fields) (i32.const 1) (i32.load (i32.const 16)) (i32.load (i32.const 20)) (i32.const 32))
  (call $respond (i32.load (i32.const 32)))`;

/** Every byte is read into memory, and written out of it, after the response was returned. */
const copy = `(local $res i64) (local $ends i64) (local $code i32) (local $in i32) (local $out i32)
  (local.set $res (call $result-future))
  (call $consume-body (local.get $request) (i32.wrap_i64 (local.get $res)) (i32.const 16))
  (local.set $ends (call $new-stream))
  (local.set $in (i32.load (i32.const 16)))
  (local.set $out (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
  (call $new-response (call $fields) (i32.const 1) (i32.wrap_i64 (local.get $ends)) (i32.load (i32.const 20))
    (i32.const 32))
  (call $respond (i32.load (i32.const 32)))
  (loop $more
    (local.set $code (call $read (local.get $in) (i32.const 65536) (i32.const 65536)))
    (if (i32.shr_u (local.get $code) (i32.const 4)) (then
      (drop (call $write (local.get $out) (i32.const 65536) (i32.shr_u (local.get $code) (i32.const 4))))))
    (br_if $more (i32.eqz (i32.and (local.get $code) (i32.const 15)))))
  (call $drop-writable (local.get $out))`;

const passing = service(
  'callback',
  ['fields', 'consumeBody', 'resultFuture', 'newResponse', 'taskReturn'],
  `${passOn} (i32.const 0)`,
);
const copying = service(
  'stackful',
  ['fields', 'consumeBody', 'resultFuture', 'read', 'newResponse', 'newStream', 'write', 'dropWritable', 'taskReturn'],
  copy,
);

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly trailers: NodeJS.Dict<string>;
}

async function answerOf(res: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of res) chunks.push(chunk as Buffer);
  return { status: res.statusCode, body: Buffer.concat(chunks).toString('latin1'), trailers: res.trailers };
}

function send(url: string, body: string | Buffer, trailers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = sendHttp(url, { method: 'POST', agent: false, headers: { 'transfer-encoding': 'chunked' } });
    req.on('error', reject).on('response', (res) => resolve(answerOf(res)));
    req.write(body);
    req.addTrailers(trailers);
    req.end();
  });
}

for (const [name, bytes] of [
  ['passed on', passing],
  ['copied by the guest', copying],
] as const) {
  test(`a body that is ${name} comes back whole, with its trailers`, async () => {
    const app = await serve(await bytes);
    assert.deepEqual(await send(app.url, 'hello', { 'x-sum': '42' }), {
      status: 200,
      body: 'hello',
      trailers: { 'x-sum': '42' },
    });
    const large = Buffer.alloc(3_000_000, 'abcdefg');
    const { body } = await send(app.url, large);
    assert.equal(body, large.toString());
  });

  test(`a body that is ${name} streams: the first part comes back before the last was sent`, async () => {
    const app = await serve(await bytes);
    const sending = sendHttp(app.url, { method: 'POST', agent: false });
    const answered = new Promise<IncomingMessage>((resolve) => sending.on('response', resolve));
    sending.write('first ');
    const chunks = (await answered)[Symbol.asyncIterator]();
    assert.equal(String((await chunks.next()).value), 'first ');
    sending.end('last');
    let rest = '';
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) rest += next.value;
    assert.equal(rest, 'last');
  });

  test(`sandboxes are kept and reset when the body is ${name}, 200 requests, 20 at a time`, async () => {
    const app = await serve(await bytes);
    const lane = async (number: number): Promise<void> => {
      for (let index = 0; index < 10; index++) {
        const text = `${number}.${index}`.repeat(index * 100 + 1);
        assert.equal((await send(app.url, text)).body, text);
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, number) => lane(number)));
  });

  test(`a client that goes away in the middle of a body that is ${name} ends its guest`, async () => {
    const app = await serve(await bytes, { concurrency: 1, queueMs: 5000 });
    const sending = sendHttp(app.url, { method: 'POST', agent: false }).on('error', () => undefined);
    const answered = new Promise<IncomingMessage>((resolve) => sending.on('response', resolve));
    sending.write('first ');
    (await answered).on('error', () => undefined);
    sending.destroy();
    assert.equal((await send(app.url, 'next')).body, 'next');
  });
}

test('the candidate of 2026-03-15, which Spin 4 had first, is served as 0.3.0 is', async () => {
  const text = await print(await copying);
  const candidate = await parse(text.replaceAll('@0.3.0', '@0.3.0-rc-2026-03-15'));
  const app = await serve(candidate);
  assert.equal((await send(app.url, 'hello', { 'x-sum': '42' })).body, 'hello');
});

test('an error that a handler returns is a 500, and nothing that exits', async () => {
  const log = testLog();
  const code = '(i32.const 1) (i32.const 0) (i32.const 0) (i64.const 0)';
  const failed = `(call $task-return ${code} ${'(i32.const 0) '.repeat(4)}) (i32.const 0)`;
  const app = await serve(await service('callback', ['taskReturn'], failed), {}, log);
  assert.equal((await send(app.url, '')).status, 500);
  const said = log.lines.filter((line) => /failed|exited/.test(line));
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /^POST \/ failed$/);
});

/** A service that sends each request on to `authority`, and gives its response back. */
function proxyTo(authority: string): Promise<Uint8Array> {
  const bytes = Buffer.from(authority);
  const stores = [...bytes].map((byte, at) => `(i32.store8 (i32.const ${600 + at}) (i32.const ${byte}))`).join(' ');
  return service(
    'stackful',
    ['setAuthority', 'send', 'taskReturn'],
    `${stores}
     (drop (call $set-authority (local.get $request) (i32.const 1) (i32.const 600) (i32.const ${bytes.length})))
     (call $send (local.get $request) (i32.const 64))
     (if (i32.load8_u (i32.const 64)) (then unreachable))
     (call $respond (i32.load (i32.const 72)))`,
  );
}

test('a request that is sent on to one who answers before it was read: the answer is there at once', async () => {
  const upstream = createTcpServer((socket) => {
    socket.on('error', () => {});
    after(() => socket.destroy());
    socket.once('data', () => {
      socket.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig');
      socket.pause();
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  after(() => upstream.close());
  const app = await serve(await proxyTo(`127.0.0.1:${(upstream.address() as AddressInfo).port}`));
  const sending = sendHttp(app.url, { method: 'POST', agent: false, timeout: 5000 });
  after(() => sending.destroy());
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sending.on('response', resolve);
    sending.on('timeout', () => reject(new Error('waited 5 s for the answer')));
  });
  // Never ended: whoever waits for all of it gets no answer.
  sending.write(Buffer.alloc(4_000_000));
  const res = await answered;
  assert.equal(res.statusCode, 413);
  let text = '';
  for await (const chunk of res) text += chunk;
  assert.equal(text, 'big');
});

test('a request that is sent on gives its response back: bodies stream through both ways', async () => {
  const backend = createServer((req, res) => {
    res.writeHead(201, { 'x-path': req.url ?? '', trailer: 'x-end' });
    req
      .on('data', (chunk: Buffer) => res.write(chunk.toString().toUpperCase()))
      .on('end', () => {
        res.addTrailers({ 'x-end': 'yes' });
        res.end();
      });
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  after(() => backend.close().closeAllConnections());
  const authority = `127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const proxy = await proxyTo(authority);
  const app = await serve(proxy);
  const sending = sendHttp(`${app.url}/some/path?q`, { method: 'POST', agent: false });
  const answered = new Promise<IncomingMessage>((resolve) => sending.on('response', resolve));
  sending.write('one ');
  const res = await answered;
  const chunks = res[Symbol.asyncIterator]();
  assert.equal(String((await chunks.next()).value), 'ONE ');
  sending.end('two');
  let rest = '';
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) rest += next.value;
  assert.deepEqual(
    [res.statusCode, res.headers['x-path'], rest, res.trailers],
    [201, '/some/path?q', 'TWO', { 'x-end': 'yes' }],
  );
});

test('a guest that ends without a response is answered with 500; one that traps after it, with a broken body', async () => {
  const silent = await serve(await service('stackful', ['taskReturn'], ''));
  assert.equal((await send(silent.url, '')).status, 500);
  const trapping = await serve(
    await service(
      'stackful',
      ['fields', 'consumeBody', 'resultFuture', 'newResponse', 'newStream', 'waitFor', 'taskReturn'],
      `(local $res i64)
       (local.set $res (call $result-future))
       (call $consume-body (local.get $request) (i32.wrap_i64 (local.get $res)) (i32.const 16))
       (call $new-response (call $fields) (i32.const 1) (i32.wrap_i64 (call $new-stream)) (i32.load (i32.const 20))
         (i32.const 32))
       (call $respond (i32.load (i32.const 32)))
       (call $wait-for (i64.const 20000000))
       unreachable`,
    ),
  );
  await assert.rejects(send(trapping.url, 'x'));
});

test('a guest that waits outlasts its wall time: 504', async () => {
  const app = await serve(
    await service('stackful', ['waitFor', 'taskReturn'], '(call $wait-for (i64.const 3600000000000))'),
    { wallMs: 50 },
  );
  assert.equal((await send(app.url, '')).status, 504);
});
