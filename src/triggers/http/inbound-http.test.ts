// fermyon:spin/inbound-http with a guest that is a function of the test: what it is given, and what becomes of its answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import { HttpError, type HttpRequest, type HttpResponse } from '../../host/http-message.ts';
import { defaultLimits } from '../../sandbox/limits.ts';
import { get, textOf } from './app.test-kit.ts';
import { fakeGuest } from './fake-guest.test-kit.ts';
import { createInboundHttpHandler } from './inbound-http.ts';

const MIB = 1024 * 1024;
const client = { clientAddress: '192.0.2.1:5000' };

interface Given {
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly params: readonly unknown[];
  readonly body: Uint8Array;
}

interface Answer {
  readonly status: number;
  readonly headers?: readonly (readonly [string, string])[] | undefined;
  readonly body?: Uint8Array | undefined;
}

/** `heldBytes`: what the component may hold for a request. */
function served(respond: (given: Given) => Answer | Promise<Answer>, heldBytes = 1000) {
  const { callee, state } = fakeGuest((params) => respond(params[0] as Given));
  const handler = createInboundHttpHandler({ ...callee, limits: { ...defaultLimits, heldBytes } }, undefined);
  const ask = (parts: Partial<HttpRequest> = {}, target = '/a?b'): Promise<HttpResponse> =>
    handler(get(target, parts), client);
  return { ask, state };
}

function body(chunks: readonly (string | Uint8Array)[], length?: number) {
  const rest = [...chunks];
  return {
    length,
    reads: 0,
    cancelled: 0,
    read() {
      this.reads++;
      const next = rest.shift();
      return typeof next === 'string' ? Buffer.from(next) : next;
    },
    cancel() {
      this.cancelled++;
    },
  };
}

test('a request arrives whole: method, target, headers with the host first, and its body as one value', async () => {
  const seen: Given[] = [];
  const { ask } = served((given) => {
    seen.push(given);
    return { status: 200 };
  });
  const headers = [
    ['x', 'Ä'],
    ['host', 'h'],
    ['y', '1'],
    ['y', '2'],
  ] as const;
  await ask({ method: 'POST', headers, body: body(['ab', 'cde']) });
  const { body: sent, ...rest } = seen[0] ?? assert.fail();
  assert.equal(Buffer.from(sent).toString(), 'abcde');
  assert.deepEqual(
    { ...rest, headers: rest.headers.filter(([name]) => name !== 'x') },
    {
      method: 'post',
      uri: '/a?b',
      headers: [
        ['host', 'h'],
        ['y', '1'],
        ['y', '2'],
      ],
      params: [],
    },
  );
  await ask({ headers: [['x', 'y']] });
  assert.deepEqual(seen[1]?.headers, [['x', 'y']]);
  assert.equal(seen[1]?.body.length, 0);
});

test('a method that the interface has no name for is 405, and its body is cancelled', async () => {
  const { ask, state } = served(() => assert.fail());
  for (const method of ['TRACE', 'CONNECT', 'get', 'Post', 'X']) {
    const sent = body(['x']);
    const response = await ask({ method, body: sent });
    assert.deepEqual(response, {
      status: 405,
      headers: [['allow', 'GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS']],
      body: undefined,
    });
    assert.deepEqual([sent.reads, sent.cancelled], [0, 1], method);
  }
  assert.equal(state.acquired, 0);
});

test('a body has as many bytes as the limit says, and no more, whether it says its length or not', async () => {
  const { ask, state } = served(({ body }) => ({ status: 200, body: Buffer.from(String(body.length)) }), 100);
  const tooLarge = (error: unknown): boolean =>
    error instanceof MayflyError &&
    error.code === 'request-too-large' &&
    error.message ===
      'The body of POST /a is too large for component "c", which takes it as one value. Limit reached: held (100 bytes)';
  const full = Buffer.alloc(100, 'x');
  assert.equal(await textOf((await ask({ method: 'POST', body: body([full], 100) })).body), '100');
  assert.equal(await textOf((await ask({ method: 'POST', body: body([full.subarray(1), 'x']) })).body), '100');
  const before = state.acquired;
  const announced = body([full, 'x'], 101);
  await assert.rejects(ask({ method: 'POST', body: announced }), tooLarge);
  assert.equal(announced.reads, 0);
  const endless = body([full, 'x', 'y']);
  await assert.rejects(ask({ method: 'POST', body: endless }), tooLarge);
  assert.deepEqual([endless.reads, endless.cancelled, state.acquired], [2, 1, before]);
});

