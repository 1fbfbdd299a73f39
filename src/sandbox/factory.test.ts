// Every sandbox starts at its image, whatever its guests' memories have grown to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../test/support/wat.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import { prepareArtifact } from './artifact.ts';
import { createFactory } from './factory.ts';
import { IdleSandboxes } from './idle-sandboxes.ts';
import { createMemoryBudget } from './memory/budget.ts';
import { detectResetStrategies } from './memory/reset-strategies.ts';

const guest = `(component
  (core module $m (memory 2) (data (i32.const 100) "\\07")
    (func $visit (result i32)
      (i32.load8_u (i32.const 100)) (i32.store8 (i32.const 100) (i32.add (i32.load8_u (i32.const 100)) (i32.const 1))))
    (func (export "stay") (result i32) (call $visit))
    (func (export "grow") (result i32) (drop (memory.grow (i32.const 1))) (call $visit)))
  (core instance $i (instantiate $m))
  (func (export "stay") (result u32) (canon lift (core func $i "stay")))
  (func (export "grow") (result u32) (canon lift (core func $i "grow"))))`;

const strategies = detectResetStrategies().available.filter(({ available }) => available);

for (const { name: strategy } of strategies) {
  test(`guests that always grow, then no longer: each sandbox starts at its image, by ${strategy}`, async () => {
    const host = new HostRegistry();
    const limits = { maximumPages: 8, maximumTableElements: 10 };
    const artifact = await prepareArtifact(await assemble(guest), { host, ...limits, interruptible: false });
    const basics = { strategy, verify: true, maximumPages: 8, handleLimit: 10, extraImports: {} } as const;
    const factory = await createFactory(artifact, { ...basics, preinitialize: undefined });
    /** What the guest finds, and whether its sandbox could be put back. */
    const serve = async (name: string): Promise<readonly [unknown, boolean]> => {
      const sandbox = factory.make({ state: () => undefined });
      sandbox.begin({ state: () => undefined }, undefined);
      const found = artifact.plan.exports.get(name);
      assert.ok(found?.kind === 'func');
      const result = await sandbox.call(found.func, []);
      const isBack = sandbox.reset();
      sandbox.discard();
      return [result, isBack];
    };
    for (let request = 0; request < 20; request++) assert.deepEqual(await serve('grow'), [7, false]);
    // One that was made to serve once finds out that the guest does not grow any more.
    assert.equal((await serve('stay'))[0], 7);
    for (let request = 0; request < 12; request++) assert.deepEqual(await serve('stay'), [7, true]);
    factory.close();
  });
}

test('memories are kept for the next sandbox, are counted, and are freed when a sandbox goes for good', async () => {
  const host = new HostRegistry();
  const limits = { maximumPages: 8, maximumTableElements: 10 };
  const artifact = await prepareArtifact(await assemble(guest), { host, ...limits, interruptible: false });
  const idle = new IdleSandboxes();
  const budget = createMemoryBudget(100);
  const basics = { strategy: 'copy', maximumPages: 8, handleLimit: 10, extraImports: {}, idle, budget } as const;
  const factory = await createFactory(artifact, { ...basics, preinitialize: undefined });
  const make = () => factory.make({ state: () => undefined });
  const [one, other] = [make(), make()];
  const made = budget.live;
  one.discard();
  assert.equal(idle.count, 1);
  other.discard(true);
  assert.equal(idle.count, 1);
  make();
  assert.deepEqual([idle.count, budget.live], [0, made], 'no memory was made for it');
  make();
  assert.equal(budget.live, made + 1);
  factory.close();
});
