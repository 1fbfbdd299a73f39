// A component composed of two, each with memory, globals and handles of its own: a value that is planted in both is gone
// for the next request, however the first one ended. Exceptions of WebAssembly included, caught and uncaught.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiftedFunction } from '../../src/component/canon/plan.ts';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { prepareArtifact } from '../../src/sandbox/artifact.ts';
import { createFactory, type SandboxFactory } from '../../src/sandbox/factory.ts';
import { defaultLimits } from '../../src/sandbox/limits.ts';
import type { ResetStrategyName } from '../../src/sandbox/memory/imaged-memory.ts';
import { SandboxPool } from '../../src/sandbox/pool.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { strategies } from '../support/strategies.ts';
import { assemble } from '../support/wat.ts';

const SECRET = 0x5ec2e7;

/** `plant` leaves the value; `find` counts where it sees it. Both live in each half. */
const keeper = `
  (memory 1) (global $g (mut i64) (i64.const 0)) (tag $t (param i32))
  (func $plant (param $x i32)
    (global.set $g (i64.extend_i32_u (local.get $x)))
    (i32.store (i32.const 4096) (local.get $x)) (i32.store (i32.const 65532) (local.get $x)))
  (func $find (param $x i32) (result i32) (local $at i32) (local $found i32)
    (loop $next
      (local.set $found (i32.add (local.get $found) (i32.eq (i32.load (local.get $at)) (local.get $x))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (i32.mul (memory.size) (i32.const 65536)))))
    (i32.add (local.get $found) (i64.eq (global.get $g) (i64.extend_i32_u (local.get $x)))))`;

const text = `(component
  (component $inner
    (core module $m ${keeper}
      (func (export "plant") (param i32 i32) (call $plant (local.get 0))
        (if (i32.eq (local.get 1) (i32.const 1)) (then unreachable))
        (if (i32.eq (local.get 1) (i32.const 2)) (then (throw $t (local.get 0))))
        (if (i32.eq (local.get 1) (i32.const 3)) (then (drop (memory.grow (i32.const 1)))
          (i32.store (i32.const 65536) (local.get 0)))))
      (func (export "find") (param i32) (result i32) (call $find (local.get 0))))
    (core instance $i (instantiate $m))
    (func (export "plant") (param "x" u32) (param "how" u32) (canon lift (core func $i "plant")))
    (func (export "find") (param "x" u32) (result u32) (canon lift (core func $i "find"))))
  (component $outer
    (import "plant" (func $plant (param "x" u32) (param "how" u32)))
    (import "find" (func $find (param "x" u32) (result u32)))
    (core func $inner-plant (canon lower (func $plant)))
    (core func $inner-find (canon lower (func $find)))
    (core module $m
    (import "i" "plant" (func $inner-plant (param i32 i32)))
    (import "i" "find" (func $inner-find (param i32) (result i32)))
    ${keeper}
    (func (export "plant") (param $x i32) (param $how i32)
      (call $plant (local.get $x))
      (if (i32.eq (local.get $how) (i32.const 4))
        (then (block $caught (result i32)
          (try_table (result i32) (catch $t $caught) (throw $t (local.get $x)))) (global.set $g (i64.extend_i32_u))))
      (if (i32.eq (local.get $how) (i32.const 5))
        (then (call $inner-plant (local.get $x) (i32.const 0)) (throw $t (local.get $x))))
      (if (i32.eq (local.get $how) (i32.const 6))
        (then (block $caught (try_table (catch_all $caught) (call $inner-plant (local.get $x) (i32.const 2))))))
      (call $inner-plant (local.get $x) (local.get $how)))
    (func (export "find") (param i32) (result i32)
      (i32.add (call $find (local.get 0)) (call $inner-find (local.get 0)))))
  (core instance $o (instantiate $m (with "i" (instance
    (export "plant" (func $inner-plant)) (export "find" (func $inner-find))))))
  (func (export "plant") (param "x" u32) (param "how" u32) (canon lift (core func $o "plant")))
  (func (export "find") (param "x" u32) (result u32) (canon lift (core func $o "find"))))
  (instance $i (instantiate $inner))
  (instance $o (instantiate $outer
    (with "plant" (func $i "plant")) (with "find" (func $i "find"))))
  (export "plant" (func $o "plant"))
  (export "find" (func $o "find")))`;

/** Which ways end in an error. Exceptions of the inner half are traps for the outer one, which cannot catch them. */
const ways = [
  { how: 0, name: 'returned', fails: false },
  { how: 1, name: 'trapped', fails: true },
  { how: 2, name: 'threw in the inner half', fails: true },
  { how: 3, name: 'grew', fails: false },
  { how: 4, name: 'threw and caught', fails: false },
  { how: 5, name: 'threw in the outer half', fails: true },
  { how: 6, name: 'tried to catch what the inner half threw', fails: true },
];

async function factoryFor(
  strategy: ResetStrategyName,
): Promise<readonly [SandboxFactory, Map<string, LiftedFunction>]> {
  const options = { host: new HostRegistry(), maximumPages: 4, maximumTableElements: 10, interruptible: false };
  const artifact = await prepareArtifact(await assemble(text), options);
  const functions = new Map(
    [...artifact.plan.exports].flatMap(([name, one]) => (one.kind === 'func' ? [[name, one.func] as const] : [])),
  );
  const basics = { strategy, verify: true, maximumPages: 4, preinitialize: undefined, handleLimit: 10 };
  return [await createFactory(artifact, { ...basics, extraImports: {} }), functions];
}

for (const strategy of strategies) {
  test(`composed, reset by ${strategy}`, async () => {
    const [factory, functions] = await factoryFor(strategy);
    assert.equal(factory.reason, undefined);
    const pool = new SandboxPool(factory, { ...defaultLimits, concurrency: 1 });
    const run = async (name: string, ...params: number[]): Promise<unknown> => {
      const context = { state: () => undefined };
      const sandbox = pool.acquire(context) as Sandbox;
      sandbox.begin(context, undefined);
      let healthy = false;
      try {
        const result = await sandbox.call(functions.get(name) as LiftedFunction, params);
        healthy = true;
        return result;
      } catch {
        return 'failed';
      } finally {
        pool.release(sandbox, healthy);
      }
    };
    for (const { how, name, fails } of ways) {
      assert.equal(await run('plant', SECRET, how), fails ? 'failed' : undefined, name);
      assert.equal(await run('find', SECRET), 0, name);
    }
    const { made, discarded } = pool.statistics;
    assert.equal(made - discarded, 1);
    assert.equal(discarded, ways.filter(({ fails, name }) => fails || name === 'grew').length);
    pool.close();
  });
}
