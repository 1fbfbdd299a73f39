// One event and its guest, driven by hand: the pool, the sandbox, the exchange and the caller are the test's. One file,
// since each test turns one screw of the same bench.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { LiftedFunction } from '../component/canon/plan.ts';
import { GuestExit, MayflyError, Trap } from '../errors.ts';
import { GuestClock, type Stopper } from '../sandbox/clock.ts';
import { defaultLimits } from '../sandbox/limits.ts';
import { type Outcome, RequestContext } from '../sandbox/request-context.ts';
import type { GuestActivity, Sandbox } from '../sandbox/sandbox.ts';
import { type Logger, silentLog } from '../telemetry/log.ts';
import type { Times, Usage } from '../telemetry/usage.ts';
import type { Callee } from './exchange.ts';
import { invoke } from './invocation.ts';

interface Answer {
  readonly text: string;
}

const event = { of: 'any kind' };
const func = {} as LiftedFunction;
const ok: Answer = { text: 'ok' };

interface BenchOptions extends Partial<Callee<object, Answer>> {
  readonly stopper?: Stopper;
  /** Tasks go on after the call. */
  readonly tasks?: Promise<boolean>;
  /** Whether the exchange wants to know when the call has returned. */
  readonly asksForReturn?: boolean;
  /** The state of a service. */
  readonly store?: object;
}

function bench(given: BenchOptions = {}) {
  const { stopper, tasks, store, asksForReturn = true, ...options } = given;
  const events: string[] = [];
  const outcomes: Outcome[] = [];
  const usages: Usage[] = [];
  const logged: string[] = [];
  const called = Promise.withResolvers<unknown>();
  const answer = Promise.withResolvers<Answer>();
  const acquired = Promise.withResolvers<Sandbox>();
  answer.promise.catch(() => undefined);
  const state: { activity: GuestActivity | undefined; isQueued: boolean; fail: Error | undefined } = {
    activity: undefined,
    isQueued: false,
    fail: undefined,
  };
  const sandbox = {
    instance: { store: tasks && {}, hostCalls: 5 },
    memoryBytes: 65_536,
    begin: (_: unknown, activity: GuestActivity) => {
      events.push('begin');
      state.activity = activity;
    },
    call: () => {
      events.push('call');
      return called.promise;
    },
    finishTasks: () => {
      events.push('finish tasks');
      return tasks;
    },
    cancel: (reason: Error) => {
      events.push(`cancel ${(reason as MayflyError).code}`);
      called.reject(reason);
    },
  } as unknown as Sandbox;
  const log = {
    ...silentLog,
    error: (_: unknown, line: string) => void logged.push(`error ${line}`),
    warn: (_: unknown, line: string) => void logged.push(`warn ${line}`),
  } as unknown as Logger;
  const services = [{ name: 'store', prepare: () => store, finish: () => void events.push('services finished') }];
  const contexts: RequestContext<string>[] = [];
  const all: Callee<object, Answer> = {
    component: 'c',
    func,
    clock: new GuestClock(stopper),
    limits: defaultLimits,
    pool: {
      acquire: () => {
        if (state.fail) throw state.fail;
        return state.isQueued ? acquired.promise : sandbox;
      },
      release(_, healthy) {
        events.push(`release ${healthy ? 'healthy' : 'unhealthy'}`);
        return healthy;
      },
      abandon: (_, reason) => {
        events.push(`abandon ${(reason as MayflyError).code}`);
        acquired.reject(reason);
      },
    },
    makeContext: () => {
      const context = new RequestContext('component', services, log);
      contexts.push(context);
      return context;
    },
    onEnd: (_, usage) => void usages.push(usage),
    ...options,
  };
  const client = new AbortController();
  const start = (signal: AbortSignal | undefined = client.signal): Promise<Answer> => {
    const response = invoke(all, event, { signal }, (context, given) => {
      assert.equal(given, event);
      events.push(context.stateOf('store') === undefined ? 'exchange without a service' : 'exchange');
      return {
        params: [1],
        response: answer.promise,
        ...(asksForReturn && { returned: (result: unknown) => void events.push(`returned ${String(result)}`) }),
        end: (outcome) => {
          events.push('end');
          outcomes.push(outcome);
          if (outcome.error) answer.reject(outcome.error);
        },
      };
    });
    response.catch(() => undefined);
    return response;
  };
  return { all, events, outcomes, usages, logged, called, answer, acquired, state, sandbox, contexts, client, start };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a request from its sandbox to its end, in this order', async () => {
  const before = performance.now();
  const one = bench({ store: {} });
  const response = one.start();
  one.answer.resolve(ok);
  assert.equal(await response, ok);
  assert.deepEqual(one.events, ['begin', 'exchange', 'call']);
  one.called.resolve(undefined);
  await settle();
  assert.deepEqual(one.events.slice(3), ['returned undefined', 'end', 'services finished', 'release healthy']);
  assert.deepEqual(one.outcomes, [{ error: undefined, exitCode: 0 }]);
  assert.deepEqual([one.usages[0]?.hostCalls, one.usages[0]?.memoryBytes], [5, 65_536]);
  const { cpuMs = -1, wallMs = -1 } = one.usages[0] ?? {};
  assert.ok(cpuMs >= 0 && wallMs >= 0 && wallMs <= performance.now() - before, `${cpuMs} ms, ${wallMs} ms`);
  assert.deepEqual(one.logged, []);
});

