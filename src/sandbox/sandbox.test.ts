// What goes back to its image and what must not: each difference by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../test/support/wat.ts';
import { ResourceHandle } from '../component/abi/handles.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import { type Artifact, prepareArtifact } from './artifact.ts';
import { createFactory, type SandboxFactory } from './factory.ts';
import type { GuestActivity, Sandbox } from './sandbox.ts';

const text = `(component
  (type $mine (resource (rep i32)))
  (core func $new (canon resource.new $mine)) (core func $drop (canon resource.drop $mine))
  (core module $m (import "h" "new" (func $new (param i32) (result i32))) (import "h" "drop" (func $drop (param i32)))
    (memory (export "memory") 2) (data (i32.const 70000) "abc")
    (global $count (mut i32) (i32.const 5)) (global $f (mut f64) (f64.const -0))
    (table 3 funcref) (elem (i32.const 1) $visit)
    (func $visit (export "visit") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (global.set $f (f64.const 0))
      (i32.store8 (i32.const 70001) (global.get $count))
      (global.get $count))
    (func (export "keep") (result i32) (call $new (i32.const 9)))
    (func (export "swap") (result i32) (call $drop (call $new (i32.const 1))) (call $drop (call $new (i32.const 1)))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "h" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
  (func (export "visit") (result u32) (canon lift (core func $i "visit")))
  (func (export "keep") (result u32) (canon lift (core func $i "keep")))
  (func (export "swap") (result u32) (canon lift (core func $i "swap"))))`;

interface Bench {
  readonly artifact: Artifact;
  readonly factory: SandboxFactory;
  make(): Sandbox;
  call(sandbox: Sandbox, name: string): Promise<unknown>;
}

async function bench(verify = false, source = text): Promise<Bench> {
  const host = new HostRegistry();
  const limits = { maximumPages: 8, maximumTableElements: 10, interruptible: false };
  const artifact = await prepareArtifact(await assemble(source), { host, ...limits });
  const factory = await createFactory(artifact, {
    strategy: 'copy',
    verify,
    maximumPages: 8,
    handleLimit: 10,
    extraImports: {},
    preinitialize: undefined,
  });
  return {
    artifact,
    factory,
    make() {
      const sandbox = factory.make({ state: () => undefined });
      sandbox.begin({ state: () => undefined }, undefined);
      return sandbox;
    },
    async call(sandbox, name) {
      const found = artifact.plan.exports.get(name);
      assert.ok(found?.kind === 'func');
      return sandbox.call(found.func, []);
    },
  };
}

const memoryOf = (sandbox: Sandbox): Uint8Array =>
  new Uint8Array(
    (
      Object.values(sandbox.instance.core[0] ?? {}).find(
        (one) => one instanceof WebAssembly.Memory,
      ) as WebAssembly.Memory
    ).buffer,
  );

test('memory, globals and handles are at the image again, and the flags of entry', async () => {
  const one = await bench();
  const sandbox = one.make();
  assert.deepEqual([await one.call(sandbox, 'visit'), await one.call(sandbox, 'visit')], [6, 7]);
  assert.equal(await one.call(sandbox, 'keep'), 1);
  const [component] = sandbox.instance.components;
  assert.ok(component);
  component.mayEnter = false;
  component.mayLeave = false;
  assert.equal(sandbox.reset(), true);
  assert.equal(sandbox.firstDifference(), undefined);
  assert.deepEqual([component.mayEnter, component.mayLeave, component.handles.live], [true, true, 0]);
  assert.deepEqual([sandbox.instance.context, sandbox.instance.activity], [undefined, undefined]);
  sandbox.begin({ state: () => undefined }, undefined);
  assert.deepEqual([await one.call(sandbox, 'visit'), await one.call(sandbox, 'keep')], [6, 1]);
});

test('each difference is found, and said', async () => {
  const one = await bench(true);
  const differences: readonly (readonly [string, (sandbox: Sandbox) => unknown])[] = [
    ['global 0', (sandbox) => one.call(sandbox, 'visit')],
    ['handle table of component instance 0', (sandbox) => one.call(sandbox, 'keep')],
    ['handle table of component instance 0', (sandbox) => one.call(sandbox, 'swap')],
    [
      'entry flags of component instance 0',
      ({ instance }) => {
        instance.components[0]!.mayEnter = false;
      },
    ],
    [
      'entry flags of component instance 0',
      ({ instance }) => {
        instance.components[0]!.mayLeave = false;
      },
    ],
  ];
  for (const [expected, change] of differences) {
    const sandbox = one.make();
    assert.equal(sandbox.firstDifference(), undefined);
    await change(sandbox);
    assert.equal(sandbox.firstDifference(), expected);
  }
  const sandbox = one.make();
  const table = Object.values(sandbox.instance.core[0] ?? {}).find((value) => value instanceof WebAssembly.Table);
  assert.ok(table);
  table.set(1, null);
  assert.equal(sandbox.firstDifference(), 'table 0 at 1');
  assert.throws(() => sandbox.reset(), /differs from its image after a reset: table 0 at 1/);
  table.grow(1);
  assert.equal(sandbox.firstDifference(), 'length of table 0');
});

test('a global that is -0 is told from one that is 0', async () => {
  const one = await bench();
  const sandbox = one.make();
  const globals = Object.values(sandbox.instance.core[0] ?? {}).filter((value) => value instanceof WebAssembly.Global);
  const float = globals.find(({ value }) => Object.is(value, -0));
  assert.ok(float);
  float.value = 0;
  assert.match(sandbox.firstDifference() ?? '', /^global 1$/);
  sandbox.reset();
  assert.ok(Object.is(float.value, -0));
});

