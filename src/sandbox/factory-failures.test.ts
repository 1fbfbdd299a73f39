// How sandboxes are made, and what is given back when that fails: the budget, the time and the request are the test's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../test/support/wat.ts';
import type { CallContext } from '../component/canon/instance.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import { MayflyError } from '../errors.ts';
import type { Artifact } from './artifact.ts';
import { prepareArtifact } from './artifact.ts';
import { GuestClock, type Stopper } from './clock.ts';
import { createFactory, type FactoryOptions, type SandboxFactory } from './factory.ts';
import type { ImageData } from './image.ts';
import type { MemoryBudget } from './memory/budget.ts';
import type { GuestActivity, Sandbox } from './sandbox.ts';

const host = new HostRegistry([
  {
    name: 'test:t/api',
    version: '0.1.0',
    service: 'api',
    functions: {
      note: { call: (state: string[], value: number) => void state.push(`note ${value}`), suspends: false },
      wait: { call: () => new Promise(() => undefined), suspends: true },
    },
    resources: {},
  },
]);

interface Parts {
  /** Run by the start function of the core module. */
  readonly start?: string;
  /** In the core module. */
  readonly inside?: string;
  readonly memories?: string;
  /** Imports \`wait\`, so that a stack may be suspended. */
  readonly waits?: boolean;
}

const component = ({ start = '', inside = '', memories = '(memory 1 4)', waits = false }: Parts): string => `(component
  (import "test:t/api@0.1.0" (instance $api (export "note" (func (param "v" u32)))
    ${waits ? '(export "wait" (func))' : ''}))
  (core func $note (canon lower (func $api "note")))
  ${waits ? '(core func $wait (canon lower (func $api "wait")))' : ''}
  (core module $m (import "h" "note" (func $note (param i32))) ${waits ? '(import "h" "wait" (func $wait))' : ''}
    ${memories} ${inside}
    (func $start ${start}) (start $start)
    (func (export "visit") (result i32) (local $was i32) (local.set $was (i32.load (i32.const 64)))
      (i32.store (i32.const 64) (i32.add (local.get $was) (i32.const 1))) (local.get $was))
    (func (export "grow") (result i32) (memory.grow (i32.const 1)))
    ${waits ? '(func (export "stay") (call $wait))' : ''})
  (core instance $i (instantiate $m (with "h" (instance (export "note" (func $note))
    ${waits ? '(export "wait" (func $wait))' : ''}))))
  (func (export "visit") (result u32) (canon lift (core func $i "visit")))
  (func (export "grow") (result u32) (canon lift (core func $i "grow")))
  ${waits ? '(func (export "stay") (canon lift (core func $i "stay")))' : ''})`;

const PAGES = 10;

async function artifactOf(parts: Parts = {}): Promise<Artifact> {
  const bytes = await assemble(component(parts));
  return prepareArtifact(bytes, { host, maximumPages: PAGES, maximumTableElements: 10, interruptible: false });
}

interface Counted extends MemoryBudget {
  taken: number;
  back: number;
  /** How many may still be taken. */
  left: number;
}

function counted(): Counted {
  const budget: Counted = {
    limit: 1000,
    live: 0,
    taken: 0,
    back: 0,
    left: 1000,
    take(descriptor) {
      if (budget.left-- <= 0) throw new MayflyError('sandbox-exhausted', 'no room');
      budget.taken++;
      return new WebAssembly.Memory(descriptor);
    },
    released(count) {
      budget.back += count;
    },
  };
  return budget;
}

async function factoryOf(artifact: Artifact, options: Partial<FactoryOptions> = {}): Promise<SandboxFactory> {
  return createFactory(artifact, {
    strategy: 'copy',
    maximumPages: PAGES,
    handleLimit: 10,
    extraImports: {},
    preinitialize: undefined,
    budget: counted(),
    ...options,
  });
}

function context(): CallContext & { readonly notes: string[] } {
  const notes: string[] = [];
  return { notes, state: () => notes };
}

