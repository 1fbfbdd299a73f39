// The body of a message of node:http, driven by hand: read ahead up to a limit, its end, its failures, its time.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { HttpError } from './http-message.ts';
import { headerList, NodeBody, type NodeBodyOptions } from './node-body.ts';

class Message extends EventEmitter {
  errored: Error | null = null;
  destroyed = false;
  complete = false;
  rawTrailers: string[] = [];
  readonly calls: string[] = [];
  pause(): void {
    this.calls.push('pause');
  }
  resume(): void {
    this.calls.push('resume');
  }
}

function bodyOf(options: Partial<NodeBodyOptions> = {}) {
  const message = new Message();
  const events: string[] = [];
  const body = new NodeBody(message as unknown as IncomingMessage, {
    bufferedBytes: 10,
    idleMs: 1000,
    length: 7,
    brokenCode: 'connection-terminated',
    begin: () => void events.push('begin'),
    abandon: () => void events.push('abandon'),
    ...options,
  });
  const bring = (text: string): void => void message.emit('data', Buffer.from(text));
  const read = (): string | undefined | Promise<string | undefined> => {
    const chunk = body.read();
    return chunk instanceof Promise ? chunk.then((one) => one && String(one)) : chunk && String(chunk);
  };
  return { message, events, body, bring, read };
}

test('nothing is asked for before the first read, and each piece comes once, in order', async () => {
  const { body, message, events, bring, read } = bodyOf();
  assert.equal(body.length, 7);
  assert.deepEqual([message.listenerCount('data'), events], [0, []]);
  const first = read();
  assert.deepEqual(events, ['begin']);
  bring('a');
  assert.equal(await first, 'a');
  bring('b');
  bring('c');
  assert.deepEqual([read(), read()], ['b', 'c']);
  const last = read();
  message.emit('end');
  assert.deepEqual([await last, read()], [undefined, undefined]);
  assert.deepEqual(events, ['begin']);
});

test('it is read ahead up to the limit, and goes on when half of it was taken', () => {
  const { message, bring, read } = bodyOf();
  void read();
  bring('first');
  bring('1234');
  bring('56789');
  assert.deepEqual(message.calls, []);
  bring('0');
  assert.deepEqual(message.calls, ['pause']);
  assert.equal(read(), '1234');
  assert.deepEqual(message.calls, ['pause'], '6 bytes wait');
  assert.equal(read(), '56789');
  assert.deepEqual(message.calls, ['pause', 'resume']);
  const exact = bodyOf();
  void exact.read();
  exact.bring('x');
  exact.bring('12345');
  exact.bring('67890');
  exact.read();
  assert.deepEqual(exact.message.calls, ['pause', 'resume'], 'half of it waits');
});

test('a sender that goes away breaks the body behind what had come', async () => {
  for (const event of ['error', 'close']) {
    const { message, bring, read } = bodyOf();
    void read();
    bring('a');
    bring('b');
    message.emit(event, new Error('x'));
    assert.equal(read(), 'b');
    assert.throws(() => read(), { code: 'connection-terminated' });
    const waiting = bodyOf();
    const pending = waiting.read();
    waiting.message.emit(event, new Error('x'));
    await assert.rejects(async () => pending, { code: 'connection-terminated' });
  }
  const whole = bodyOf();
  void whole.read();
  whole.message.emit('end');
  whole.message.emit('close');
  assert.equal(whole.read(), undefined);
});

test('one that had gone before the first read', async () => {
  for (const [parts, breaks] of [
    [{ errored: new Error('x') }, true],
    [{ destroyed: true }, true],
    [{ destroyed: true, complete: true }, false],
  ] as const) {
    const { message, events, read } = bodyOf();
    Object.assign(message, parts);
    if (breaks) assert.throws(() => read(), { code: 'connection-terminated' });
    else {
      const end = read();
      message.emit('end');
      assert.equal(await end, undefined);
    }
    assert.deepEqual(events, breaks ? [] : ['begin']);
  }
});

test('a reader that waits for too long gets an error, and nothing more is wanted', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { events, bring, read, message } = bodyOf();
  const first = read();
  t.mock.timers.tick(999);
  bring('a');
  assert.equal(await first, 'a');
  t.mock.timers.tick(5000);
  const second = read() as Promise<unknown>;
  t.mock.timers.tick(999);
  assert.deepEqual(events, ['begin']);
  t.mock.timers.tick(1);
  await assert.rejects(second, (error: HttpError) => {
    assert.equal(error.code, 'connection-read-timeout');
    assert.match(error.message, /1000 ms/);
    return true;
  });
  assert.deepEqual(events, ['begin', 'abandon']);
  message.emit('data', Buffer.from('late'));
  assert.throws(() => read(), { code: 'connection-read-timeout' });
});

test('a reader that wants no more gets the end, and what comes later is lost', async () => {
  const { events, body, bring, read } = bodyOf();
  void read();
  bring('a');
  bring('b');
  body.cancel();
  body.cancel();
  bring('c');
  assert.equal(read(), undefined);
  assert.deepEqual(events, ['begin', 'abandon']);
  const waiting = bodyOf();
  const pending = waiting.read();
  waiting.body.cancel();
  assert.equal(await pending, undefined);
  const untouched = bodyOf();
  untouched.body.cancel();
  assert.equal(untouched.read(), undefined);
  assert.deepEqual(untouched.events, ['abandon']);
  const over = bodyOf();
  void over.read();
  over.message.emit('end');
  over.body.cancel();
  assert.deepEqual(over.events, ['begin']);
});

test('trailers are there when there are any, their names in lower case', () => {
  const { body, message } = bodyOf();
  assert.equal(body.trailers(), undefined);
  message.rawTrailers = ['X-A', '1', 'b', '2'];
  const list = [
    ['x-a', '1'],
    ['b', '2'],
  ];
  assert.deepEqual(body.trailers(), list);
  assert.deepEqual(headerList(message.rawTrailers), list);
});
