// A guest that calls the host from the bottom of its stack: the host function does its work to the end or not at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { type Artifact, prepareArtifact } from '../../src/sandbox/artifact.ts';
import { createFactory, type SandboxFactory } from '../../src/sandbox/factory.ts';
import { assemble } from '../support/wat.ts';

interface Host {
  begun: number;
  ended: number;
}

/** Needs far more stack than a guest that is about to overflow would have left. */
function deep(frames: number): number {
  return frames === 0 ? 0 : 1 + deep(frames - 1);
}

function hostWith(counts: Host, suspends: boolean): HostRegistry {
  const work = (): string => {
    counts.begun++;
    deep(500);
    counts.ended++;
    return 'done';
  };
  const functions = { work: { call: work, suspends: false }, wait: { call: () => undefined, suspends } };
  return new HostRegistry([{ name: 'test:host/h', version: undefined, service: 'test', resources: {}, functions }]);
}

/** `start`: the recursion is part of initialisation. Whatever is thrown is swallowed, if that is possible at all. */
function guest(start: boolean): string {
  return `(component
    (import "test:host/h" (instance $h (export "work" (func (result string))) (export "wait" (func))))
    (core module $lib (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 256)))
    (core instance $l (instantiate $lib))
    (alias core export $l "memory" (core memory $memory)) (alias core export $l "realloc" (core func $realloc))
    (core func $work (canon lower (func $h "work") (memory $memory) (realloc $realloc)))
    (core func $wait (canon lower (func $h "wait")))
    (core module $m (import "h" "work" (func $work (param i32))) (import "h" "wait" (func $wait))
      (global $depth (mut i32) (i32.const 0))
      (func $down
        (block $caught (try_table (catch_all $caught) (call $work (i32.const 0))))
        (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
        (call $down)
        (global.set $depth (i32.sub (global.get $depth) (i32.const 1))))
      (func $run (export "run") (block $caught (try_table (catch_all $caught) (call $down))))
      ${start ? '(start $run)' : ''})
    (core instance $i (instantiate $m (with "h" (instance (export "work" (func $work)) (export "wait" (func $wait))))))
    (func (export "run") (canon lift (core func $i "run"))))`;
}

async function prepare(text: string, host: HostRegistry): Promise<readonly [Artifact, SandboxFactory]> {
  const basics = { host, maximumPages: 4, maximumTableElements: 10, interruptible: false };
  const artifact = await prepareArtifact(await assemble(text), basics);
  const options = { strategy: 'copy', maximumPages: 4, preinitialize: undefined, handleLimit: 10 } as const;
  return [artifact, await createFactory(artifact, { ...options, extraImports: {} })];
}

const overflow = { name: 'RangeError', message: 'Maximum call stack size exceeded' };
const context = { state: () => ({}) };

for (const suspends of [false, true]) {
  test(`in a handler that ${suspends ? 'may wait' : 'never waits'}`, async () => {
    const counts = { begun: 0, ended: 0 };
    const [artifact, factory] = await prepare(guest(false), hostWith(counts, suspends));
    const run = artifact.plan.exports.get('run');
    assert.ok(run?.kind === 'func');
    const sandbox = factory.make(context);
    sandbox.begin(context, undefined);
    await assert.rejects(sandbox.call(run.func, []), overflow);
    assert.ok(counts.begun > 1000, 'the guest got deep');
    assert.equal(counts.ended, counts.begun);
  });
}

test('in a start function', async () => {
  const counts = { begun: 0, ended: 0 };
  const [, factory] = await prepare(guest(true), hostWith(counts, false));
  assert.match(factory.reason ?? '', /initialisation calls/);
  assert.throws(() => factory.make(context), overflow);
  assert.ok(counts.begun > 100, 'the guest got deep');
  assert.equal(counts.ended, counts.begun);
});
