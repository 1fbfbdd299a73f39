// However the other side answers, or does not, the one who asked gets an answer or an error, and gets it at once.
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { defaultRuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import { AnsweredEarly, type ByteSource, HttpError } from '../http-message.ts';
import { createOutboundNetwork } from '../network/outbound-network.ts';
import type { Agents } from './agents.ts';
import { sendOnce } from './exchange.ts';
import type { ClientLimits } from './limits.ts';
import { answers, bodyOf, client, codeOf, exchange, get, OK, read, upstream, within } from './upstream.test-kit.ts';

const say = async (text: string, then: (socket: Socket) => void = () => {}): Promise<number> => {
  const { port } = await upstream((socket, got) => {
    if (!got.includes('\r\n\r\n')) return;
    socket.write(text, 'latin1');
    then(socket);
  });
  return port;
};

const switching = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n';

test('who switches to another protocol is an error at once, and its connection is closed', async () => {
  for (const text of [switching, `${switching}\x81\x05hello`]) {
    const { port, closed } = await upstream(answers(text));
    assert.equal(await codeOf(get(port)), 'HTTP-upgrade-failed');
    await closed(0);
  }
  const bare = await upstream(answers('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  assert.equal(await codeOf(get(bare.port)), 'HTTP-protocol-error');
  await bare.closed(0);
  for (const method of ['POST', 'HEAD']) {
    assert.equal(await codeOf(get(await say(switching), { method })), 'HTTP-upgrade-failed');
  }
});

test('CONNECT leads nowhere, whatever is answered to it', async () => {
  for (const text of [
    'HTTP/1.1 200 Connection Established\r\n\r\n',
    'HTTP/1.1 405 No\r\ncontent-length: 2\r\n\r\nno',
  ]) {
    const { port, closed } = await upstream(answers(text));
    assert.equal(await codeOf(get(port, { method: 'CONNECT' })), 'HTTP-upgrade-failed', text);
    await closed(0);
  }
});

test('statuses: three digits from 200 on are passed on, the rest is an error', async () => {
  for (const status of [200, 599, 600, 799, 999]) {
    const port = await say(`HTTP/1.1 ${status} What\r\ncontent-length: 2\r\n\r\nok`);
    assert.equal(await exchange(client(), get(port)), `${status} ok`);
  }
  for (const status of ['000', '020', '099', '1000', '20', '-20', 'abc']) {
    const port = await say(`HTTP/1.1 ${status} What\r\ncontent-length: 2\r\n\r\nok`);
    assert.equal(await codeOf(get(port)), 'HTTP-protocol-error', status);
  }
});

test('informational responses are skipped, but not for ever', async () => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n';
  assert.equal(await exchange(client(), get(await say(hints.repeat(20) + OK))), '200 ok');
  const { port, closed } = await upstream((socket) => {
    const timer = setInterval(() => socket.write(hints.repeat(10)), 1);
    socket.on('close', () => clearInterval(timer));
  });
  assert.equal(await codeOf(get(port)), 'HTTP-protocol-error');
  await closed(0);
});

test('a response whose length can be read in two ways is an error, and so is one that is coded', async () => {
  const cases: [head: string, code: string][] = [
    ['content-length: 2\r\ntransfer-encoding: chunked', 'HTTP-protocol-error'],
    ['transfer-encoding: chunked\r\ncontent-length: 2', 'HTTP-protocol-error'],
    ['content-length: 2\r\ncontent-length: 3', 'HTTP-protocol-error'],
    ['content-length: 2, 2', 'HTTP-protocol-error'],
    ['content-length: +2', 'HTTP-protocol-error'],
    ['transfer-encoding: gzip, chunked', 'HTTP-response-transfer-coding'],
    ['transfer-encoding: gzip', 'HTTP-response-transfer-coding'],
  ];
  for (const [head, code] of cases) {
    const { port, closed } = await upstream(answers(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n2\r\nok\r\n0\r\n\r\n`));
    assert.equal(await codeOf(get(port)), code, head);
    await closed(0);
  }
  assert.equal(await codeOf(get(await say('HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n'))), 'HTTP-protocol-error');
});

test('a response that announces trailers and has no chunks comes as it is', async () => {
  const texts: [string, string][] = [
    ['HTTP/1.1 204 No Content\r\ntrailer: server-timing\r\n\r\n', '204 '],
    ['HTTP/1.1 200 OK\r\ntrailer: x\r\ncontent-length: 5\r\n\r\nhello', '200 hello'],
    ['HTTP/1.1 304 Not Modified\r\ntrailer: x\r\n\r\n', '304 '],
    ['HTTP/1.0 200 OK\r\ntrailer: x\r\n\r\nhello', '200 hello'],
  ];
  for (const [text, wanted] of texts) {
    assert.equal(await exchange(client(), get(await say(text, (socket) => socket.end()))), wanted);
  }
});

test('a response that breaks off in the middle is an error, however it breaks', async () => {
  const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n';
  const cases: [string, (socket: Socket) => void][] = [
    ['HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok', (socket) => socket.end()],
    ['HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok', (socket) => setTimeout(() => socket.resetAndDestroy(), 20)],
    [chunked, (socket) => socket.end()],
    [`${chunked}zz\r\n`, () => {}],
    [`${chunked}0\r\nx: y\r\n`, (socket) => socket.end()],
    ['HTTP/1.1 200 OK\r\n\r\nok', (socket) => setTimeout(() => socket.resetAndDestroy(), 20)],
  ];
  for (const [text, then] of cases) {
    assert.equal(await codeOf(get(await say(text, then))), 'HTTP-response-incomplete', JSON.stringify(text));
  }
});

/** A body without end, and whether anybody still reads it. */
function endless(): ByteSource & { readonly cancelled: Promise<unknown>; read(): Uint8Array } {
  const cancelled = Promise.withResolvers<unknown>();
  const chunk = Buffer.alloc(65_536);
  return { read: () => chunk, cancel: cancelled.resolve, cancelled: cancelled.promise };
}

const refusal = 'HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig';

test('an answer that comes before the request was read is there at once, and nobody waits for the rest', async () => {
  for (const [reads, status] of [
    [true, '413'],
    [false, '413'],
    [true, '400'],
  ] as const) {
    const { port, closed } = await upstream((socket) => {
      socket.removeAllListeners('data');
      socket.write(refusal.replace('413', status));
      socket.pause();
      if (reads) setTimeout(() => socket.resume(), 300);
      else setTimeout(() => socket.resume(), 3000).unref();
    });
    const body = endless();
    const started = performance.now();
    assert.equal(await exchange(client(), get(port, { method: 'POST', body })), `${status} big`);
    assert.ok((await within(body.cancelled, 'the body to be cancelled')) instanceof AnsweredEarly);
    assert.ok(performance.now() - started < 2000);
    if (reads) await closed(0);
  }
});

test('one that is read late is there, too, when its connection is gone', async () => {
  const port = await say(refusal);
  const body = endless();
  const response = await client().send(get(port, { method: 'POST', body }), {});
  await within(body.cancelled, 'the body to be cancelled');
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await read(response.body), 'big');
});

test('a success that comes early does not end the request, unless the other side reads no more', async () => {
  let got = 0;
  const whole = await upstream((socket, text) => {
    if (got === 0) socket.write(OK);
    got = text.length;
  });
  const chunks = Array.from({ length: 40 }, () => 'x'.repeat(100_000));
  const body = bodyOf(chunks, { length: 4_000_000 });
  assert.equal(await exchange(client(), get(whole.port, { method: 'POST', body })), '200 ok');
  while (!whole.connections[0]?.endsWith('x') || got < 4_000_000) {
    await within(new Promise((resolve) => setTimeout(resolve, 10)), 'the rest of the request');
  }
  const { port } = await upstream((socket) => {
    socket.write(OK);
    socket.pause();
  });
  const unread = endless();
  assert.equal(await exchange(client(), get(port, { method: 'POST', body: unread })), '200 ok');
  assert.ok((await within(unread.cancelled, 'the body to be cancelled')) instanceof AnsweredEarly);
});

test('who closes the connection after an early answer has answered all the same', async () => {
  const { port } = await upstream((socket) => {
    socket.removeAllListeners('data');
    socket.end(refusal);
    socket.resume();
  });
  const body = endless();
  const { status } = await client().send(get(port, { method: 'POST', body }), {});
  assert.equal(status, 413);
  await within(body.cancelled, 'the body to be cancelled');
});

test('time limits settle the promise, whatever node:http makes of the connection', async () => {
  const silent = await say('');
  const body = endless();
  assert.equal(
    await codeOf(get(silent, { method: 'POST', body }), { firstByteTimeoutMs: 50 }),
    'connection-read-timeout',
  );
  const reason = await within(body.cancelled, 'the body to be cancelled');
  assert.ok(reason instanceof HttpError && reason.code === 'connection-read-timeout');
  const { port, closed } = await upstream(answers('HTTP/1.1 103 Early Hints\r\n\r\n'));
  assert.equal(await codeOf(get(port), { firstByteTimeoutMs: 50 }), 'connection-read-timeout');
  await closed(0);
});

test('a connection that is closed without a word is an error', async () => {
  for (const end of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
    for (const method of ['GET', 'POST']) {
      assert.equal(await codeOf(get(await say('', end), { method })), 'connection-terminated');
    }
  }
});

test('what a response may bring is bounded by the limits of the client', async () => {
  const small = client({ limits: { headerBytes: 500, headerCount: 3, bufferedBytes: 1000 } });
  const many = await say(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(4)}\r\n`);
  assert.equal(await codeOf(get(many), {}, small), 'HTTP-response-header-section-size');
  const large = await say(`HTTP/1.1 200 OK\r\na: ${'b'.repeat(600)}\r\n\r\n`);
  assert.equal(await codeOf(get(large), {}, small), 'HTTP-response-header-section-size');
});

test('an authority without a port means that of its scheme', async () => {
  const wanted: unknown[] = [];
  const refuse = (options: { readonly host?: string; readonly port?: unknown }): never => {
    wanted.push(`${options.host}:${options.port}`);
    throw new Error('no connection');
  };
  const agents = {
    for: (scheme: string) =>
      Object.assign(scheme === 'https' ? new HttpsAgent() : new Agent(), { createConnection: refuse }),
    close: () => {},
  } as unknown as Agents;
  const limits = { headerBytes: 1000, headerCount: 10 } as ClientLimits;
  const parts = { componentId: 'c', limits, network: createOutboundNetwork(defaultRuntimeConfig()), agents };
  for (const [scheme, authority] of [
    ['http', 'a.example'],
    ['https', 'a.example'],
    ['https', 'a.example:80'],
    ['http', '[::1]:443'],
  ] as const) {
    const request = { ...get(1), scheme, authority };
    await assert.rejects(async () => sendOnce(request, {}, parts), HttpError);
  }
  assert.deepEqual(wanted, ['a.example:80', 'a.example:443', 'a.example:80', '::1:443']);
});
