// fermyon:spin/http turns a URL into a request and the answer into a value, within the guest's account.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from '../../errors.ts';
import { bytesBody } from '../bytes-body.ts';
import { HttpError, type HttpRequest, type SendRequest } from '../http-message.ts';
import { spinHttpInterface } from './spin-interface.ts';

class Account {
  bytes = 0;
  readonly #limit: number;
  constructor(limit: number) {
    this.#limit = limit;
  }
  add(more: number): void {
    if (this.bytes + more > this.#limit) throw new Trap('Limit reached: held');
    this.bytes += more;
  }
}

interface Guest {
  readonly sent: HttpRequest[];
  readonly held: Account;
  ask(request?: object): Promise<unknown>;
  taken(answer: unknown): void;
}

function guestOf(sendRequest: SendRequest | undefined, limit = 1000): Guest {
  const sent: HttpRequest[] = [];
  const held = new Account(limit);
  const state = {
    configured: {
      sendRequest:
        sendRequest &&
        (((request, options) => sendRequest(request, options).finally(() => sent.push(request))) as
          | SendRequest
          | undefined),
    },
    hops: 3,
    signal: new AbortController().signal,
    httpLimits: { held },
  };
  const func = spinHttpInterface.functions['send-request'] as unknown as {
    call(state: object, request: object): Promise<unknown>;
    lowered(answer: unknown, request: object): void;
  };
  const basics = { method: 'get', uri: 'http://a/', headers: [], params: [], body: undefined };
  return {
    sent,
    held,
    ask: (request) => func.call(state, { ...basics, ...request }),
    taken: (answer) => func.lowered(answer, basics),
  };
}

const answers: SendRequest = async () => ({
  status: 201,
  headers: [['x-a', 'Ã©']],
  body: bytesBody(Buffer.from('hello')),
});

test('a URL becomes a request, and the answer a value', async () => {
  const guest = guestOf(answers);
  const answer = await guest.ask({
    method: 'post',
    uri: 'HTTPS://a.b:1/c?d=e#f',
    headers: [
      ['X-Name', 'é'],
      ['Host', 'c'],
      ['Content-Length', '9'],
      ['Transfer-Encoding', 'chunked'],
      ['Connection', 'x'],
    ],
    body: Buffer.from('abc'),
  });
  assert.deepEqual(answer, {
    tag: 'ok',
    val: { status: 201, headers: [['x-a', 'é']], body: new TextEncoder().encode('hello') },
  });
  const [{ body, ...request }] = guest.sent as [HttpRequest];
  assert.deepEqual(request, {
    method: 'POST',
    scheme: 'https',
    authority: 'a.b:1',
    target: '/c?d=e',
    headers: [['x-name', 'Ã©']],
    hops: 4,
    propagation: undefined,
  });
  assert.equal(body?.length, 3);
});

test('where a URL leads', async () => {
  const guest = guestOf(answers);
  for (const uri of ['http://a', 'http://a?b', 'http://[::1]:8/', '/own?x', '//own']) await guest.ask({ uri });
  assert.deepEqual(
    guest.sent.map(({ authority, target }) => authority + target),
    ['a/', 'a/?b', '[::1]:8/', 'self.alt/own?x', 'self.alt//own'],
  );
  for (const uri of [
    '',
    'a',
    'a:80',
    'http:',
    'http://',
    'http://:80/',
    'http:///x',
    'http://u@a/',
    'http://a b/',
    'http://a/ b',
    'http://a/\r\n',
    '/ ',
    'gopher://a/',
    'javascript:0',
    'http:\\\\a/',
    'http://a\\@b/',
    '/é',
  ]) {
    assert.deepEqual(await guest.ask({ uri }), { tag: 'err', val: 'invalid-url' }, uri);
  }
  assert.equal(guest.sent.length, 5);
});

test('headers that cannot be sent, and errors by their kind', async () => {
  const guest = guestOf(answers);
  for (const header of [
    ['a b', 'c'],
    ['', 'c'],
    ['a', 'b\r\nc: d'],
    ['a', '\0'],
    ['é', 'a'],
  ]) {
    assert.deepEqual(await guest.ask({ headers: [header] }), { tag: 'err', val: 'runtime-error' });
  }
  assert.deepEqual(await guestOf(undefined).ask(), { tag: 'err', val: 'destination-not-allowed' });
  for (const [code, kind] of [
    ['HTTP-request-denied', 'destination-not-allowed'],
    ['HTTP-request-URI-invalid', 'invalid-url'],
    ['connection-limit-reached', 'too-many-requests'],
    ['connection-refused', 'runtime-error'],
  ] as const) {
    const failing = guestOf(async () => Promise.reject(new HttpError(code, 'no')));
    assert.deepEqual(await failing.ask({ body: Buffer.from('abc') }), { tag: 'err', val: kind });
    assert.equal(failing.held.bytes, 0);
  }
});

test('what the host holds is counted until the guest has it, and is the end at the limit', async () => {
  const guest = guestOf(answers, 100);
  const answer = await guest.ask();
  assert.equal(guest.held.bytes, 'http://a/'.length + 'x-aÃ©'.length + 'hello'.length);
  guest.taken(answer);
  assert.equal(guest.held.bytes, 0);

  await assert.rejects(guest.ask({ body: Buffer.alloc(92) }), Trap);
  let cancelled = false;
  const endless = {
    read: () => new Uint8Array(40),
    cancel: () => {
      cancelled = true;
    },
  };
  const flooded = guestOf(async () => ({ status: 200, headers: [], body: endless }), 100);
  await assert.rejects(flooded.ask(), Trap);
  assert.deepEqual([flooded.held.bytes, cancelled], [0, true]);
});

test('fields of the connection and of the framing are the host’s, however they are written; others go out', async () => {
  const guest = guestOf(async () => ({ status: 200, headers: [], body: undefined }));
  const names = [
    ...['connection', 'content-length', 'expect', 'host', 'http2-settings', 'keep-alive', 'proxy-connection'],
    ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
  ];
  for (const name of names) {
    for (const written of [name, name.toUpperCase()]) {
      await guest.ask({
        headers: [
          [written, '1'],
          ['X-A', 'b'],
          ['x-b', 'c'],
        ],
      });
      const sent = [
        ['x-a', 'b'],
        ['x-b', 'c'],
      ];
      assert.deepEqual(guest.sent.at(-1)?.headers, sent, written);
    }
  }
});

test('which URLs lead where', async () => {
  const guest = guestOf(async () => ({ status: 200, headers: [], body: undefined }));
  for (const [uri, scheme, authority, target] of [
    ['/x?y', 'http', 'self.alt', '/x?y'],
    ['http://h', 'http', 'h', '/'],
    ['HTTPS://h:1/x', 'https', 'h:1', '/x'],
    ['http://h?q', 'http', 'h', '/?q'],
    ['http://h/x#fragment', 'http', 'h', '/x'],
    ['http://[::1]/~!', 'http', '[::1]', '/~!'],
  ] as const) {
    await guest.ask({ uri });
    const { scheme: sentScheme, authority: sentTo, target: sentFor } = guest.sent.at(-1) ?? assert.fail();
    assert.deepEqual([sentScheme, sentTo, sentFor], [scheme, authority, target], uri);
  }
  const before = guest.sent.length;
  for (const uri of [
    '',
    'x',
    'ftp://h/',
    'http://',
    'http://:80/',
    'http:///x',
    'http://u@h/',
    '/a b',
    'http://h/é',
    '/#x',
    '/\x7f',
  ]) {
    assert.deepEqual(await guest.ask({ uri }), { tag: 'err', val: 'invalid-url' }, uri);
  }
  assert.equal(guest.sent.length, before);
});

test('each failure is one of the four that there are', async () => {
  for (const [code, val] of [
    ['HTTP-request-denied', 'destination-not-allowed'],
    ['HTTP-request-URI-invalid', 'invalid-url'],
    ['connection-limit-reached', 'too-many-requests'],
    ['connection-refused', 'runtime-error'],
  ] as const) {
    const guest = guestOf(() => Promise.reject(new HttpError(code, 'x')));
    assert.deepEqual(await guest.ask(), { tag: 'err', val }, code);
    assert.equal(guest.held.bytes, 0);
  }
  await assert.rejects(guestOf(() => Promise.reject(new TypeError('ours'))).ask(), /ours/);
  assert.deepEqual(await guestOf(undefined).ask(), { tag: 'err', val: 'destination-not-allowed' });
});
