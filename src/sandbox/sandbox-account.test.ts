// What a sandbox takes counts for all of its component instances together, from the moment at which it is made, and making
// it is on its guest's time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../test/support/wat.ts';
import { BYTES_PER_HANDLE } from '../component/abi/handle-quota.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import { HostMemory } from '../component/types/host-memory.ts';
import { type Artifact, prepareArtifact } from './artifact.ts';
import { createFactory, type FactoryOptions, type SandboxFactory } from './factory.ts';
import type { GuestActivity, Sandbox } from './sandbox.ts';
import { weightOf } from './sandbox-weight.ts';

/** So many component instances, each of which makes so many handles when it is initialised, and one more when asked. */
const hoarders = (instances: number, each: number): string => `(component
  (component $c
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core module $m (import "e" "new" (func $new (param i32) (result i32)))
      (func (export "more") (drop (call $new (i32.const 1))))
      (func $s (local $i i32) (loop $l (drop (call $new (i32.const 1)))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${each})))))
      (start $s))
    (core instance $i (instantiate $m (with "e" (instance (export "new" (func $new))))))
    (func (export "more") (canon lift (core func $i "more"))))
  ${Array.from({ length: instances }, (_, index) => `(instance $i${index} (instantiate $c))`).join(' ')}
  (export "last" (instance $i${instances - 1})))`;

interface Made {
  readonly artifact: Artifact;
  readonly factory: SandboxFactory;
  readonly memory: HostMemory;
}

async function made(text: string, options: Partial<FactoryOptions>): Promise<Made> {
  const limits = { maximumPages: 8, maximumTableElements: 10_000 };
  const artifact = await prepareArtifact(await assemble(text), {
    host: new HostRegistry(),
    ...limits,
    interruptible: false,
  });
  const memory = options.hostMemory ?? new HostMemory(1e9);
  const basics = {
    strategy: 'copy',
    maximumPages: 8,
    handleLimit: 1000,
    extraImports: {},
    preinitialize: undefined,
  } as const;
  const factory = await createFactory(artifact, { ...basics, tableElements: 10_000, ...options, hostMemory: memory });
  return { artifact, factory, memory };
}

const context = { state: () => undefined };

async function more(sandbox: Sandbox, { artifact }: Made): Promise<unknown> {
  sandbox.begin(context, undefined);
  const last = artifact.plan.exports.get('last');
  const func = last?.kind === 'instance' ? last.exports.get('more') : undefined;
  assert.ok(func?.kind === 'func');
  return sandbox.call(func.func, []);
}

test('handles of an image count in each sandbox that is made from it, over all component instances', async () => {
  const one = await made(hoarders(10, 99), { handleLimit: 991 });
  assert.equal(one.factory.reason, undefined);
  const sandboxes = [0, 1].map(() => one.factory.make(context));
  for (const sandbox of sandboxes) {
    assert.equal(sandbox.instance.handles.live, 990);
    await more(sandbox, one);
    await assert.rejects(more(sandbox, one), /Limit reached: handles \(991\)/);
  }
  for (const sandbox of sandboxes) {
    assert.equal(sandbox.reset(), true);
    assert.equal(sandbox.instance.handles.live, 990);
    sandbox.discard();
    assert.equal(sandbox.instance.handles.live, 0);
  }
});

test('an initialisation that reaches the limit over many component instances fails, for each request as well', async () => {
  const { factory, memory } = await made(hoarders(10, 100), { handleLimit: 999 });
  assert.equal(factory.reason, 'its initialisation fails: Limit reached: handles (999)');
  for (let turn = 0; turn < 3; turn++) {
    assert.throws(() => factory.make(context), /Limit reached: handles \(999\)/);
    assert.equal(memory.bytes, 0);
  }
});

test('an image has up to 1,000 handles: a guest with more of them is initialised on its own time', async () => {
  assert.equal((await made(hoarders(10, 100), {})).factory.reason, undefined);
  const { factory } = await made(hoarders(11, 91), { handleLimit: 2000 });
  assert.equal(factory.reason, 'its initialisation leaves room for 1001 handles. An image may have 1000');
  const sandbox = factory.make(context);
  assert.equal(sandbox.instance.handles.live, 1001);
  sandbox.discard();
});

for (const preinitialize of [undefined, false]) {
  const how = preinitialize === undefined ? 'from its image' : 'by initialising it';
  test(`a sandbox that is made ${how} is made on the time of its guest`, async () => {
    const { factory } = await made(hoarders(3, 10), { preinitialize });
    const seen: string[] = [];
    const activity: GuestActivity = {
      pollPages: [],
      enter: () => void seen.push('enter'),
      made: () => void seen.push('made'),
      leave: () => assert.fail(),
      suspend: () => assert.fail(),
      tryEnter: () => assert.fail(),
      pause: () => assert.fail(),
      resume: () => assert.fail(),
    };
    const taken = { state: () => undefined };
    factory.make(taken, activity);
    assert.deepEqual(new Set(seen.filter((_, index) => index % 2 === 0)), new Set(['enter']));
    assert.deepEqual(new Set(seen.filter((_, index) => index % 2 === 1)), new Set(['made']));
    assert.equal(seen.length % 2, 0);
  });

  test(`a sandbox that is made ${how} counts for the process until it is discarded`, async () => {
    const { artifact } = await made(hoarders(3, 10), { preinitialize });
    const weight = weightOf(artifact, 0) + 64 * BYTES_PER_HANDLE;
    const hostMemory = new HostMemory(2 * weight);
    // The instance that an image is taken from counts as well, as long as it is there.
    const { factory } = await made(hoarders(3, 10), { preinitialize, hostMemory });
    const [first, second] = [factory.make(context), factory.make(context)];
    assert.equal(hostMemory.bytes, 2 * weight);
    assert.throws(() => factory.make(context), { code: 'sandbox-exhausted' });
    first.discard();
    const third = factory.make(context);
    second.discard();
    third.discard();
    assert.equal(hostMemory.bytes, 0);
  });
}

test('tables weigh what they start with; where a guest may let them grow, what they may grow to', async () => {
  const table = (min: number, body: string): string => `(component
    (core module $m (table ${min} funcref) (func (export "run") ${body}))
    (core instance (instantiate $m)))`;
  const weight = async (text: string): Promise<number> => weightOf((await made(text, {})).artifact, 10_000);
  const none = await weight(table(0, ''));
  assert.equal((await weight(table(1000, ''))) - none, 24_000);
  const grows = '(drop (table.grow (ref.null func) (i32.const 1)))';
  assert.equal((await weight(table(1000, grows))) - none, 240_000);
});
