// The parent's side of one worker, against a process that is only pretended, with the test's own clock.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { type TestContext, test } from 'node:test';
import { MayflyError } from '../errors.ts';
import { testLog } from '../telemetry/log.test-kit.ts';
import type { ToWorker } from './messages.ts';
import { defaultWorkerLimits, startWorker, type Worker, type WorkerLimits } from './worker.ts';

interface Bench {
  readonly worker: Worker;
  readonly child: EventEmitter & { connected: boolean };
  /** What the worker was told, and how it was ended. */
  readonly told: string[];
  readonly handles: unknown[];
  /** What the log tells people. */
  readonly errors: () => string[];
  says(message: unknown): void;
  ends(code: number | null, signal?: NodeJS.Signals): void;
  tick(milliseconds: number): void;
}

const socket = { close: () => undefined };

function bench(t: TestContext, limits: Partial<WorkerLimits> = {}): Bench {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const told: string[] = [];
  const handles: unknown[] = [];
  const child = Object.assign(new EventEmitter(), {
    pid: 4711,
    connected: true,
    kill: (signal: string) => void told.push(`kill ${signal}`),
    send: ({ type }: ToWorker, handle: unknown) => {
      told.push(type);
      handles.push(handle);
    },
  });
  const { log, messages } = testLog();
  const worker = startWorker(
    {
      entry: 'unused',
      args: [],
      env: {},
      socket,
      address: { host: '127.0.0.1', port: 3000 },
      limits: {
        ...defaultWorkerLimits,
        heartbeatMs: 1000,
        missedHeartbeats: 3,
        startMs: 5000,
        drainMs: 2000,
        ...limits,
      },
      log,
    },
    () => child as unknown as ChildProcess,
  );
  return {
    worker,
    child,
    told,
    handles,
    errors: () => messages('error'),
    says: (message) => void child.emit('message', message),
    ends: (code, signal) => void child.emit('exit', code, signal ?? null),
    tick: (milliseconds) => t.mock.timers.tick(milliseconds),
  };
}

const failed = (message: RegExp) => (error: unknown) =>
  error instanceof MayflyError && error.code === 'worker-failed' && message.test(error.message);

test('it gets the socket once its code is loaded, and is ready when it says so', async (t) => {
  const one = bench(t, { heartbeatMs: 100_000 });
  assert.equal(one.worker.pid, 4711);
  assert.deepEqual(one.told, []);
  one.says({ type: 'loaded' });
  assert.deepEqual(one.told, ['listen']);
  assert.equal(one.handles[0], socket);
  one.says({ type: 'ready', url: 'http://x' });
  assert.equal(await one.worker.ready, 'http://x');
  one.tick(5000);
  assert.equal(one.told.length, 1);
});

test('what is not ours is ignored, whatever it is', (t) => {
  const one = bench(t);
  for (const message of [undefined, null, 'ready', 7, {}, { type: 7 }, { type: 'unknown' }]) one.says(message);
  assert.deepEqual(one.told, []);
});

test('a worker that answers its pings lives for ever', (t) => {
  const one = bench(t);
  one.says({ type: 'ready', url: 'http://x' });
  for (let beat = 0; beat < 50; beat++) {
    one.tick(1000);
    one.says({ type: 'pong' });
  }
  assert.equal(one.told.filter((message) => message === 'ping').length, 50);
  assert.ok(!one.told.includes('kill SIGKILL'));
});

test('one that answers late is forgiven, and the count starts anew', (t) => {
  const one = bench(t);
  one.says({ type: 'ready', url: 'http://x' });
  for (let round = 0; round < 5; round++) {
    one.tick(3000);
    one.says({ type: 'pong' });
  }
  assert.ok(!one.told.includes('kill SIGKILL'));
});

test('one that misses its pings is killed after so many, not one earlier, and the log says why', async (t) => {
  const one = bench(t);
  one.says({ type: 'ready', url: 'http://x' });
  one.tick(3999);
  assert.deepEqual(one.told, ['ping', 'ping', 'ping']);
  one.tick(1);
  assert.deepEqual(one.told, ['ping', 'ping', 'ping', 'kill SIGKILL']);
  assert.deepEqual(one.errors(), ['Worker 4711 has not answered for 3 s: it is killed']);
  one.ends(null, 'SIGKILL');
  const { killedFor, signal, code } = await one.worker.exited;
  assert.deepEqual([killedFor, signal, code], ['its event loop no longer answered', 'SIGKILL', null]);
  one.tick(10_000);
  assert.equal(one.told.length, 4);
});

test('before it listens there are no pings, and it has so long to start', async (t) => {
  const one = bench(t);
  one.tick(4999);
  assert.deepEqual(one.told, []);
  one.tick(1);
  assert.deepEqual(one.told, ['kill SIGKILL']);
  one.ends(null, 'SIGKILL');
  await assert.rejects(one.worker.ready, failed(/^Worker 4711 did not start: it did not listen within 5 s$/));
  assert.equal((await one.worker.exited).servedMs, 0);
});

