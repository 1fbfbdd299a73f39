// Guest code that runs outside of a handler is on somebody's time, too: initialisation, and the realloc that stores what
// a guest had to wait for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { type Artifact, INTERRUPT, prepareArtifact } from '../../src/sandbox/artifact.ts';
import { createFactory, type SandboxFactory } from '../../src/sandbox/factory.ts';
import { assemble } from '../support/wat.ts';

const limits = { cpuSliceMs: 150, cpuMs: 150, wallMs: 10_000 };
const engine = createEngine({ reset: 'copy' });

const host = new HostRegistry([
  {
    name: 'test:host/slow',
    version: undefined,
    service: 'test',
    resources: {},
    functions: { text: { call: () => new Promise((resolve) => setTimeout(resolve, 1, 'late')), suspends: true } },
  },
]);

async function prepared(text: string): Promise<readonly [Artifact, SandboxFactory]> {
  const artifact = await prepareArtifact(await assemble(text), {
    host,
    maximumPages: 4,
    maximumTableElements: 10,
    interruptible: true,
  });
  const factory = await createFactory(artifact, {
    strategy: 'copy',
    verify: true,
    maximumPages: 4,
    preinitialize: undefined,
    handleLimit: 10,
    extraImports: { [INTERRUPT.module]: { [INTERRUPT.name]: engine.flag as WebAssembly.Memory } },
    timer: () => engine.clock.timer(limits),
  });
  return [artifact, factory];
}

test('a start function without end is stopped at load, and again for each request', async () => {
  const [, factory] = await prepared(`(component
    (core module $m (func $loop (loop (br 0))) (start $loop))
    (core instance (instantiate $m)))`);
  assert.equal(factory.reason, 'its initialisation was stopped. Limit reached: cpu');
  const timer = engine.clock.timer(limits);
  assert.throws(() => factory.make({ state: () => undefined }, timer), WebAssembly.RuntimeError);
  assert.equal(timer.stopped, true);
});

test('a start function that recurses without end: a reason, and an error for each request', async () => {
  const [, factory] = await prepared(`(component
    (core module $m (func $deep (result i32) (i32.add (call $deep) (i32.const 1))) (func $s (drop (call $deep))) (start $s))
    (core instance (instantiate $m)))`);
  assert.match(factory.reason ?? '', /its initialisation fails: Maximum call stack/);
  assert.throws(() => factory.make({ state: () => undefined }, engine.clock.timer(limits)), RangeError);
});

test('realloc without end, called when the result of a wait is stored', async () => {
  const [artifact, factory] = await prepared(`(component
    (import "test:host/slow" (instance $h (export "text" (func (result string)))))
    (core module $lib (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (loop (br 0)) (unreachable)))
    (core instance $l (instantiate $lib))
    (alias core export $l "memory" (core memory $memory))
    (alias core export $l "realloc" (core func $realloc))
    (core func $text (canon lower (func $h "text") (memory $memory) (realloc $realloc)))
    (core module $m (import "h" "text" (func $text (param i32))) (func (export "run") (call $text (i32.const 0))))
    (core instance $i (instantiate $m (with "h" (instance (export "text" (func $text))))))
    (func (export "run") (canon lift (core func $i "run"))))`);
  assert.equal(factory.reason, undefined);
  const context = { state: () => ({}) };
  const timer = engine.clock.timer(limits);
  const sandbox = factory.make(context);
  const run = artifact.plan.exports.get('run');
  assert.ok(run?.kind === 'func');
  sandbox.begin(context, timer);
  await assert.rejects(sandbox.call(run.func, []));
  assert.equal(timer.stopped, true);
});