test('as many free handles in another order are a difference', async () => {
  const two = '(call $drop (call $new (i32.const 1)))';
  const start = `(func $start (local i32) (local.set 0 (call $new (i32.const 1))) ${two} (call $drop (local.get 0))) (start $start)
    (func $visit`;
  const other = text
    .replace('(func $visit', start)
    .replace(
      `${two} ${two}`,
      '(drop (call $new (i32.const 1))) (drop (call $new (i32.const 1))) (call $drop (i32.const 1)) (call $drop (i32.const 2))',
    );
  const one = await bench(true, other);
  assert.deepEqual([one.factory.kept, one.factory.reason], [true, undefined]);
  const sandbox = one.make();
  const [component] = sandbox.instance.components;
  const before = component?.handles.snapshot();
  await one.call(sandbox, 'swap');
  const after = component?.handles.snapshot();
  assert.deepEqual([before?.entries, before?.free.length], [after?.entries, after?.free.length]);
  assert.notDeepEqual(before?.free, after?.free);
  assert.equal(sandbox.firstDifference(), 'handle table of component instance 0');
});

test('the memory is compared byte by byte', async () => {
  const one = await bench();
  const sandbox = one.make();
  const bytes = memoryOf(sandbox);
  for (const at of [0, 69_999, 70_002, 131_071]) {
    bytes[at] = (bytes[at] as number) ^ 1;
    assert.equal(sandbox.firstDifference(), `memory 0 at ${at}`);
    assert.equal(sandbox.reset(), true);
    assert.equal(sandbox.firstDifference(), undefined);
  }
  assert.equal(sandbox.memoryBytes, 131_072);
});

test('a sandbox that was cancelled does not go back, nor is it reused', async () => {
  const one = await bench();
  const sandbox = one.make();
  sandbox.cancel(new Error('over'));
  assert.deepEqual([sandbox.reset(), sandbox.reuse(10)], [false, false]);
});

test('reuse: so many requests as are wanted, with all that they left, and then the image', async () => {
  const one = await bench();
  const sandbox = one.make();
  const found: unknown[] = [];
  for (let request = 1; request <= 3; request++) {
    sandbox.begin({ state: () => undefined }, undefined);
    found.push(await one.call(sandbox, 'visit'), await one.call(sandbox, 'keep'));
    assert.equal(sandbox.reuse(3), request < 3);
  }
  assert.deepEqual(found, [6, 1, 7, 2, 8, 3]);
  assert.equal(sandbox.reset(), true);
  for (let request = 1; request <= 3; request++) {
    sandbox.begin({ state: () => undefined }, undefined);
    assert.equal(await one.call(sandbox, 'visit'), 5 + request);
    assert.equal(sandbox.reuse(3), request < 3);
  }
});

test('a guest that holds an object of the host, or a task, cannot be reused', async () => {
  const hostType = { name: 'stream', host: { name: 'stream' } };
  const one = await bench();
  const sandbox = one.make();
  const { handles } = sandbox.instance.components[0] ?? assert.fail();
  const index = handles.add(new ResourceHandle(hostType, {}, true, undefined));
  assert.equal(sandbox.reuse(10), false);
  handles.remove(index);
  handles.add(new ResourceHandle({ name: 'mine' }, 1, true, undefined));
  assert.equal(sandbox.reuse(10), true);
  handles.restore(handles.snapshot());
  handles.add(new ResourceHandle(hostType, {}, true, undefined).imaged());
  assert.equal(sandbox.reuse(10), true);
  handles.add({});
  assert.equal(sandbox.reuse(10), false);
});

test('a call is on the time of its request, and the pages that it polls are known before', async () => {
  const one = await bench();
  const sandbox = one.make();
  const events: string[] = [];
  const activity: GuestActivity = {
    pollPages: [1n],
    enter: () => void events.push('enter'),
    tryEnter: () => assert.fail(),
    pause: () => assert.fail(),
    resume: () => assert.fail(),
    suspend: () => assert.fail(),
    leave: () => void events.push('leave'),
    made: () => assert.fail(),
  };
  sandbox.begin({ state: () => undefined }, activity);
  assert.equal(activity.pollPages, sandbox.pollPages);
  await one.call(sandbox, 'visit');
  assert.deepEqual(events, ['enter', 'leave']);
  const component = sandbox.instance.components[0] ?? assert.fail();
  component.mayEnter = false;
  await assert.rejects(one.call(sandbox, 'visit'), /Cannot enter/);
  assert.deepEqual(events, ['enter', 'leave', 'enter', 'leave']);
  assert.equal(await sandbox.finishTasks(), true);
  assert.deepEqual(events.slice(4), ['leave']);
});

test('a sandbox without an image serves one request', async () => {
  const one = await bench();
  const factory = await createFactory(one.artifact, {
    strategy: 'copy',
    maximumPages: 8,
    handleLimit: 10,
    extraImports: {},
    preinitialize: false,
  });
  const sandbox = factory.make({ state: () => undefined });
  assert.equal(await one.call(sandbox, 'visit'), 6);
  assert.deepEqual([sandbox.reset(), sandbox.memoryBytes], [false, 0]);
  assert.throws(() => sandbox.firstDifference(), { code: 'internal' });
});
