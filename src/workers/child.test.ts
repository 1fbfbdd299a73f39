// The worker's side, in a process that is only pretended.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { MayflyError } from '../errors.ts';
import {
  type ListenTarget,
  type OtherWorkers,
  type RunningApp,
  serveWorker,
  type WorkerApp,
  type WorkerProcess,
} from './child.ts';

interface Bench {
  readonly process: EventEmitter & WorkerProcess & { connected: boolean };
  /** What the parent was told, and the exit. */
  readonly told: unknown[];
  says(message: unknown, handle?: object): void;
  /** Lets everything happen that can. */
  settle(): Promise<void>;
}

function bench(app: Partial<WorkerApp> & { stop?: () => Promise<void> } = {}): Bench {
  const told: unknown[] = [];
  const process = Object.assign(new EventEmitter(), {
    connected: true,
    send: (message: unknown, _: unknown, __: unknown, sent: () => void) => {
      told.push(message);
      sent();
      return true;
    },
    exit: (code: number) => void told.push(`exit ${code}`),
  }) as unknown as Bench['process'];
  const start = app.start ?? (async () => ({ url: 'http://x', stop: app.stop ?? (async () => undefined) }));
  serveWorker({ start }, process);
  return {
    process,
    told,
    says: (message, handle) => void process.emit('message', message, handle),
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

const listen = { type: 'listen', host: '127.0.0.1', port: 3000 };

test('it says that it is loaded, listens where it is told, and says that it is ready', async () => {
  const targets: ListenTarget[] = [];
  const start = async (target: ListenTarget): Promise<RunningApp> => {
    targets.push(target);
    return { url: 'http://here', stop: async () => undefined };
  };
  const one = bench({ start });
  assert.deepEqual(one.told, [{ type: 'loaded' }]);
  const handle = {};
  one.says(listen, handle);
  await one.settle();
  assert.deepEqual(targets, [{ host: '127.0.0.1', port: 3000, handle }]);
  assert.equal(targets[0]?.handle, handle);
  assert.deepEqual(one.told, [{ type: 'loaded' }, { type: 'ready', url: 'http://here', silentMs: undefined }]);
});

test('each ping has its pong', () => {
  const one = bench();
  for (let count = 0; count < 3; count++) one.says({ type: 'ping' });
  assert.deepEqual(one.told.slice(1), [{ type: 'pong' }, { type: 'pong' }, { type: 'pong' }]);
});

test('it tells what its app has to tell, and nothing where that has nothing or cannot', async () => {
  const telling = (tell?: () => Promise<unknown>): Bench =>
    bench({ start: async () => ({ url: 'http://x', stop: async () => undefined, ...(tell && { tell }) }) });
  for (const [one, data] of [
    [telling(async () => [1, 2]), [1, 2]],
    [telling(() => Promise.reject(new Error('no'))), undefined],
    [telling(), undefined],
  ] as const) {
    one.says(listen);
    await one.settle();
    one.says({ type: 'ask', number: 7 });
    await one.settle();
    assert.deepEqual(one.told.at(-1), { type: 'told', number: 7, data });
  }
});

test('what is not ours is ignored', async () => {
  const one = bench();
  for (const message of [undefined, null, 'drain', { type: 7 }, { type: 'other' }]) one.says(message);
  await one.settle();
  assert.equal(one.told.length, 1);
});

for (const [how, drain] of [
  ['the parent says so', (one: Bench) => one.says({ type: 'drain' })],
  ['SIGTERM arrives', (one: Bench) => void one.process.emit('SIGTERM')],
  ['the parent is gone', (one: Bench) => void one.process.emit('disconnect')],
] as const) {
  test(`it drains when ${how}: what runs is stopped once, then it exits`, async () => {
    const stopped = Promise.withResolvers<void>();
    let stops = 0;
    const one = bench({
      stop: () => {
        stops++;
        return stopped.promise;
      },
    });
    one.says(listen);
    await one.settle();
    drain(one);
    drain(one);
    await one.settle();
    assert.equal(stops, 1);
    assert.ok(!one.told.includes('exit 0'));
    stopped.resolve();
    await one.settle();
    assert.deepEqual(
      one.told.filter((entry) => typeof entry === 'string'),
      ['exit 0'],
    );
  });
}

test('it exits when it is told to stop before it ever listened', async () => {
  const one = bench();
  one.says({ type: 'drain' });
  await one.settle();
  assert.deepEqual(one.told, [{ type: 'loaded' }, 'exit 0']);
});

test('told to stop while it starts, it waits for that and stops what has started', async () => {
  const started = Promise.withResolvers<RunningApp>();
  let stops = 0;
  const one = bench({ start: () => started.promise });
  one.says(listen);
  one.says({ type: 'drain' });
  await one.settle();
  assert.deepEqual(one.told, [{ type: 'loaded' }]);
  started.resolve({ url: 'http://x', stop: async () => void stops++ });
  await one.settle();
  assert.equal(stops, 1);
  assert.equal(one.told.at(-1), 'exit 0');
});

test('an app that does not start, and one that does not stop, are reported before the exit', async () => {
  const error = new MayflyError('manifest-invalid', 'No component');
  const wire = { type: 'failed', error: { code: 'manifest-invalid', message: 'No component', problems: [] } };
  const start = async (): Promise<RunningApp> => {
    throw error;
  };
  const first = bench({ start });
  first.says(listen);
  await first.settle();
  assert.deepEqual(first.told, [{ type: 'loaded' }, wire, 'exit 1']);
  const second = bench({
    stop: async () => {
      throw error;
    },
  });
  second.says(listen);
  await second.settle();
  second.says({ type: 'drain' });
  await second.settle();
  assert.deepEqual(second.told.slice(2), [wire, 'exit 1']);
});

test('with the parent gone nothing is told, and it exits all the same', async () => {
  const one = bench({
    stop: async () => {
      throw new Error('cannot');
    },
  });
  one.says(listen);
  await one.settle();
  one.process.connected = false;
  one.says({ type: 'ping' });
  one.process.emit('disconnect');
  await one.settle();
  assert.deepEqual(one.told.slice(2), ['exit 1']);
});

test('SIGINT is for the parent to decide', async () => {
  const one = bench();
  assert.equal(one.process.emit('SIGINT'), true);
  await one.settle();
  assert.equal(one.told.length, 1);
});

test('a process that nobody started as a worker is none', () => {
  const process = Object.assign(new EventEmitter(), { connected: false, exit: () => undefined });
  assert.throws(() => serveWorker({ start: () => assert.fail() }, process as unknown as WorkerProcess), {
    code: 'internal',
    message: 'This process was not started as a worker',
  });
});

test('told to lead, it starts what runs once, and resigns as soon as it takes nothing new', async () => {
  const stopped = Promise.withResolvers<void>();
  const events: string[] = [];
  const stop = (): Promise<void> => {
    events.push('stops');
    return stopped.promise;
  };
  const lead = async (): Promise<void> => void events.push('leads');
  const one = bench({ start: async () => ({ url: 'http://x', lead, stop }) });
  one.says(listen);
  one.says({ type: 'lead' });
  await one.settle();
  one.says({ type: 'drain' });
  one.says({ type: 'lead' });
  await one.settle();
  assert.deepEqual(events, ['leads', 'stops']);
  assert.deepEqual(one.told.slice(-2), [{ type: 'leading' }, { type: 'resigned' }]);
  stopped.resolve();
  await one.settle();
  assert.equal(one.told.at(-1), 'exit 0');
});

test('one that cannot lead says why, and exits', async () => {
  const lead = () => Promise.reject(new MayflyError('trigger-start', 'No address'));
  const one = bench({ start: async () => ({ url: 'http://x', lead, stop: async () => undefined }) });
  one.says(listen);
  one.says({ type: 'lead' });
  await one.settle();
  const error = { code: 'trigger-start', message: 'No address', problems: [] };
  assert.deepEqual(one.told.slice(-2), [{ type: 'not-leading', error }, 'exit 1']);
});

test('what it serves knows when all workers are up', async () => {
  let known: { readonly allUp: boolean } | undefined;
  const one = bench({
    start: async (_listen, others) => {
      known = others;
      return { url: 'http://x', stop: async () => undefined };
    },
  });
  one.says(listen, {});
  await one.settle();
  assert.equal(known?.allUp, false);
  one.says({ type: 'all-up' });
  assert.equal(known?.allUp, true);
});

test('the leading worker tells its trouble, and the others are told of it', async () => {
  let others: OtherWorkers | undefined;
  const start = async (_: ListenTarget, given: OtherWorkers): Promise<RunningApp> => {
    others = given;
    return { url: 'http://x', trouble: 'no broker', lead: async () => {}, stop: async () => {} };
  };
  const one = bench({ start });
  one.says(listen);
  await one.settle();
  one.says({ type: 'ping', trouble: 'of another' });
  assert.deepEqual(one.told.at(-1), { type: 'pong' });
  assert.equal(others?.trouble, 'of another');
  one.says({ type: 'lead' });
  await one.settle();
  one.says({ type: 'ping', trouble: 'as it was' });
  assert.deepEqual(one.told.at(-1), { type: 'pong', trouble: 'no broker' });
  assert.equal(others?.trouble, undefined);
});
