// A body goes out at the pace of the other side, ends where the answer makes it useless, and leaves nothing behind on the
// connection. The request, its connection and the time are the test's own.
import assert from 'node:assert/strict';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { AnsweredEarly, type ByteSource } from '../http-message.ts';
import { watchOf } from './agents.ts';
import { Upload } from './upload.ts';

const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate);
};

function upload(chunks: readonly (string | Error)[], trailers?: ByteSource['trailers']) {
  const seen = { written: [] as string[], trailers: undefined as unknown, ended: 0, cancelled: [] as unknown[] };
  const left = [...chunks];
  const body: ByteSource = {
    read() {
      const next = left.shift();
      if (next instanceof Error) throw next;
      return next === undefined ? undefined : Buffer.from(next);
    },
    cancel: (reason) => void seen.cancelled.push(reason),
    ...(trailers && { trailers }),
  };
  let isFull = false;
  const request = Object.assign(new Duplex({ read() {}, write() {} }), {
    write(chunk: Uint8Array | string) {
      if (chunk.length > 0) seen.written.push(String(chunk));
      return !isFull;
    },
    end: () => void seen.ended++,
    addTrailers: (given: unknown) => {
      seen.trailers = given;
    },
  });
  const socket = new Duplex({ read() {}, write() {} }) as unknown as Socket;
  watchOf(socket);
  const before = socket.listenerCount('data');
  const one = new Upload(request as unknown as ClientRequest, body);
  one.connected(socket);
  return {
    one,
    seen,
    request,
    socket,
    fill: (full: boolean) => {
      isFull = full;
    },
    answer: (response: Partial<IncomingMessage>) => one.answered(response as IncomingMessage),
    listeners: () => [socket.listenerCount('drain'), socket.listenerCount('data') - before],
  };
}

test('a body goes out whole, with its trailers, and the connection is left as it was', async () => {
  const trailers = async () => [['x', '1'] as const, ['content-length', '5'] as const];
  const { one, seen, listeners } = upload(['a', 'b'], trailers);
  assert.deepEqual(listeners(), [1, 1]);
  await one.run();
  assert.deepEqual(seen, { written: ['a', 'b'], trailers: [['x', '1']], ended: 1, cancelled: [undefined] });
  assert.deepEqual(listeners(), [0, 0]);
});

test('it waits for room, of the request or of its connection', async () => {
  for (const where of ['request', 'socket'] as const) {
    const made = upload(['a', 'b', 'c']);
    made.fill(true);
    const running = made.one.run();
    await settle();
    assert.deepEqual(made.seen.written, ['a']);
    made[where].emit('drain');
    await settle();
    assert.deepEqual(made.seen.written, ['a', 'b']);
    made.fill(false);
    made[where].emit('drain');
    await running;
    assert.deepEqual([made.seen.written, made.seen.ended], [['a', 'b', 'c'], 1]);
  }
});

test('the error of a body is told, and nothing more is sent', async () => {
  const { one, seen } = upload(['a', new Error('broken'), 'b']);
  await assert.rejects(one.run(), { message: 'broken' });
  assert.deepEqual([seen.written, seen.ended, seen.cancelled], [['a'], 0, [undefined]]);
});

test('a stop ends the body with its reason, once, also while it waits; its errors count no more', async () => {
  const made = upload(['a', new Error('broken')]);
  made.fill(true);
  const running = made.one.run();
  await settle();
  made.one.stop('why');
  made.one.stop('again');
  await running;
  assert.deepEqual([made.seen.written, made.seen.ended, made.seen.cancelled], [['a'], 0, ['why', undefined]]);
  const failing = upload([]);
  const { promise, reject } = Promise.withResolvers<undefined>();
  const broken = new Upload(failing.request as unknown as ClientRequest, { read: () => promise, cancel: () => {} });
  const ends = broken.run();
  broken.stop('why');
  reject(new Error('broken'));
  await ends;
  assert.equal(failing.seen.ended, 0);
});

test('a stop while trailers are waited for sends none, and one after the end does nothing', async () => {
  const { promise, resolve } = Promise.withResolvers<[string, string][]>();
  const made = upload(['a'], () => promise);
  const running = made.one.run();
  await settle();
  made.one.stop('why');
  resolve([['x', '1']]);
  await running;
  assert.deepEqual([made.seen.trailers, made.seen.ended], [undefined, 0]);
  const done = upload(['a']);
  await done.one.run();
  done.one.stop('late');
  assert.deepEqual(done.seen.cancelled, [undefined]);
});

test('what comes after a whole answer spoils the connection; after a refusal it ends the body, after a success not', async () => {
  for (const [statusCode, ends] of [
    [200, false],
    [399, false],
    [400, true],
    [500, true],
  ] as const) {
    const made = upload(['a', 'b']);
    made.fill(true);
    const running = made.one.run();
    made.answer({ complete: false, statusCode });
    made.socket.emit('data', Buffer.from('x'));
    await settle();
    assert.deepEqual(made.seen.cancelled, [], 'an answer that is not whole ends nothing');
    made.answer({ complete: true, statusCode });
    made.socket.emit('data', Buffer.from('x'));
    await settle();
    assert.equal(watchOf(made.socket).end(), false);
    const [reason] = made.seen.cancelled as (Error | undefined)[];
    assert.equal(reason instanceof AnsweredEarly, ends, String(statusCode));
    made.fill(false);
    made.request.emit('drain');
    await running;
    assert.equal(made.seen.ended, ends ? 0 : 1);
  }
});

test('a side that takes nothing for a second is given up, once its answer is whole or a refusal', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  for (const [response, ends] of [
    [undefined, false],
    [{ complete: false, statusCode: 200 }, false],
    [{ complete: true, statusCode: 200 }, true],
    [{ complete: false, statusCode: 400 }, true],
  ] as const) {
    const made = upload(['a', 'b']);
    made.fill(true);
    const running = made.one.run();
    await settle();
    if (response) made.answer(response);
    t.mock.timers.tick(999);
    assert.deepEqual(made.seen.cancelled, []);
    t.mock.timers.tick(1);
    assert.equal(made.seen.cancelled.length, ends ? 1 : 0);
    assert.equal(made.socket.destroyed, ends && response?.complete === true, 'what was not read stays readable');
    made.fill(false);
    made.request.emit('drain');
    await running;
    t.mock.timers.tick(5000);
    assert.equal(made.seen.ended, ends ? 0 : 1);
  }
});
