// A guest's request goes out as it was built, or is refused with the code that WASI has for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { HttpError, type HttpRequest, type HttpResponse, type SendOptions } from '../../http-message.ts';
import { bytes, TestGuest, text } from './owner.test-kit.ts';

function unwrap(result: unknown): unknown {
  const { tag, val } = result as Result<unknown, unknown>;
  assert.equal(tag, 'ok', JSON.stringify(val));
  return val;
}

interface Sent {
  request: HttpRequest;
  options: SendOptions;
}

/** A guest whose requests are recorded and answered with `response`. */
function guestWith(response: HttpResponse | Error | 'never'): { guest: TestGuest; sent: Sent[] } {
  const sent: Sent[] = [];
  const guest = new TestGuest((request, options) => {
    sent.push({ request, options });
    if (response === 'never') return new Promise(() => {});
    return response instanceof Error ? Promise.reject(response) : Promise.resolve(response);
  });
  return { guest, sent };
}

function build(guest: TestGuest, parts: { [name: string]: unknown } = {}): unknown {
  const request = guest.call('[constructor]outgoing-request', guest.call('[constructor]fields'));
  const all = { 'path-with-query': '/x?y', authority: 'example.com', scheme: { tag: 'HTTP' }, ...parts };
  for (const [name, value] of Object.entries(all)) {
    assert.deepEqual(guest.call(`[method]outgoing-request.set-${name}`, request, value), ok(), name);
  }
  return request;
}

function unwrapErr(result: unknown): unknown {
  const { tag, val } = result as Result<unknown, { tag: string }>;
  return tag === 'err' ? val.tag : `no error: ${tag}`;
}

async function get(guest: TestGuest, future: unknown): Promise<Result<unknown, unknown>> {
  const pollable = guest.call('[method]future-incoming-response.subscribe', future);
  await guest.call('[method]pollable.block', pollable);
  guest.drop('pollable', pollable);
  return unwrap(guest.call('[method]future-incoming-response.get', future)) as Result<unknown, unknown>;
}

test('a request goes out as it was built, with its timeouts in milliseconds', async () => {
  const { guest, sent } = guestWith({ status: 204, headers: [], body: undefined });
  const request = build(guest, { method: { tag: 'put' } });
  const options = guest.call('[constructor]request-options');
  guest.call('[method]request-options.set-connect-timeout', options, 1_500_000n);
  guest.call('[method]request-options.set-first-byte-timeout', options, 3_000_000_000n);
  assert.equal(guest.call('[method]request-options.connect-timeout', options), 1_500_000n);
  unwrap(guest.call('handle', request, options));
  await Promise.resolve();
  const { request: got, options: timeouts } = sent[0]!;
  assert.deepEqual(got, {
    method: 'PUT',
    scheme: 'http',
    authority: 'example.com',
    target: '/x?y',
    headers: [],
    body: undefined,
    hops: 1,
    propagation: undefined,
  });
  assert.equal(timeouts.connectTimeoutMs, 2);
  assert.equal(timeouts.firstByteTimeoutMs, 3000);
  assert.equal(timeouts.betweenBytesTimeoutMs, undefined);
  guest.call('[method]request-options.set-connect-timeout', options, 2n ** 64n - 1n);
  unwrap(guest.call('handle', build(guest), options));
  await Promise.resolve();
  assert.equal(sent[1]!.options.connectTimeoutMs, 2 ** 31 - 1, 'a timer that is longer would go off at once');
});

test('what cannot be sent is refused at once, with its code', () => {
  const { guest } = guestWith('never');
  const ws = build(guest, { scheme: { tag: 'other', val: 'ws' } });
  assert.deepEqual(guest.call('handle', ws, undefined), err({ tag: 'HTTP-protocol-error' }));
  const pathless = build(guest, { 'path-with-query': undefined });
  assert.deepEqual(guest.call('handle', pathless, undefined), err({ tag: 'HTTP-request-URI-invalid' }));
});

