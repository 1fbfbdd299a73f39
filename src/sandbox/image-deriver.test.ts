// Images that are made of one base know nothing of each other, whether a change grew the memory, failed or stayed small.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../test/support/wat.ts';
import type { CallContext } from '../component/canon/instance.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import { prepareArtifact } from './artifact.ts';
import { createImage, imageFactory } from './factory.ts';
import { imageDeriver } from './image-deriver.ts';
import { detectResetStrategies } from './memory/reset-strategies.ts';
import type { Sandbox } from './sandbox.ts';

/** `add` adds to what stands in the memory, in a global, and in the last byte of the memory; `grow` grows it before. */
const guest = `(component
  (core module $m (memory 3) (global $g (mut i32) (i32.const 0)) (data (i32.const 100) "\\07")
    (func $add (param i32) (result i32)
      (i32.store8 (i32.const 100) (i32.add (i32.load8_u (i32.const 100)) (local.get 0)))
      (i32.store8 (i32.const 150000) (i32.add (i32.load8_u (i32.const 150000)) (local.get 0)))
      (global.set $g (i32.add (global.get $g) (local.get 0)))
      (i32.add (i32.mul (i32.const 10000) (global.get $g))
        (i32.add (i32.mul (i32.const 100) (i32.load8_u (i32.const 150000))) (i32.load8_u (i32.const 100)))))
    (func (export "add") (param i32) (result i32) (call $add (local.get 0)))
    (func (export "grow") (param i32) (result i32) (drop (memory.grow (i32.const 1)))
      (i32.store8 (i32.const 200000) (local.get 0)) (call $add (local.get 0)))
    (func (export "end") (param i32) (result i32) (i32.load8_u (i32.const 200000))))
  (core instance $i (instantiate $m))
  (func (export "add") (param "n" u32) (result u32) (canon lift (core func $i "add")))
  (func (export "grow") (param "n" u32) (result u32) (canon lift (core func $i "grow")))
  (func (export "end") (param "n" u32) (result u32) (canon lift (core func $i "end"))))`;

const context: CallContext = { state: () => undefined };
const strategies = detectResetStrategies().available.filter(({ available }) => available);

for (const { name: strategy } of strategies) {
  test(`images of one base, by ${strategy}`, async (t) => {
    const limits = { maximumPages: 8, maximumTableElements: 10 };
    const artifact = await prepareArtifact(await assemble(guest), {
      host: new HostRegistry(),
      ...limits,
      interruptible: false,
    });
    const options = {
      ...{ strategy, verify: true, maximumPages: 8, handleLimit: 10, extraImports: {} },
      preinitialize: undefined,
    };
    const base = await createImage(artifact, options);
    assert.ok(!('reason' in base));
    const deriver = imageDeriver(artifact, base, options);
    const call = async (sandbox: Sandbox, name: string, n: number): Promise<unknown> => {
      sandbox.begin(context, undefined);
      const found = artifact.plan.exports.get(name);
      assert.ok(found?.kind === 'func');
      return sandbox.call(found.func, [n]);
    };
    const derive = async (name: string, n: number) => {
      const image = await deriver.derive(async (sandbox) => void (await call(sandbox, name, n)));
      assert.ok(!('reason' in image));
      const factory = imageFactory(artifact, image, options);
      t.after(() => factory.close());
      return factory;
    };
    const factories = [await derive('add', 1), await derive('add', 2), await derive('grow', 3)];
    await assert.rejects(
      deriver.derive(async (sandbox) => {
        await call(sandbox, 'add', 50);
        throw new Error('it failed');
      }),
      /it failed/,
    );
    factories.push(await derive('add', 4));
    deriver.close();
    base.close();
    // Twice, so that the second sandbox is one that was put back.
    for (const _ of [1, 2]) {
      for (const [index, factory] of factories.entries()) {
        const sandbox = factory.make(context);
        const n = index + 1;
        assert.equal(await call(sandbox, 'add', 10), (10 + n) * 10_000 + (10 + n) * 100 + 17 + n);
        if (n === 3) assert.equal(await call(sandbox, 'end', 0), 3);
        else await assert.rejects(call(sandbox, 'end', 0));
        sandbox.discard();
      }
    }
  });
}