test('the bodies of all clients together stay within 256 MiB, and what is over is given back', async () => {
  const waits: (() => void)[] = [];
  const { ask } = served(async () => {
    await new Promise<void>((resolve) => waits.push(resolve));
    return { status: 200 };
  }, 128 * MIB);
  const large = (size: number) => ({ method: 'POST', body: body([new Uint8Array(size)], size) });
  const first = ask(large(128 * MIB));
  const second = ask(large(128 * MIB));
  while (waits.length < 2) await new Promise(setImmediate);
  const third = body(['x']);
  await assert.rejects(ask({ method: 'POST', body: third }), { code: 'overloaded', message: /268435456 bytes/ });
  assert.equal(third.cancelled, 1);
  waits[0]?.();
  assert.equal((await first).status, 200);
  const fourth = ask({ method: 'POST', body: body(['x']) });
  while (waits.length < 3) await new Promise(setImmediate);
  for (const go of waits) go();
  assert.deepEqual([(await second).status, (await fourth).status], [200, 200]);
});

test('an answer: status, headers and body, the length of the body out of the guest’s hands', async () => {
  const { ask } = served(() => ({
    status: 201,
    headers: [
      ['X-A', 'Ä'],
      ['Content-Length', '99'],
      ['connection', 'close'],
    ],
    body: Buffer.from('hello'),
  }));
  const response = await ask();
  assert.equal(response.status, 201);
  assert.deepEqual(response.headers, [['X-A'.toLowerCase(), Buffer.from('Ä').toString('latin1')]]);
  assert.deepEqual([response.body?.length, await textOf(response.body)], [5, 'hello']);
});

test('where no body is sent, the length that the guest says stays', async () => {
  for (const [method, status, stays] of [
    ['HEAD', 200, true],
    ['GET', 304, true],
    ['GET', 200, false],
  ] as const) {
    const { ask } = served(() => ({ status, headers: [['content-length', '7']] }));
    const { headers, body } = await ask({ method });
    assert.deepEqual([headers, body], [stays ? [['content-length', '7']] : [], undefined], `${method} ${status}`);
  }
});

test('an answer with a header that is none fails, and says which', async () => {
  for (const [name, value] of [
    ['a b', 'x'],
    ['x', 'a\nb'],
  ] as const) {
    const { ask, state } = served(() => ({ status: 200, headers: [[name, value]] }));
    await assert.rejects(ask(), { message: new RegExp(`answered with the header ${JSON.stringify(name)}`) });
    assert.deepEqual(state.released, [false]);
  }
  const long = served(() => ({ status: 200, headers: [[`${'n'.repeat(100)} `, 'x']] }));
  await assert.rejects(long.ask(), (error: Error) => error.message.endsWith(`header "${'n'.repeat(100)}"`));
});

test('a guest that fails before its answer: the reason is that of the request', async () => {
  const { ask } = served(() => {
    throw new HttpError('x', 'broken');
  });
  await assert.rejects(ask(), /broken/);
});

test('an answer counts among what is held until it was taken, one that is too large fails', async () => {
  const { ask } = served(() => ({ status: 200, body: Buffer.alloc(2000) }), 1000);
  await assert.rejects(ask(), /Limit reached: held/);
  const fits = served(() => ({ status: 200, body: Buffer.alloc(1000) }), 1000);
  const response = await fits.ask();
  assert.equal(response.body?.length, 1000);
  response.body?.cancel();
});