test('parts that are no HTTP are refused by their setters, and what was set before stays', () => {
  const { guest } = guestWith('never');
  const request = build(guest);
  const bad: [string, unknown][] = [
    ['method', { tag: 'other', val: 'invalid method' }],
    ['scheme', { tag: 'other', val: 'bad\nscheme' }],
    ['authority', 'bad-\nhost'],
    ['authority', ''],
    ['authority', 'h:99999'],
    ['authority', 'ü'],
    ['authority', '[fe80::1%25eth0]'],
    ['authority', 'user@'],
    ['path-with-query', '/bad\npath'],
  ];
  for (const [name, value] of bad) {
    assert.deepEqual(guest.call(`[method]outgoing-request.set-${name}`, request, value), err(undefined));
  }
  assert.equal(guest.call('[method]outgoing-request.authority', request), 'example.com');
  assert.deepEqual(guest.call('[method]outgoing-request.method', request), { tag: 'get' });
});

test('no scheme means https, a bare query gets its slash, a port alone is the app itself', async () => {
  const { guest, sent } = guestWith('never');
  const request = build(guest, { scheme: undefined, authority: ':443', 'path-with-query': '?q' });
  unwrap(guest.call('handle', request, undefined));
  await Promise.resolve();
  const { scheme, authority, target } = sent[0]!.request;
  assert.deepEqual([scheme, authority, target], ['https', ':443', '/?q']);
});

test('an authority that is missing, was refused or holds a user is an error, and never becomes another one', () => {
  const { guest, sent } = guestWith('never');
  const invalid = err({ tag: 'HTTP-request-URI-invalid' });
  assert.deepEqual(guest.call('handle', build(guest, { authority: undefined }), undefined), invalid);
  for (const authority of ['user:secret@host', 'user@host:80', 'user@[::1]']) {
    assert.deepEqual(guest.call('handle', build(guest, { authority }), undefined), invalid, authority);
  }
  const request = build(guest);
  guest.call('[method]outgoing-request.set-authority', request, 'bad host');
  assert.deepEqual(guest.call('handle', request, undefined), invalid);
  assert.equal(sent.length, 0);
  const again = build(guest);
  guest.call('[method]outgoing-request.set-authority', again, 'bad host');
  guest.call('[method]outgoing-request.set-authority', again, 'good.host');
  unwrap(guest.call('handle', again, undefined));
});

test('a method, scheme or path that was refused is not replaced by the one before', () => {
  const { guest } = guestWith('never');
  const cases: [string, unknown, string][] = [
    ['method', { tag: 'other', val: 'A B' }, 'HTTP-request-method-invalid'],
    ['scheme', { tag: 'other', val: 'a b' }, 'HTTP-protocol-error'],
    ['path-with-query', '/a b', 'HTTP-request-URI-invalid'],
  ];
  for (const [part, value, tag] of cases) {
    const request = build(guest);
    assert.deepEqual(guest.call(`[method]outgoing-request.set-${part}`, request, value), err(undefined));
    assert.deepEqual(guest.call('handle', request, undefined), err({ tag }), part);
  }
});

test('the answer: pending, then there, then taken', async () => {
  const body = { read: () => undefined, cancel() {} };
  const { guest } = guestWith({
    status: 418,
    headers: [
      ['x', 'y'],
      ['connection', 'close'],
    ],
    body,
  });
  const future = unwrap(guest.call('handle', build(guest), undefined));
  assert.equal(guest.call('[method]future-incoming-response.get', future), undefined);
  const response = unwrap(await get(guest, future));
  assert.deepEqual(guest.call('[method]future-incoming-response.get', future), err(undefined));
  assert.equal(guest.call('[method]incoming-response.status', response), 418);
  const headers = guest.call('[method]incoming-response.headers', response);
  assert.deepEqual(guest.call('[method]fields.entries', headers), [['x', bytes('y')]]);
  unwrap(guest.call('[method]incoming-response.consume', response));
  assert.deepEqual(guest.call('[method]incoming-response.consume', response), err(undefined));
});

