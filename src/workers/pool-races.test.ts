// Deaths, reloads and stops that meet, in every order: workers, sockets and time are the test's. One file, since each
// test turns one screw of the same bench.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { testLog } from '../telemetry/log.test-kit.ts';
import type { ListenSocket, SocketSource } from './listen-socket.ts';
import { runWorkers } from './pool.ts';
import type { WorkerPool, WorkerPoolOptions } from './pool-options.ts';
import type { Worker, WorkerExit, WorkerStart } from './worker.ts';

class FakeWorker implements Worker {
  readonly trouble = undefined;
  readonly pid: number;
  readonly start: WorkerStart;
  readonly #ready = Promise.withResolvers<string>();
  readonly #exited = Promise.withResolvers<WorkerExit>();
  readonly ready = this.#ready.promise;
  readonly exited = this.#exited.promise;
  readonly resigned = new Promise<void>(() => {});
  drains = 0;
  knowsAllUp = false;
  killedFor: string | undefined;

  constructor(pid: number, start: WorkerStart) {
    this.pid = pid;
    this.start = start;
    this.ready.catch(() => undefined);
  }

  lead(): Promise<void> {
    throw new Error('Nobody leads without need');
  }

  drain(): Promise<WorkerExit> {
    this.drains++;
    return this.exited;
  }

  /** What it answers when it is asked. */
  answer: unknown = 'nothing special';

  async ask(): Promise<unknown> {
    return this.answer;
  }

  readonly allUp = (): void => {
    this.knowsAllUp = true;
  };

  kill(reason: string): void {
    this.killedFor ??= reason;
  }

  listens(): void {
    this.#ready.resolve(`http://127.0.0.1:${this.start.address.port}/${this.pid}`);
  }

  fails(message: string): void {
    this.#ready.reject(new Error(message));
  }

  ends(exit: Partial<WorkerExit> = {}): void {
    this.#ready.reject(new Error(`${this.pid} ended`));
    const { killedFor } = this;
    this.#exited.resolve({
      code: 0,
      signal: null,
      servedMs: 60_000,
      ...(killedFor !== undefined && { killedFor }),
      ...exit,
    });
  }
}

