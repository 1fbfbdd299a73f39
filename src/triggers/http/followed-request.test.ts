// What is told of a request when it is over: once, with what its guest used, however guest and answer end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import { bytesBody } from '../../host/bytes-body.ts';
import type { ByteSource, HttpRequest, HttpResponse } from '../../host/http-message.ts';
import type { FinishedRequest, Usage } from '../../telemetry/usage.ts';
import { appOf, get, testLog, textOf, to } from './app.test-kit.ts';
import { createHttpDispatcher, type HttpHandler } from './dispatcher.ts';
import { FollowedRequest } from './followed-request.ts';

const client = { clientAddress: '192.0.2.1:5000', protocol: 'HTTP/1.1' };
const usage: Usage = { cpuMs: 1, wallMs: 2, hostCalls: 3, memoryBytes: 4, isNew: true, isKept: false };

function following(handler: HttpHandler) {
  const finished: FinishedRequest[] = [];
  const dispatcher = createHttpDispatcher({
    app: appOf({ '/hello/...': to('hello') }),
    handlerFor: () => handler,
    log: testLog(),
    onRequest: (request) => finished.push(request),
  });
  return { finished, dispatcher };
}

function endsGuest({ identity }: HttpRequest): void {
  assert.ok(identity instanceof FollowedRequest);
  identity.used(usage);
}

const answer = (text: string): HttpResponse => ({ status: 201, headers: [], body: bytesBody(Buffer.from(text)) });

test('a request is over when its answer is taken and its guest has ended, whichever comes last', async () => {
  let end = (): void => undefined;
  const { finished, dispatcher } = following(async (request) => {
    end = () => endsGuest(request);
    return answer('hello');
  });
  const late = await dispatcher.handle(get('/hello/x?y'), client);
  assert.equal(await textOf(late.body), 'hello');
  assert.equal(finished.length, 0);
  end();
  const early = await dispatcher.handle(get('/hello'), client);
  end();
  assert.equal(finished.length, 1);
  await textOf(early.body);
  assert.equal(finished.length, 2);
  const { component, route, target, status, sentBytes, isBroken, isChained, clientAddress, protocol } = finished[0]!;
  assert.deepEqual(
    { component, route, target, status, sentBytes, isBroken, isChained, clientAddress, protocol },
    {
      ...client,
      component: 'hello',
      route: '/hello/...',
      target: '/hello/x?y',
      status: 201,
      sentBytes: 5,
      isBroken: false,
      isChained: false,
    },
  );
  assert.equal(finished[0]?.usage, usage);
});

test('a guest that failed has told what it used; one that never ran has used nothing', async () => {
  const error = new MayflyError('guest-trap', 'it fell');
  let runs = true;
  const { finished, dispatcher } = following(async (request) => {
    if (runs) endsGuest(request);
    throw error;
  });
  for (runs of [true, false]) await textOf((await dispatcher.handle(get('/hello'), client)).body);
  assert.deepEqual(
    finished.map(({ status, usage: used, error: thrown }) => [status, used, thrown]),
    [
      [500, usage, error],
      [500, undefined, error],
    ],
  );
});

test('a guest whose answer cannot be sent tells afterwards what it used, and the request is told of once', async () => {
  let end = (): void => undefined;
  const { finished, dispatcher } = following(async (request) => {
    end = () => endsGuest(request);
    return { status: 600, headers: [], body: undefined };
  });
  const { status, body } = await dispatcher.handle(get('/hello'), client);
  assert.equal(status, 500);
  await textOf(body);
  assert.equal(finished.length, 0);
  end();
  assert.deepEqual(
    finished.map((one) => [one.status, one.usage, one.error instanceof Error]),
    [[500, usage, true]],
  );
});

test('what no component answers has no component', async () => {
  const { finished, dispatcher } = following(async () => answer(''));
  for (const path of ['/nothing', '/.well-known/spin/health']) {
    await textOf((await dispatcher.handle(get(path), client)).body);
  }
  assert.deepEqual(
    finished.map(({ component, status }) => [component, status]),
    [
      [undefined, 404],
      [undefined, 200],
    ],
  );
});

test('an answer that nobody takes to its end is broken, and one that has no body is not', async () => {
  const { finished, dispatcher } = following(async (request) => {
    endsGuest(request);
    return answer('a body');
  });
  for (const method of ['GET', 'HEAD']) {
    const { body } = await dispatcher.handle({ ...get('/hello'), method }, client);
    body?.cancel();
    body?.cancel();
  }
  assert.deepEqual(
    finished.map(({ isBroken }) => isBroken),
    [true, false],
  );
});

test('an answer whose body fails is broken, with the bytes that came before', async () => {
  const chunks = [new Uint8Array(3)];
  const body: ByteSource = {
    async read() {
      const chunk = chunks.shift();
      if (!chunk) throw new Error('no more');
      return chunk;
    },
    cancel() {},
  };
  const { finished, dispatcher } = following(async (request) => {
    endsGuest(request);
    return { status: 200, headers: [], body };
  });
  const response = await dispatcher.handle(get('/hello'), client);
  await response.body?.read();
  await assert.rejects(async () => response.body?.read(), /no more/);
  response.body?.cancel();
  assert.deepEqual([finished[0]?.sentBytes, finished[0]?.isBroken], [3, true]);
});

test('bytes of the request count as they are read, and requests between components are told apart', async () => {
  const { finished, dispatcher } = following(async (request) => {
    await request.body?.read();
    endsGuest(request);
    return { status: 204, headers: [], body: undefined };
  });
  await dispatcher.dispatch('hello', { ...get('/hello'), body: bytesBody(new Uint8Array(7)) });
  assert.deepEqual([finished[0]?.receivedBytes, finished[0]?.isChained], [7, true]);
});