test('failures arrive as error codes with their payload', async () => {
  const detail = { rcode: 'NXDOMAIN', infoCode: undefined };
  const { guest } = guestWith(new HttpError('DNS-error', 'no such host', detail));
  const future = unwrap(guest.call('handle', build(guest), undefined));
  assert.deepEqual(await get(guest, future), err({ tag: 'DNS-error', val: detail }));
  const broken = guestWith(new Error('a defect')).guest;
  const second = unwrap(broken.call('handle', build(broken), undefined));
  assert.deepEqual(await get(broken, second), err({ tag: 'internal-error', val: 'a defect' }));
});

test('without a way out every request is denied', async () => {
  const guest = new TestGuest();
  const future = unwrap(guest.call('handle', build(guest), undefined));
  const got = (await get(guest, future)) as { val: { tag: string } };
  assert.equal(got.val.tag, 'HTTP-request-denied');
});

test('the body goes out while it is written', async () => {
  const { guest, sent } = guestWith('never');
  const request = build(guest, { method: { tag: 'post' } });
  const body = unwrap(guest.call('[method]outgoing-request.body', request));
  const stream = unwrap(guest.call('[method]outgoing-body.write', body));
  unwrap(guest.call('handle', request, undefined));
  await Promise.resolve();
  const source = sent[0]!.request.body!;
  const first = source.read();
  guest.call('[method]output-stream.blocking-write-and-flush', stream, bytes('late'));
  assert.equal(text((await first)!), 'late');
  guest.drop('output-stream', stream);
  assert.deepEqual(guest.call('[static]outgoing-body.finish', body, undefined), ok());
  assert.equal(await source.read(), undefined);
});

test('a guest that writes faster than its body goes out has to wait', async () => {
  const sent: HttpRequest[] = [];
  const guest = new TestGuest(
    (request) => {
      sent.push(request);
      return new Promise(() => {});
    },
    { headerBytes: 1000, headerCount: 10, bufferedBytes: 1000 },
  );
  const request = build(guest);
  const body = unwrap(guest.call('[method]outgoing-request.body', request));
  const stream = unwrap(guest.call('[method]outgoing-body.write', body));
  unwrap(guest.call('handle', request, undefined));
  let done = false;
  const writing = Promise.resolve(
    guest.call('[method]output-stream.blocking-write-and-flush', stream, new Uint8Array(4096)),
  ).then(() => {
    done = true;
  });
  await new Promise(setImmediate);
  assert.equal(done, false);
  let taken = 0;
  while (taken < 4096) taken += (await sent[0]!.body!.read())!.length;
  await writing;
  assert.equal(taken, 4096);
});

test('a body that the guest does not finish, or not at its length, breaks the request', async () => {
  const ends: [end: string, headers: [string, Uint8Array][], code: string][] = [
    ['drop', [], 'HTTP-protocol-error'],
    ['leave', [], 'HTTP-protocol-error'],
    ['finish', [['content-length', bytes('9')]], 'HTTP-request-body-size'],
    ['drop', [['content-length', bytes('9')]], 'HTTP-protocol-error'],
    ['write more', [['content-length', bytes('3')]], 'HTTP-request-body-size'],
  ];
  for (const [end, headers, code] of ends) {
    const { guest, sent } = guestWith('never');
    const fields = unwrap(guest.call('[static]fields.from-list', headers));
    const request = guest.call('[constructor]outgoing-request', fields);
    guest.call('[method]outgoing-request.set-authority', request, 'host');
    guest.call('[method]outgoing-request.set-path-with-query', request, '/');
    const body = unwrap(guest.call('[method]outgoing-request.body', request));
    const stream = unwrap(guest.call('[method]outgoing-body.write', body));
    unwrap(guest.call('handle', request, undefined));
    await Promise.resolve();
    unwrap(await guest.call('[method]output-stream.blocking-write-and-flush', stream, bytes('abc')));
    if (end === 'write more') await guest.call('[method]output-stream.blocking-write-and-flush', stream, bytes('d'));
    if (end !== 'leave' && end !== 'write more') {
      guest.drop('output-stream', stream);
      if (end === 'drop') guest.drop('outgoing-body', body);
      else assert.equal(unwrapErr(guest.call('[static]outgoing-body.finish', body, undefined)), code);
    } else if (end === 'leave') guest.finish();
    const source = sent[0]!.request.body!;
    assert.equal((await source.read())?.length, 3);
    await assert.rejects(
      async () => source.read(),
      (error) => error instanceof HttpError && error.code === code,
      end,
    );
  }
});