interface Bench {
  readonly workers: FakeWorker[];
  readonly opened: ListenSocket[];
  readonly released: ListenSocket[];
  /** What the log tells people. */
  readonly lines: () => string[];
  /** The pool, once it was made. */
  readonly made: Promise<WorkerPool>;
  /** The workers from here on; those of the pool's start are 0 and 1. */
  worker(index: number): FakeWorker;
  tick(milliseconds: number): Promise<void>;
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

const backOff = { firstMs: 100, mostMs: 30_000, wellAfterMs: 10_000 };

function bench(t: TestContext, options: Partial<WorkerPoolOptions> = {}): Bench {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const workers: FakeWorker[] = [];
  const opened: ListenSocket[] = [];
  const released: ListenSocket[] = [];
  const { log, messages } = testLog();
  const sockets: SocketSource = {
    address: { host: '127.0.0.1', port: 3000 },
    isSpread: true,
    open() {
      const socket = { close: () => undefined };
      opened.push(socket);
      return socket;
    },
    release: (socket) => void released.push(socket),
  };
  const made = runWorkers(
    { count: 2, entry: 'entry', listen: { host: 'localhost', port: 0 }, log, backOff, ...options },
    {
      open: async () => sockets,
      start: (start) => {
        const worker = new FakeWorker(100 + workers.length, start);
        workers.push(worker);
        return worker;
      },
    },
  );
  made.catch(() => undefined);
  const one: Bench = {
    workers,
    opened,
    released,
    lines: () => messages('error', 'info'),
    made,
    worker: (index) => workers[index] ?? assert.fail(`there is no worker ${index}`),
    tick: async (milliseconds) => {
      await settle();
      t.mock.timers.tick(milliseconds);
      await settle();
    },
  };
  return one;
}

/** With both of its workers listening. */
async function running(
  t: TestContext,
  options: Partial<WorkerPoolOptions> = {},
): Promise<Bench & { pool: WorkerPool }> {
  const one = bench(t, options);
  await settle();
  for (const worker of one.workers) worker.listens();
  return { ...one, pool: await one.made };
}

test('each worker gets a socket, its number, and what the options say', async (t) => {
  const one = await running(t, { args: ['a'], env: { X: '1' }, limits: { drainMs: 7 } });
  assert.deepEqual(
    one.workers.map(({ start }) => [start.entry, start.args, start.env, start.limits.drainMs]),
    ['1', '2'].map((number) => ['entry', ['a'], { X: '1', MAYFLY_WORKER: number }, 7]),
  );
  assert.deepEqual(
    one.workers.map(({ start }) => start.socket),
    one.opened,
  );
  assert.notEqual(one.opened[0], one.opened[1]);
  assert.deepEqual([one.pool.port, one.pool.url, one.pool.pids], [3000, 'http://127.0.0.1:3000/100', [100, 101]]);
});

test('it is ready when all listen, not before', async (t) => {
  const one = bench(t);
  await settle();
  let isReady = false;
  void one.made.then(() => {
    isReady = true;
  });
  one.worker(1).listens();
  await settle();
  assert.equal(isReady, false);
  one.worker(0).listens();
  await settle();
  assert.equal(isReady, true);
});

test('when one does not start, the others are killed, and its sockets closed when they are gone', async (t) => {
  const one = bench(t);
  await settle();
  one.worker(0).listens();
  one.worker(1).fails('no manifest');
  await settle();
  assert.deepEqual(
    one.workers.map(({ killedFor }) => killedFor),
    ['another new worker failed', 'another new worker failed'],
  );
  assert.deepEqual(one.released, []);
  for (const worker of one.workers) worker.ends();
  await assert.rejects(one.made, /no manifest/);
  assert.deepEqual(one.released, one.opened);
});

test('a reload: the new ones listen before the old ones are told, and it ends when these are gone', async (t) => {
  const one = await running(t);
  let isDone = false;
  void one.pool.reload().then(() => {
    isDone = true;
  });
  await settle();
  assert.equal(one.workers.length, 4);
  one.worker(2).listens();
  await settle();
  assert.deepEqual(one.pool.pids, [100, 101]);
  assert.deepEqual([one.worker(0).drains, one.worker(1).drains], [0, 0]);
  one.worker(3).listens();
  await settle();
  assert.deepEqual(one.pool.pids, [102, 103]);
  assert.deepEqual([one.worker(0).drains, one.worker(1).drains, one.worker(2).drains], [1, 1, 0]);
  one.worker(0).ends();
  await settle();
  assert.equal(isDone, false);
  one.worker(1).ends();
  await settle();
  assert.equal(isDone, true);
  assert.deepEqual([one.opened.length, one.released.length, one.lines()], [2, 0, []]);
});

test('a swap ends when the new ones are in charge, and the next one waits for none that drains', async (t) => {
  const one = await running(t);
  let swaps = 0;
  for (let index = 0; index < 2; index++) {
    void one.pool.swap().then(() => swaps++);
    await settle();
    one.worker(2 + 2 * index).listens();
    one.worker(3 + 2 * index).listens();
    await settle();
    assert.equal(swaps, index + 1);
  }
  assert.deepEqual(one.pool.pids, [104, 105]);
  assert.deepEqual(
    one.workers.map(({ drains }) => drains),
    [1, 1, 1, 1, 0, 0],
  );
});

test('processes that stand by take over, and one that died meanwhile is passed over', async (t) => {
  const one = await running(t, { standby: true });
  assert.equal(one.workers.length, 4);
  assert.ok(one.worker(2).start.held && one.worker(3).start.held, 'they are held');
  one.worker(3).ends();
  await settle();
  void one.pool.swap();
  await settle();
  await one.worker(2).start.held;
  one.worker(2).listens();
  assert.equal(one.workers.length, 5, 'one that was not ready is started');
  assert.equal(one.worker(4).start.held, undefined);
  one.worker(4).listens();
  await settle();
  assert.deepEqual(one.pool.pids, [102, 104]);
  assert.deepEqual([one.workers.length, one.opened.length], [7, 2], 'the next two stand by, on the same sockets');
  void one.pool.stop();
  await settle();
  assert.deepEqual(
    one.workers.map(({ drains }) => drains > 0),
    [true, true, true, false, true, true, true],
  );
});

test('a reload that fails leaves the old ones in charge and nothing else running', async (t) => {
  const one = await running(t);
  const reload = one.pool.reload();
  await settle();
  one.worker(2).listens();
  one.worker(3).fails('no manifest');
  await assert.rejects(reload, /no manifest/);
  assert.deepEqual(
    one.workers.map(({ killedFor, drains }) => [killedFor, drains]),
    [
      [undefined, 0],
      [undefined, 0],
      ['another new worker failed', 0],
      ['another new worker failed', 0],
    ],
  );
  assert.deepEqual(one.pool.pids, [100, 101]);
  for (const index of [2, 3]) one.worker(index).ends({ signal: 'SIGKILL', code: null });
  await one.tick(60_000);
  assert.deepEqual([one.workers.length, one.lines(), one.released], [4, [], []]);
});

test('after a reload that failed the next one works, and reloads wait for each other', async (t) => {
  const one = await running(t);
  const [first, second] = [one.pool.reload(), one.pool.reload()];
  first.catch(() => undefined);
  await settle();
  assert.equal(one.workers.length, 4);
  one.worker(2).fails('once');
  await assert.rejects(first, /once/);
  await settle();
  assert.equal(one.workers.length, 6);
  for (const index of [4, 5]) one.worker(index).listens();
  await settle();
  for (const index of [0, 1]) one.worker(index).ends();
  await second;
  assert.deepEqual(one.pool.pids, [104, 105]);
});

test('a death is answered at once, then later and later, and the log says so', async (t) => {
  const one = await running(t);
  one.worker(0).ends({ code: 3, servedMs: 5 });
  await settle();
  assert.deepEqual(one.pool.pids, [undefined, 101]);
  await one.tick(0);
  assert.equal(one.workers.length, 3);
  assert.equal(one.worker(2).start.socket, one.opened[0]);
  assert.equal(one.worker(2).start.env.MAYFLY_WORKER, '1');
  one.worker(2).listens();
  await settle();
  assert.deepEqual(one.pool.pids, [102, 101]);
  one.worker(2).ends({ code: null, signal: 'SIGSEGV', servedMs: 5 });
  await one.tick(99);
  assert.equal(one.workers.length, 3);
  await one.tick(1);
  assert.equal(one.workers.length, 4);
  assert.deepEqual(one.lines(), [
    'Worker 1 (process 100) died: exited with 3. A new one starts at once',
    'Worker 1 is back (process 102)',
    'Worker 1 (process 102) died: ended by SIGSEGV. A new one starts in 0.1 s',
  ]);
});

test('why it was killed stands in the log', async (t) => {
  const one = await running(t);
  one.worker(1).kill('its event loop no longer answered');
  one.worker(1).ends({ code: null, signal: 'SIGKILL' });
  await settle();
  assert.match(one.lines()[0] ?? '', /Worker 2 \(process 101\) died: its event loop no longer answered/);
});

test('a new one that does not start is tried again, later and later', async (t) => {
  const one = await running(t);
  one.worker(0).ends({ servedMs: 5 });
  await one.tick(0);
  one.worker(2).fails('no manifest');
  await settle();
  assert.equal(one.lines().at(-1), 'Worker 1 does not start. The next attempt is in 0.1 s');
  await one.tick(100);
  one.worker(3).fails('no manifest');
  await settle();
  assert.equal(one.lines().at(-1), 'Worker 1 does not start. The next attempt is in 0.2 s');
  await one.tick(199);
  assert.equal(one.workers.length, 4);
  await one.tick(1);
  assert.equal(one.workers.length, 5);
  one.worker(4).listens();
  await settle();
  assert.deepEqual(one.pool.pids, [104, 101]);
});

test('a worker that is away for more than a second gives its socket up, and gets another one', async (t) => {
  for (const [firstMs, keeps] of [
    [1000, true],
    [1001, false],
  ] as const) {
    t.mock.timers.reset();
    const one = await running(t, { backOff: { firstMs, mostMs: 60_000, wellAfterMs: 60_000 } });
    one.worker(0).ends({ servedMs: 0 });
    await one.tick(0);
    one.worker(2).listens();
    await settle();
    one.worker(2).ends({ servedMs: 0 });
    await settle();
    assert.deepEqual(one.released, keeps ? [] : [one.opened[0]]);
    await one.tick(firstMs);
    assert.equal(one.worker(3).start.socket, keeps ? one.opened[0] : one.opened[2]);
  }
});

test('the last worker keeps its socket however long it is away: connections wait in it', async (t) => {
  const one = await running(t, { count: 1, backOff: { firstMs: 60_000, mostMs: 60_000, wellAfterMs: 60_000 } });
  one.worker(0).ends({ servedMs: 0 });
  await one.tick(0);
  one.worker(1).ends({ servedMs: 0 });
  await one.tick(0);
  assert.deepEqual(one.released, []);
});

test('stopping drains all, waits for all, and then closes the sockets', async (t) => {
  const one = await running(t);
  let isDone = false;
  void one.pool.stop().then(() => {
    isDone = true;
  });
  await settle();
  assert.deepEqual(
    one.workers.map(({ drains }) => drains),
    [1, 1],
  );
  one.worker(0).ends();
  await settle();
  assert.deepEqual([isDone, one.released], [false, []]);
  one.worker(1).ends();
  await settle();
  assert.deepEqual([isDone, one.released], [true, one.opened]);
  await one.tick(60_000);
  assert.deepEqual([one.workers.length, one.lines()], [2, []]);
});

test('a stop that comes while a death is about to be answered: no new one starts', async (t) => {
  const one = await running(t);
  one.worker(0).ends({ servedMs: 0 });
  await settle();
  const stopped = one.pool.stop();
  await one.tick(60_000);
  assert.equal(one.workers.length, 2);
  one.worker(1).ends();
  await stopped;
});

test('a stop that comes while a new one starts: it is drained, never in charge, and the stop waits for it', async (t) => {
  const one = await running(t);
  one.worker(0).ends({ servedMs: 0 });
  await one.tick(0);
  let isDone = false;
  void one.pool.stop().then(() => {
    isDone = true;
  });
  one.worker(1).ends();
  one.worker(2).listens();
  await settle();
  assert.ok(one.worker(2).drains > 0);
  assert.deepEqual([one.pool.pids, isDone], [[undefined, 101], false]);
  one.worker(2).ends();
  await settle();
  assert.equal(isDone, true);
  assert.ok(!one.lines().some((line) => /is back/.test(line)));
});

test('a stop while a new one fails to start: it is not tried again', async (t) => {
  const one = await running(t);
  one.worker(0).ends({ servedMs: 0 });
  await one.tick(0);
  const stopped = one.pool.stop();
  one.worker(2).fails('no manifest');
  for (const index of [1, 2]) one.worker(index).ends();
  await stopped;
  await one.tick(60_000);
  assert.equal(one.workers.length, 3);
  assert.equal(one.lines().filter((line) => /does not start/.test(line)).length, 0);
});

test('a stop during a reload: the new ones are drained, too', async (t) => {
  const one = await running(t);
  const reload = one.pool.reload();
  reload.catch(() => undefined);
  await settle();
  const stopped = one.pool.stop();
  assert.ok(one.workers.every(({ drains }) => drains > 0));
  for (const index of [2, 3]) one.worker(index).listens();
  for (const worker of one.workers) worker.ends();
  await stopped;
  await one.tick(60_000);
  assert.equal(one.workers.length, 4);
});

test('after a stop there is no reload, nor one that waited for its turn', async (t) => {
  const one = await running(t);
  const first = one.pool.reload();
  const second = one.pool.reload();
  for (const reload of [first, second]) reload.catch(() => undefined);
  await settle();
  const stopped = one.pool.stop();
  for (const index of [2, 3]) one.worker(index).listens();
  await settle();
  for (const worker of one.workers) worker.ends();
  await stopped;
  await assert.rejects(second, { code: 'worker-failed', message: 'The workers are being stopped' });
  await assert.rejects(one.pool.reload(), { code: 'worker-failed' });
  assert.equal(one.workers.length, 4);
});

test('a reload fills a slot whose worker is away: the restart that was planned does not happen', async (t) => {
  const one = await running(t, { backOff: { firstMs: 500, mostMs: 500, wellAfterMs: 60_000 } });
  one.worker(0).ends({ servedMs: 0 });
  await one.tick(0);
  one.worker(2).ends({ servedMs: 0 });
  await settle();
  const reload = one.pool.reload();
  await settle();
  for (const index of [3, 4]) one.worker(index).listens();
  await settle();
  one.worker(1).ends();
  await reload;
  await one.tick(60_000);
  assert.deepEqual([one.workers.length, one.pool.pids], [5, [103, 104]]);
});

test('a restart that is under way when a reload fills its slot gives way, whether it comes up or not', async (t) => {
  for (const comesUp of [true, false]) {
    t.mock.timers.reset();
    const one = await running(t);
    one.worker(0).ends({ servedMs: 0 });
    await one.tick(0);
    const reload = one.pool.reload();
    await settle();
    for (const index of [3, 4]) one.worker(index).listens();
    await settle();
    one.worker(1).ends();
    await reload;
    if (comesUp) one.worker(2).listens();
    else one.worker(2).fails('no manifest');
    await settle();
    assert.deepEqual(one.pool.pids, [103, 104]);
    assert.equal(one.worker(2).drains, comesUp ? 1 : 0);
    await one.tick(60_000);
    assert.equal(one.workers.length, 5);
    assert.ok(!one.lines().some((line) => /does not start|is back/.test(line)));
  }
});

test('an old worker that dies while it drains is not replaced', async (t) => {
  const one = await running(t);
  const reload = one.pool.reload();
  await settle();
  for (const index of [2, 3]) one.worker(index).listens();
  await settle();
  one.worker(0).ends({ code: 3 });
  one.worker(1).ends({ code: 3 });
  await reload;
  await one.tick(60_000);
  assert.deepEqual([one.workers.length, one.lines()], [4, []]);
});

test('a new worker that died before it was in charge is replaced', async (t) => {
  const one = await running(t);
  const reload = one.pool.reload();
  await settle();
  one.worker(2).listens();
  await settle();
  one.worker(2).ends({ code: 9, servedMs: 0 });
  await settle();
  one.worker(3).listens();
  await settle();
  for (const index of [0, 1]) one.worker(index).ends();
  await reload;
  await one.tick(0);
  assert.deepEqual(one.pool.pids, [undefined, 103]);
  assert.equal(one.workers.length, 5);
  assert.match(one.lines()[0] ?? '', /Worker 1 \(process 102\) died: exited with 9\. A new one starts at once/);
});

test('killing ends those that serve and those that start, and none comes back', async (t) => {
  const one = await running(t);
  one.worker(0).ends({ servedMs: 0 });
  await one.tick(0);
  one.pool.kill();
  assert.deepEqual([one.worker(1).killedFor, one.worker(2).killedFor], ['the pool was killed', 'the pool was killed']);
  assert.equal(one.worker(0).killedFor, undefined);
  for (const index of [1, 2]) one.worker(index).ends({ signal: 'SIGKILL', code: null });
  await one.tick(60_000);
  assert.equal(one.workers.length, 3);
});

test('a number of workers that is none is refused before anything is opened', async () => {
  for (const count of [0, -1, 1.5, Number.NaN, '2' as unknown as number]) {
    await assert.rejects(
      runWorkers(
        { count, entry: '', listen: { host: '', port: 0 } },
        { open: () => assert.fail('opened'), start: () => assert.fail('started') },
      ),
      { code: 'usage' },
    );
  }
});

test('auto: as many as there are processors', async (t) => {
  const { availableParallelism } = await import('node:os');
  assert.equal((await running(t, { count: 'auto' })).workers.length, availableParallelism());
});

test('workers know when all of them listen for the first time; later ones know it at once', async (t) => {
  const one = bench(t);
  await settle();
  one.worker(0).listens();
  await settle();
  assert.equal(one.worker(0).knowsAllUp, false);
  one.worker(1).listens();
  const pool = await one.made;
  assert.deepEqual(
    one.workers.map(({ knowsAllUp }) => knowsAllUp),
    [true, true],
  );
  one.worker(0).ends();
  await one.tick(100);
  one.worker(2).listens();
  await settle();
  assert.equal(one.worker(2).knowsAllUp, true, 'one that replaces a dead one');
  const reloaded = pool.reload();
  await settle();
  one.worker(3).listens();
  await settle();
  assert.deepEqual([one.worker(3).knowsAllUp, one.worker(4).knowsAllUp], [true, false]);
  one.worker(4).listens();
  await settle();
  for (const worker of [one.worker(1), one.worker(2)]) worker.ends();
  await reloaded;
});

test('the workers that serve are asked, and those that do not answer have said nothing', async (t) => {
  const one = bench(t);
  await settle();
  for (const worker of one.workers) worker.listens();
  const pool = await one.made;
  assert.deepEqual(await pool.ask(100), ['nothing special', 'nothing special']);
  one.worker(0).answer = undefined;
  assert.deepEqual(await pool.ask(100), ['nothing special']);
  one.worker(1).ends();
  await settle();
  assert.deepEqual(await pool.ask(100), []);
});