test('what the trigger makes of the response is the response, and it is told the time that it took', async () => {
  const times: Times[] = [];
  const one = bench({
    onResponse: ({ text }, taken) => {
      times.push(taken);
      return { text: `${text}, later` };
    },
  });
  const response = one.start();
  one.answer.resolve(ok);
  assert.deepEqual(await response, { text: 'ok, later' });
  assert.equal(times.length, 1);
  const [{ cpuMs, wallMs }] = times as [Times];
  assert.ok(cpuMs >= 0 && wallMs >= cpuMs);
});

test('the services end when an exchange could not be made of the event', async () => {
  const one = bench({ store: {} });
  const response = invoke(one.all, event, {}, (context) => {
    context.stateOf('store');
    throw new Error('no event for this guest');
  });
  await assert.rejects(response, /no event for this guest/);
  assert.deepEqual(one.events, ['begin', 'services finished', 'release unhealthy']);
});

test('when the exchange cannot begin, the sandbox goes back as unhealthy and the services end', async () => {
  const one = bench({ store: {} });
  one.sandbox.begin = () => {
    throw new Error('no');
  };
  await assert.rejects(one.start(), /no/);
  assert.deepEqual(one.events, ['release unhealthy']);
});

test('tasks that go on are seen to their end whether or not the exchange asks for the return', async () => {
  const tasks = Promise.withResolvers<boolean>();
  const one = bench({ tasks: tasks.promise, asksForReturn: false });
  one.start();
  one.called.resolve('result');
  await settle();
  assert.equal(one.events.at(-1), 'finish tasks');
  tasks.resolve(true);
  await settle();
  assert.deepEqual(one.events.slice(-2), ['end', 'release healthy']);
});

test('tasks that go on after the call are seen to their end', async () => {
  const tasks = Promise.withResolvers<boolean>();
  const one = bench({ tasks: tasks.promise });
  one.start();
  one.called.resolve('result');
  await settle();
  assert.deepEqual(one.events.slice(-2), ['returned result', 'finish tasks']);
  tasks.resolve(true);
  await settle();
  assert.deepEqual(one.events.slice(-2), ['end', 'release healthy']);
});