test('a guest that writes to one who has gone writes into nothing, and is told by its future', async () => {
  const { guest, sent } = guestWith('never');
  const request = build(guest);
  const body = unwrap(guest.call('[method]outgoing-request.body', request));
  const stream = unwrap(guest.call('[method]outgoing-body.write', body));
  unwrap(guest.call('handle', request, undefined));
  await Promise.resolve();
  sent[0]!.request.body?.cancel(new HttpError('connection-refused', 'nobody there'));
  for (let round = 0; round < 100; round++) {
    unwrap(await guest.call('[method]output-stream.blocking-write-and-flush', stream, new Uint8Array(4096)));
  }
  guest.drop('output-stream', stream);
  unwrap(guest.call('[static]outgoing-body.finish', body, undefined));
});

test('a future that is dropped, or left when the request ends, aborts the request', async () => {
  for (const end of ['drop', 'finish']) {
    const { guest, sent } = guestWith('never');
    const future = unwrap(guest.call('handle', build(guest), undefined));
    await Promise.resolve();
    const pollable = guest.call('[method]future-incoming-response.subscribe', future);
    assert.throws(() => guest.drop('future-incoming-response', future), Trap);
    guest.drop('pollable', pollable);
    if (end === 'drop') guest.drop('future-incoming-response', future);
    else guest.finish();
    assert.equal(sent[0]!.options.signal?.aborted, true, end);
    assert.equal(guest.open.size, 0);
  }
});

test('an answer that nobody takes is cancelled', async () => {
  for (const step of ['future', 'response', 'late']) {
    let cancelled = false;
    const body = {
      read: () => undefined,
      cancel() {
        cancelled = true;
      },
    };
    const { guest } = guestWith({ status: 200, headers: [], body });
    const future = unwrap(guest.call('handle', build(guest), undefined));
    if (step !== 'late') await new Promise(setImmediate);
    if (step === 'response') {
      guest.drop('incoming-response', unwrap(unwrap(guest.call('[method]future-incoming-response.get', future))));
    } else guest.drop('future-incoming-response', future);
    await new Promise(setImmediate);
    assert.equal(cancelled, true, step);
  }
});

test('a request that is dropped unsent closes the stream of its body', () => {
  const { guest } = guestWith('never');
  const request = build(guest);
  const body = unwrap(guest.call('[method]outgoing-request.body', request));
  const stream = unwrap(guest.call('[method]outgoing-body.write', body));
  guest.drop('outgoing-request', request);
  assert.deepEqual(guest.call('[method]output-stream.check-write', stream), err({ tag: 'closed' }));
});

test('the functions are those of the WIT document', async () => {
  const { httpInterfaces } = await import('./bindings-0.2.ts');
  const { readFile } = await import('node:fs/promises');
  const { fileURLToPath } = await import('node:url');
  const folder = '../../../../node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12/wasi-http/package.wit';
  const wit = await readFile(fileURLToPath(new URL(folder, import.meta.url)), 'utf8');
  const types = wit.slice(wit.indexOf('interface types'));
  const names = new Set(['http-error-code']);
  for (const [, resource, content] of types.matchAll(/^ {2}resource ([a-z-]+) \{(.*?)^ {2}\}/gms)) {
    if (/constructor\(/.test(content!)) names.add(`[constructor]${resource}`);
    for (const [, name, isStatic] of content!.matchAll(/^\s+%?([a-z-]+): (static )?func/gm)) {
      names.add(`[${isStatic ? 'static' : 'method'}]${resource}.${name}`);
    }
  }
  assert.ok(names.size > 50);
  assert.deepEqual([...names].sort(), Object.keys(httpInterfaces[0]!.functions).sort());
});