async function call(artifact: Artifact, sandbox: Sandbox, name: string): Promise<unknown> {
  const found = artifact.plan.exports.get(name);
  assert.ok(found?.kind === 'func');
  return sandbox.call(found.func, []);
}

const memoryOf = ({ instance }: Sandbox): unknown => instance.core;

function activity(): GuestActivity & { readonly events: string[] } {
  const events: string[] = [];
  return {
    events,
    pollPages: [],
    enter: () => void events.push('enter'),
    tryEnter: () => true,
    pause: () => false,
    resume: (go) => go?.(),
    suspend: () => void events.push('suspend'),
    leave: () => void events.push('leave'),
    made: () => void events.push('made'),
  };
}

test('a component that calls the host while it is initialised is initialised for each request, on its time', async () => {
  const artifact = await artifactOf({ start: '(call $note (i32.const 7))' });
  const budget = counted();
  const factory = await factoryOf(artifact, { budget });
  assert.deepEqual([factory.kept, factory.reason], [false, 'its initialisation calls "test:t/api@0.1.0 note"']);
  const before = budget.taken;
  const [request, time] = [context(), activity()];
  const sandbox = factory.make(request, time);
  assert.deepEqual([request.notes, time.events], [['note 7'], ['enter', 'made', 'enter', 'made']]);
  assert.deepEqual([budget.taken - before, budget.back], [1, 0]);
  assert.equal(sandbox.reset(), false);
  sandbox.discard();
  assert.equal(budget.back, 1);
});

test('when initialisation for a request fails, its time is over and its memories are given back', async () => {
  const artifact = await artifactOf({ start: 'unreachable' });
  const budget = counted();
  const factory = await factoryOf(artifact, { budget });
  assert.match(factory.reason ?? '', /^its initialisation fails: unreachable/);
  const time = activity();
  for (let turn = 1; turn <= 3; turn++) {
    assert.throws(() => factory.make(context(), time), /unreachable/);
    assert.equal(budget.back, turn);
  }
  const once = ['enter', 'made', 'enter', 'made']; // its memories, then what it runs
  assert.deepEqual(time.events, [...once, ...once, ...once]);
});

test('when there is room for some of the memories of a request only, these are given back', async () => {
  const artifact = await artifactOf({ memories: '(memory 1) (memory 1) (memory 1)' });
  const budget = counted();
  const factory = await factoryOf(artifact, { budget, preinitialize: false });
  budget.left = 2;
  const time = activity();
  assert.throws(() => factory.make(context(), time), { code: 'sandbox-exhausted' });
  assert.deepEqual([budget.back, time.events], [2, ['enter', 'made']]);
});

test('when there is room for some of the memories of an image only, these are given back', async () => {
  const artifact = await artifactOf({ memories: '(memory 1) (memory 1) (memory 1)' });
  const budget = counted();
  const factory = await factoryOf(artifact, { budget });
  assert.equal(factory.kept, true);
  budget.left = 2;
  assert.throws(() => factory.make(context()), { code: 'sandbox-exhausted' });
  assert.equal(budget.back, 2);
  budget.left = 3;
  factory.make(context()).discard();
  factory.close();
  assert.equal(budget.back, 5);
});

test('preinitialize: false takes no image, true insists on one and says why there is none', async () => {
  const plain = await artifactOf();
  const never = await factoryOf(plain, { preinitialize: false });
  assert.deepEqual([never.kept, never.reason], [false, 'its manifest says "preinitialize = false"']);
  assert.equal((await factoryOf(plain, { preinitialize: true })).kept, true);
  const failing = await artifactOf({ start: 'unreachable' });
  await assert.rejects(factoryOf(failing, { preinitialize: true }), {
    code: 'preinitialize-impossible',
    message: /^Cannot initialise the component beforehand: its initialisation fails: unreachable/,
    hint: 'Remove "preinitialize = true"',
  });
});