test('what ended the guest: each in its own words, and its sandbox is not used again', async () => {
  const errors: readonly (readonly [thrown: unknown, code: string, message: RegExp])[] = [
    [new Trap('no such handle'), 'guest-trap', /^The guest trapped: no such handle$/],
    [new WebAssembly.RuntimeError('unreachable'), 'guest-trap', /^The guest trapped: unreachable/],
    [new RangeError('Maximum call stack size exceeded'), 'guest-trap', /Limit reached: stack/],
    [new MayflyError('sandbox-exhausted', 'no room'), 'sandbox-exhausted', /^no room$/],
    [new TypeError('a mistake of ours'), 'internal', /^The guest failed: a mistake of ours$/],
    [new RangeError('something else'), 'internal', /failed: something else/],
    [new GuestExit(3), 'guest-trap', /trapped/],
  ];
  for (const [thrown, code, message] of errors) {
    const one = bench();
    const response = one.start();
    one.called.reject(thrown);
    await assert.rejects(response, (error) => {
      assert.ok(error instanceof MayflyError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
    assert.equal(one.events.at(-1), 'release unhealthy');
    assert.equal(one.outcomes[0]?.exitCode, thrown instanceof GuestExit ? 3 : 0);
    assert.deepEqual(one.logged, []);
  }
});

test('a failure after the answer was given is logged, once; one before is the trigger’s to tell', async () => {
  const one = bench();
  const response = one.start();
  one.answer.resolve(ok);
  await response;
  one.called.reject(new Trap('too late'));
  await settle();
  assert.deepEqual(one.logged, ['error The guest trapped: too late']);
});

test('commands: exiting is an end, its code is told, and with it the sandbox may serve on', async () => {
  for (const [reusableAfterExit, code, released, log] of [
    [true, 0, 'release healthy', []],
    [true, 3, 'release healthy', ['warn The command exited with code 3']],
    [false, 0, 'release unhealthy', []],
  ] as const) {
    const one = bench({ command: { reusableAfterExit } });
    one.start();
    one.called.reject(new GuestExit(code));
    await settle();
    assert.deepEqual(one.outcomes, [{ error: undefined, exitCode: code }]);
    assert.equal(one.events.at(-1), released);
    assert.deepEqual(one.logged, log);
  }
  const failing = bench({ command: { reusableAfterExit: true } });
  failing.start();
  failing.called.resolve({ tag: 'err' });
  await settle();
  assert.deepEqual(failing.outcomes, [{ error: undefined, exitCode: 1 }]);
  assert.equal(failing.events.at(-1), 'release healthy');
  const fine = bench({ command: { reusableAfterExit: true } });
  fine.start();
  fine.called.resolve({ tag: 'ok' });
  await settle();
  assert.equal(fine.outcomes[0]?.exitCode, 0);
});

test('a component that is no command and exits with 0 has ended well, and serves no more', async () => {
  const one = bench();
  one.start();
  one.called.reject(new GuestExit(0));
  await settle();
  assert.deepEqual(one.outcomes, [{ error: undefined, exitCode: 0 }]);
  assert.equal(one.events.at(-1), 'release unhealthy');
});

test('a result of `err` from what is no command is its answer', async () => {
  const one = bench();
  one.start();
  one.called.resolve({ tag: 'err' });
  await settle();
  assert.equal(one.outcomes[0]?.exitCode, 0);
});

test('who cannot get a sandbox: the services end, and the error says why', async () => {
  const one = bench();
  one.state.fail = new MayflyError('overloaded', 'full');
  await assert.rejects(one.start(), { code: 'overloaded' });
  one.state.fail = new Trap('in its start function');
  await assert.rejects(one.start(), { code: 'guest-trap', message: /in its start function/ });
  assert.deepEqual(one.events, []);
});

test('a client that goes while it waits in the queue leaves it; one that was gone before leaves at once', async () => {
  const later = bench();
  later.state.isQueued = true;
  const waiting = later.start();
  await settle();
  assert.deepEqual(later.events, []);
  later.client.abort();
  await assert.rejects(waiting, { code: 'guest-cancelled', message: 'The client went away' });
  assert.deepEqual(later.events, ['abandon guest-cancelled']);
  const before = bench();
  before.state.isQueued = true;
  before.client.abort();
  await assert.rejects(before.start(), { code: 'guest-cancelled' });
  assert.deepEqual(before.events, ['abandon guest-cancelled']);
});

test('once it has its sandbox, nobody listens for the queue any more', async () => {
  const one = bench();
  one.state.isQueued = true;
  one.start();
  one.acquired.resolve(one.sandbox);
  await settle();
  one.client.abort();
  await settle();
  assert.deepEqual(one.events, ['begin', 'exchange without a service', 'call']);
});

/** The guest waits for the host for the first time. */
function waits(one: ReturnType<typeof bench>): void {
  one.state.activity?.enter();
  one.state.activity?.suspend();
}

test('a client that goes while the guest waits: the guest is called off, and its services hear of it', async () => {
  const one = bench({ store: {} });
  const response = one.start();
  waits(one);
  const { signal } = one.contexts[0] ?? assert.fail();
  one.client.abort();
  await assert.rejects(response, { code: 'guest-cancelled' });
  assert.equal((signal.reason as MayflyError).code, 'guest-cancelled');
  assert.deepEqual(one.events.slice(-4), ['cancel guest-cancelled', 'end', 'services finished', 'release unhealthy']);
  assert.deepEqual(one.events.filter((event) => event.startsWith('cancel')).length, 1);
});

test('a client that was gone before the guest waited for the first time', async () => {
  const one = bench();
  const response = one.start();
  one.client.abort();
  await settle();
  assert.ok(!one.events.includes('cancel guest-cancelled'));
  waits(one);
  await assert.rejects(response, { code: 'guest-cancelled' });
});

test('a client that goes when all is over changes nothing', async () => {
  const one = bench();
  one.start();
  waits(one);
  one.called.resolve(undefined);
  await settle();
  one.client.abort();
  await settle();
  assert.ok(!one.events.includes('cancel guest-cancelled'));
});

function mocked(t: TestContext, options: BenchOptions): ReturnType<typeof bench> {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return bench(options);
}

test('the wall limit counts from the start of the request, and ends a guest that waits', async (t) => {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  const one = mocked(t, { limits: { ...defaultLimits, wallMs: 500 } });
  const response = one.start(undefined);
  now = 1100;
  waits(one);
  waits(one);
  t.mock.timers.tick(399);
  await Promise.resolve();
  assert.ok(!one.events.includes('cancel guest-wall-limit'));
  t.mock.timers.tick(1);
  await assert.rejects(response, {
    code: 'guest-wall-limit',
    message: 'The guest was stopped. Limit reached: wall (500 ms)',
  });
  assert.equal(one.events.filter((event) => event === 'cancel guest-wall-limit').length, 1);
});

test('a guest that ended in time has no timer left', async (t) => {
  const one = mocked(t, { limits: { ...defaultLimits, wallMs: 500 } });
  one.start();
  waits(one);
  one.called.resolve(undefined);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  t.mock.timers.tick(10_000);
  assert.deepEqual(
    one.events.filter((event) => event.startsWith('cancel')),
    [],
  );
  assert.equal(one.outcomes.length, 1);
});

test('a guest that the clock stopped: the limit that it met, whatever it threw', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const limits = { ...defaultLimits, cpuSliceMs: 100, cpuMs: 300, wallMs: 1000 };
  for (const [took, code, limit] of [
    [150, 'guest-cpu-limit', 'cpu_slice (100 ms)'],
    [350, 'guest-cpu-limit', 'cpu (300 ms)'],
  ] as const) {
    now = 0;
    const one = bench({ limits, stopper: { enter: () => undefined, leave: () => true } });
    const response = one.start();
    one.state.activity?.enter();
    now = took;
    one.state.activity?.leave();
    one.called.reject(new WebAssembly.RuntimeError('unreachable'));
    await assert.rejects(response, { code, message: `The guest was stopped. Limit reached: ${limit}` });
  }
});

test('a release that finds a difference is logged', async () => {
  const one = bench({
    pool: {
      acquire: () => assert.fail(),
      release: () => {
        throw new Error('differs');
      },
    },
  });
  const { sandbox } = one;
  const other = bench({
    pool: {
      acquire: () => sandbox,
      release: () => {
        throw new Error('differs');
      },
    },
  });
  other.start();
  one.called.resolve(undefined);
  await settle();
  assert.deepEqual(other.logged, ['error differs']);
});

/** A clock whose thread another guest has, until `leave`. */
function busyClock(): { clock: GuestClock; leave(): Promise<void> } {
  const clock = new GuestClock(undefined);
  const other = clock.timer(defaultLimits);
  other.enter();
  const leave = async (): Promise<void> => {
    other.leave();
    await settle();
    await settle();
  };
  return { clock, leave };
}

test('while another guest has the thread, a request has no sandbox; it gets one in its turn', async () => {
  const { clock, leave } = busyClock();
  const one = bench({ clock });
  const response = one.start();
  one.answer.resolve(ok);
  await Promise.resolve();
  assert.deepEqual(one.events, []);
  await leave();
  assert.equal(await response, ok);
  assert.deepEqual(one.events, ['begin', 'exchange without a service', 'call']);
});

test('a request whose client left before its turn is not started', async () => {
  const { clock, leave } = busyClock();
  const one = bench({ clock });
  const response = one.start();
  one.client.abort();
  await leave();
  await assert.rejects(response, { code: 'guest-cancelled', message: 'The client went away' });
  assert.deepEqual(one.events, []);
});

test('a turn that comes within the time for queues starts the request, one that comes later refuses it', async (t) => {
  for (const [ms, starts] of [
    [500, true],
    [501, false],
  ] as const) {
    let now = 1000;
    const time = t.mock.method(performance, 'now', () => now);
    const { clock, leave } = busyClock();
    const one = bench({ clock, limits: { ...defaultLimits, queueMs: 500 } });
    const response = one.start();
    one.answer.resolve(ok);
    now += ms;
    await leave();
    if (starts) assert.equal(await response, ok);
    else await assert.rejects(response, { code: 'overloaded', message: 'Limit reached: queue_time (500 ms)' });
    assert.equal(one.events.length, starts ? 3 : 0);
    time.mock.restore();
  }
});

test('a sandbox that comes while another guest has the thread waits for its turn, and goes back whole without it', async () => {
  for (const leaves of [false, true]) {
    const clock = new GuestClock(undefined);
    const one = bench({ clock });
    one.state.isQueued = true;
    const response = one.start();
    one.answer.resolve(ok);
    const other = clock.timer(defaultLimits);
    other.enter();
    one.acquired.resolve(one.sandbox);
    for (let i = 0; i < 5; i++) await Promise.resolve();
    assert.deepEqual(one.events, []);
    if (leaves) one.client.abort();
    other.leave();
    await settle();
    await settle();
    if (leaves) await assert.rejects(response, { code: 'guest-cancelled' });
    else assert.equal(await response, ok);
    assert.deepEqual(one.events, leaves ? ['release healthy'] : ['begin', 'exchange without a service', 'call']);
  }
});

test('what ended the guest comes with what to do about it, and with the memory that it had', async () => {
  const asked: unknown[] = [];
  const one = bench({
    mend: ({ code, limit }, memoryBytes) => {
      asked.push([code, limit?.name, memoryBytes]);
      return `allow more ${limit?.name}`;
    },
  });
  const response = one.start();
  one.called.reject(new Trap('Limit reached: handles (7)', { name: 'handles', value: 7 }));
  await assert.rejects(response, { code: 'guest-trap', hint: 'allow more handles' });
  assert.deepEqual(asked, [['guest-trap', 'handles', 65_536]]);
});

test('an error that says itself what to do keeps that', async () => {
  const one = bench({ mend: () => 'something else' });
  const response = one.start();
  one.called.reject(new MayflyError('sandbox-exhausted', 'full', { hint: 'of its own' }));
  await assert.rejects(response, { code: 'sandbox-exhausted', hint: 'of its own' });
});

test('every line of the log about an event has its fields', async () => {
  const fields: unknown[] = [];
  const one = bench({
    identityOf: (event) => ({ fields: { of: event }, propagation: undefined }),
    makeContext: (identity) => {
      fields.push(identity?.fields);
      return new RequestContext('component', [], silentLog);
    },
  });
  void one.start().catch(() => undefined);
  assert.equal(fields.length, 1);
  assert.deepEqual(Object.keys(fields[0] ?? {}), ['of']);
});
