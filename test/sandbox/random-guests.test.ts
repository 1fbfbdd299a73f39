// Random guests through the pool: after each reset every byte, global, table entry and handle is what the image says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiftedFunction } from '../../src/component/canon/plan.ts';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { type Artifact, prepareArtifact } from '../../src/sandbox/artifact.ts';
import { createFactory } from '../../src/sandbox/factory.ts';
import { defaultLimits } from '../../src/sandbox/limits.ts';
import type { ResetStrategyName } from '../../src/sandbox/memory/imaged-memory.ts';
import { SandboxPool } from '../../src/sandbox/pool.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { type Random, seeded } from '../support/random.ts';
import { randomModule } from '../support/random-module.ts';
import { strategies } from '../support/strategies.ts';
import { assemble } from '../support/wat.ts';

const context = { state: () => undefined };
const limits = { ...defaultLimits, concurrency: 4 };

/** The random module, beside one that keeps resources: handles, a destructor, a table, globals of all number types. */
function guestText(seed: number): string {
  return `(component
    (core module $random ${randomModule(seed).replace(/^\(module/, '')}
    (core instance $r (instantiate $random))
    (type $thing (resource (rep i32)))
    (core func $new (canon resource.new $thing))
    (core func $drop (canon resource.drop $thing))
    (core func $rep (canon resource.rep $thing))
    (core module $keeper
      (import "h" "new" (func $new (param i32) (result i32)))
      (import "h" "drop" (func $drop (param i32)))
      (import "h" "rep" (func $rep (param i32) (result i32)))
      (memory 1) (table 3 funcref) (elem (i32.const 1) func $new $rep)
      (global $i32 (mut i32) (i32.const -1)) (global $i64 (mut i64) (i64.const 5))
      (global $f32 (mut f32) (f32.const -0)) (global $f64 (mut f64) (f64.const 0.1))
      (func (export "keep") (param $x i32) (result i32) (local $last i32)
        (global.set $i32 (local.get $x)) (global.set $i64 (i64.extend_i32_u (local.get $x)))
        (global.set $f32 (f32.convert_i32_s (local.get $x))) (global.set $f64 (f64.convert_i32_s (local.get $x)))
        (i32.store (i32.and (local.get $x) (i32.const 0xfff8)) (local.get $x))
        (loop $again
          (local.set $last (call_indirect (param i32) (result i32) (local.get $x) (i32.const 1)))
          (br_if $again (i32.and (local.get $last) (i32.const 3))))
        (if (i32.and (local.get $x) (i32.const 1)) (then (call $drop (local.get $last))))
        (if (i32.eq (i32.and (local.get $x) (i32.const 15)) (i32.const 2)) (then (drop (call $rep (i32.const 99)))))
        (local.get $last)))
    (core instance $k (instantiate $keeper (with "h" (instance
      (export "new" (func $new)) (export "drop" (func $drop)) (export "rep" (func $rep))))))
    (func (export "run") (param "x" s32) (result s32) (canon lift (core func $r "run")))
    (func (export "keep") (param "x" s32) (result s32) (canon lift (core func $k "keep"))))`;
}

async function artifactOf(text: string): Promise<Artifact> {
  return prepareArtifact(await assemble(text), {
    host: new HostRegistry(),
    maximumPages: 16,
    maximumTableElements: 100,
    interruptible: false,
  });
}

function functionOf({ plan }: Artifact, name: string): LiftedFunction {
  const found = plan.exports.get(name);
  assert.ok(found?.kind === 'func');
  return found.func;
}

interface Seen {
  resets: number;
  traps: number;
}

async function runCalls(artifact: Artifact, strategy: ResetStrategyName, random: Random): Promise<Seen> {
  const factory = await createFactory(artifact, {
    strategy,
    verify: true,
    maximumPages: 16,
    preinitialize: undefined,
    handleLimit: 100,
    extraImports: {},
  });
  assert.equal(factory.reason, undefined);
  const pool = new SandboxPool(factory, limits);
  const names = ['run', 'keep'] as const;
  const seen: Seen = { resets: 0, traps: 0 };
  const held: Sandbox[] = [];
  for (let turn = 0; turn < 40; turn++) {
    const sandbox = (await pool.acquire(context)) as Sandbox;
    assert.equal(sandbox.firstDifference(), undefined, `turn ${turn}`);
    sandbox.begin(context, undefined);
    let healthy = true;
    for (let calls = random.int(3); calls >= 0 && healthy; calls--) {
      healthy = await sandbox.call(functionOf(artifact, random.pick(names)), [random.int(2 ** 31)]).then(
        () => true,
        () => false,
      );
    }
    if (!healthy) seen.traps++;
    if (healthy && held.length < 3 && random.once(2)) {
      held.push(sandbox);
      continue;
    }
    pool.release(sandbox, healthy);
    for (const one of held.splice(0)) pool.release(one, true);
  }
  const { made, discarded } = pool.statistics;
  seen.resets = 40 - made;
  assert.ok(made - discarded <= 4);
  pool.close();
  return seen;
}

for (const strategy of strategies) {
  test(`random guests, reset by ${strategy}: nothing differs`, async () => {
    const total: Seen = { resets: 0, traps: 0 };
    for (let seed = 1; seed <= 25; seed++) {
      const seen = await runCalls(await artifactOf(guestText(seed)), strategy, seeded(seed));
      total.resets += seen.resets;
      total.traps += seen.traps;
    }
    assert.ok(total.resets > 300, `${total.resets} resets prove little`);
    assert.ok(total.traps > 10, `${total.traps} traps prove little`);
  });
}

test('the comparison sees each kind of state', async () => {
  const artifact = await artifactOf(guestText(1));
  const make = async (): Promise<Sandbox> => {
    const factory = await createFactory(artifact, {
      strategy: 'copy',
      verify: true,
      maximumPages: 16,
      preinitialize: undefined,
      handleLimit: 100,
      extraImports: {},
    });
    return factory.make(context);
  };
  const slot = artifact.plan.steps.findIndex(({ imports }) => imports.some(({ name }) => name === 'rep'));
  assert.ok(slot >= 0);
  const internal = (sandbox: Sandbox, name: string): unknown =>
    sandbox.instance.core[slot]?.[`mayfly:internal:${name}`];
  const changes: Record<string, (sandbox: Sandbox) => void> = {
    'global 3': (sandbox) => {
      (internal(sandbox, 'global1') as WebAssembly.Global<bigint>).value = 6n;
    },
    'table 1 at 2': (sandbox) => (internal(sandbox, 'table0') as WebAssembly.Table).set(2, null),
    'length of table 1': (sandbox) => void (internal(sandbox, 'table0') as WebAssembly.Table).grow(1),
    'handle table of component instance 0': (sandbox) => {
      sandbox.instance.components[0]?.handles.remove(sandbox.instance.components[0].handles.add({}));
    },
    'entry flags of component instance 0': (sandbox) => {
      (sandbox.instance.components[0] as { mayLeave: boolean }).mayLeave = false;
    },
  };
  for (const [name, change] of Object.entries(changes)) {
    const sandbox = await make();
    assert.equal(sandbox.firstDifference(), undefined);
    change(sandbox);
    assert.match(sandbox.firstDifference() ?? '', new RegExp(name.replace(/\d+/, '\\d+')));
  }
});