test('what cannot be put back is read off the code', async () => {
  const table = await artifactOf({
    inside: '(table 1 funcref) (func (export "set") (table.set (i32.const 0) (ref.null func)))',
  });
  assert.equal((await factoryOf(table)).reason, 'a core module contains table.set, whose effect cannot be put back');
  const nan = await artifactOf({ inside: '(global (mut f32) (f32.const nan:0x200001))' });
  assert.equal((await factoryOf(nan)).reason, 'a global holds a NaN, whose bits JavaScript cannot keep');
});

test('initialisation that takes too long is stopped, and the limit is named', async () => {
  const artifact = await artifactOf({ start: 'unreachable' });
  const stopper: Stopper = { enter: () => undefined, leave: () => true };
  const clock = new GuestClock(stopper);
  const timer = (): ReturnType<GuestClock['timer']> => clock.timer({ cpuSliceMs: 10, cpuMs: 1000, wallMs: 1000 });
  const factory = await factoryOf(artifact, { timer });
  assert.equal(factory.reason, 'its initialisation was stopped. Limit reached: cpu_slice');
});

test('initialisation is on the time that it is given, from its start to its end', async () => {
  for (const start of ['', 'unreachable']) {
    const artifact = await artifactOf({ start });
    const seen: string[] = [];
    const stopper: Stopper = {
      enter: () => void seen.push('enter'),
      leave: () => {
        seen.push('leave');
        return false;
      },
    };
    const clock = new GuestClock(stopper);
    await factoryOf(artifact, { timer: () => clock.timer({ cpuSliceMs: 10, cpuMs: 1000, wallMs: 1000 }) });
    assert.deepEqual(seen, ['enter', 'leave']);
  }
});

test('a warm-up that fails means that there is no image; one that works is part of it', async () => {
  const artifact = await artifactOf();
  const failing = await factoryOf(artifact, { warm: () => Promise.reject(new Error('no answer')) });
  assert.equal(failing.reason, 'a warm-up request failed: no answer');
  const warmed = await factoryOf(artifact, {
    warm: async (instance) => {
      const found = artifact.plan.exports.get('visit');
      assert.ok(found?.kind === 'func');
      for (let turn = 0; turn < 3; turn++) {
        await instance.lifted(found.func)({ component: undefined, encoding: 'utf8' }, []);
      }
    },
  });
  assert.equal(await call(artifact, warmed.make(context()), 'visit'), 3);
  assert.equal(await call(artifact, warmed.make(context()), 'visit'), 3);
});

test('an image is offered to be kept, and one that was kept is used without initialisation', async () => {
  const artifact = await artifactOf({ start: '(i32.store (i32.const 64) (i32.const 40))' });
  const kept: ImageData[] = [];
  await factoryOf(artifact, { keep: (data) => void kept.push(data) });
  assert.equal(kept.length, 1);
  const [stored] = kept;
  assert.ok(stored);
  let timers = 0;
  const timer = (): never => {
    timers++;
    return assert.fail('it was initialised');
  };
  const factory = await factoryOf(artifact, { stored, timer, keep: () => assert.fail('kept twice') });
  assert.equal(await call(artifact, factory.make(context()), 'visit'), 40);
  assert.equal(timers, 0);
});

test('what was kept and does not fit is not used', async () => {
  const artifact = await artifactOf({ start: '(i32.store (i32.const 64) (i32.const 40))', memories: '(memory 2 4)' });
  const page = 65_536;
  const memory = (byteLength: number): ImageData['memories'][number] => ({ byteLength, parts: [] });
  const wrong: readonly ImageData[] = [
    { memories: [], globals: [] },
    { memories: [memory(2 * page), memory(2 * page)], globals: [] },
    { memories: [memory(2 * page)], globals: [1] },
    { memories: [memory(page)], globals: [] },
    { memories: [memory(5 * page)], globals: [] },
    { memories: [memory(2 * page + 1)], globals: [] },
  ];
  for (const stored of wrong) {
    const factory = await factoryOf(artifact, { stored });
    assert.equal(await call(artifact, factory.make(context()), 'visit'), 40);
  }
  for (const pages of [2, 4]) {
    const factory = await factoryOf(artifact, { stored: { memories: [memory(pages * page)], globals: [] } });
    assert.equal(await call(artifact, factory.make(context()), 'visit'), 0, `${pages} pages fit`);
  }
});