test('one that ends before it listens: how', async (t) => {
  const byCode = bench(t);
  byCode.ends(7);
  await assert.rejects(byCode.worker.ready, failed(/^Worker 4711 did not start: it exited with 7$/));
  t.mock.timers.reset();
  const bySignal = bench(t);
  bySignal.ends(null, 'SIGSEGV');
  await assert.rejects(bySignal.worker.ready, failed(/^Worker 4711 did not start: it was ended by SIGSEGV$/));
  const { code, signal, killedFor } = await bySignal.worker.exited;
  assert.deepEqual([code, signal, killedFor], [null, 'SIGSEGV', undefined]);
  bySignal.tick(60_000);
  assert.deepEqual(bySignal.told, []);
});

test('a process that cannot be made', async (t) => {
  const one = bench(t);
  one.child.emit('error', new Error('EAGAIN'));
  await assert.rejects(one.worker.ready, failed(/^Cannot start a worker$/));
  assert.deepEqual([(await one.worker.exited).code, (await one.worker.exited).signal], [null, null]);
});

test("the worker's own error is the one that is reported, not that it ended", async (t) => {
  const one = bench(t);
  one.says({ type: 'failed', error: { code: 'manifest-invalid', message: 'No component', problems: [] } });
  one.ends(1);
  await assert.rejects(one.worker.ready, { code: 'manifest-invalid', message: 'No component' });
  assert.deepEqual(one.errors(), []);
});

test('a failure after it was ready is that it did not stop well', async (t) => {
  const one = bench(t);
  one.says({ type: 'ready', url: 'http://x' });
  one.says({ type: 'failed', error: { code: 'internal', message: 'cannot close', problems: [] } });
  assert.equal(await one.worker.ready, 'http://x');
  assert.deepEqual(one.errors(), ['Worker 4711 did not stop well']);
});

test('draining: it is told once, and killed when it takes too long', async (t) => {
  const one = bench(t, { heartbeatMs: 100_000 });
  one.says({ type: 'ready', url: 'http://x' });
  const [first, second] = [one.worker.drain(), one.worker.drain()];
  assert.deepEqual(one.told, ['drain']);
  one.tick(1999);
  assert.deepEqual(one.told, ['drain']);
  one.tick(1);
  assert.deepEqual(one.told, ['drain', 'kill SIGKILL']);
  one.ends(null, 'SIGKILL');
  assert.equal((await first).killedFor, 'it did not drain within 2 s');
  assert.equal(await second, await first);
});

test('one that has drained in time is not killed afterwards', async (t) => {
  const one = bench(t);
  one.says({ type: 'ready', url: 'http://x' });
  const drained = one.worker.drain();
  one.ends(0);
  assert.equal((await drained).code, 0);
  one.tick(60_000);
  assert.deepEqual(one.told, ['drain']);
});

test('a worker that drains still answers for its life', (t) => {
  const one = bench(t, { drainMs: 100_000 });
  one.says({ type: 'ready', url: 'http://x' });
  void one.worker.drain();
  one.tick(4000);
  assert.deepEqual(one.told, ['drain', 'ping', 'ping', 'ping', 'kill SIGKILL']);
});

test('nothing is told to one that is gone, and the first reason to kill it counts', async (t) => {
  const one = bench(t);
  one.says({ type: 'ready', url: 'http://x' });
  one.child.connected = false;
  one.tick(2000);
  assert.deepEqual(one.told, []);
  one.worker.kill('the first');
  one.worker.kill('the second');
  one.ends(null, 'SIGKILL');
  assert.equal((await one.worker.exited).killedFor, 'the first');
});

test('how long it served counts from when it listened', async (t) => {
  const time = t.mock.method(performance, 'now', () => 1000);
  const one = bench(t);
  one.says({ type: 'ready', url: 'http://x' });
  time.mock.mockImplementation(() => 8500);
  one.ends(0);
  assert.equal((await one.worker.exited).servedMs, 7500);
});

test('the limits where none are given', () => {
  assert.deepEqual(defaultWorkerLimits, { startMs: 60_000, heartbeatMs: 1000, missedHeartbeats: 10, drainMs: 30_000 });
});

test('who asks it gets its answer, or nothing from one that takes too long or is gone', async (t) => {
  const one = bench(t, { heartbeatMs: 100_000 });
  const [first, second, late] = [one.worker.ask(100), one.worker.ask(100), one.worker.ask(100)];
  assert.deepEqual(one.told, ['ask', 'ask', 'ask']);
  one.says({ type: 'told', number: 2, data: 'two' });
  one.says({ type: 'told', number: 1, data: 'one' });
  assert.deepEqual([await first, await second], ['one', 'two']);
  one.tick(100);
  assert.equal(await late, undefined);
  one.says({ type: 'told', number: 3, data: 'too late' });
  const lost = one.worker.ask(100);
  one.ends(0);
  assert.equal(await lost, undefined);
});