test('memories of sandboxes that were given up serve the next ones, at the image', async () => {
  const artifact = await artifactOf();
  const budget = counted();
  const factory = await factoryOf(artifact, { budget });
  const before = budget.taken;
  for (let turn = 0; turn < 5; turn++) {
    const sandbox = factory.make(context());
    sandbox.begin(context(), undefined);
    assert.equal(await call(artifact, sandbox, 'visit'), 0);
    sandbox.discard();
  }
  assert.deepEqual([budget.taken - before, budget.back], [1, 0]);
  factory.close();
  assert.equal(budget.back, 1);
});

test('sixteen memories are kept for that and no more, and none after closing', async () => {
  const artifact = await artifactOf();
  const budget = counted();
  const factory = await factoryOf(artifact, { budget });
  const many = Array.from({ length: 20 }, () => factory.make(context()));
  for (const sandbox of many.slice(0, 18)) sandbox.discard();
  assert.equal(budget.back, 2);
  factory.close();
  assert.equal(budget.back, 18);
  for (const sandbox of many.slice(18)) sandbox.discard();
  assert.equal(budget.back, 20);
});

test('a memory that has grown serves nobody else', async () => {
  const artifact = await artifactOf();
  const budget = counted();
  const factory = await factoryOf(artifact, { budget });
  const sandbox = factory.make(context());
  sandbox.begin(context(), undefined);
  assert.equal(await call(artifact, sandbox, 'grow'), 1);
  assert.equal(sandbox.memoryBytes, 2 * 65_536);
  sandbox.discard();
  assert.equal(budget.back, 1);
});

test('a memory into which a stack may still write serves nobody else', async () => {
  const artifact = await artifactOf({ waits: true });
  const budget = counted();
  const factory = await factoryOf(artifact, { budget });
  const sandbox = factory.make(context());
  sandbox.begin(context(), undefined);
  const waiting = call(artifact, sandbox, 'stay');
  await Promise.resolve();
  assert.equal(sandbox.instance.suspended, true);
  sandbox.discard();
  assert.equal(budget.back, 1);
  sandbox.cancel(new Error('over'));
  await assert.rejects(waiting, /over/);
});

test('each component instance that can be suspended is a stack, and one stack is there in any case', async () => {
  assert.equal((await factoryOf(await artifactOf())).stacks, 1);
  assert.equal((await factoryOf(await artifactOf({ waits: true }))).stacks, 1);
  assert.equal((await factoryOf(await artifactOf({ waits: true }), { preinitialize: false })).stacks, 1);
});

test('the limit of handles holds in both kinds of sandbox', async () => {
  const bytes = await assemble(`(component (type $r (resource (rep i32))) (core func $new (canon resource.new $r))
    (core module $m (import "h" "new" (func $new (param i32) (result i32)))
      (func (export "run") (result i32) (call $new (i32.const 0))))
    (core instance $i (instantiate $m (with "h" (instance (export "new" (func $new))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))`);
  const artifact = await prepareArtifact(bytes, {
    host,
    maximumPages: PAGES,
    maximumTableElements: 10,
    interruptible: false,
  });
  for (const preinitialize of [undefined, false]) {
    const factory = await factoryOf(artifact, { preinitialize, handleLimit: 2 });
    const sandbox = factory.make(context());
    sandbox.begin(context(), undefined);
    assert.deepEqual([await call(artifact, sandbox, 'run'), await call(artifact, sandbox, 'run')], [1, 2]);
    await assert.rejects(call(artifact, sandbox, 'run'), /Limit reached: handles \(2\)/);
  }
});

test('each sandbox has instances of its own', async () => {
  const factory = await factoryOf(await artifactOf());
  assert.notEqual(memoryOf(factory.make(context())), memoryOf(factory.make(context())));
});
