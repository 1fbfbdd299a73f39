// Objects and exceptions of guests are bounded for each sandbox and for the process, and what a sandbox took is free again
// when it is put back or given up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../test/support/wat.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import type { MayflyError } from '../errors.ts';
import { type Artifact, prepareArtifact } from './artifact.ts';
import { createFactory, type FactoryOptions, type SandboxFactory } from './factory.ts';
import { HeapBudget } from './memory/heap-budget.ts';
import type { Sandbox } from './sandbox.ts';

const PAGES = 16;
const LIMIT = PAGES * 65_536;
/** What 1,000 arrays of `make` take at least, and with what is paid beside. */
const ARRAYS = 1000;

/** `make(n)` makes n arrays of 80 bytes one after another; `keep` holds them on its stack while it calls `middle`. */
const module = (more = ''): string => `(core module $m (type $words (array (mut i64))) ${more}
  (func (export "make") (param $n i32) (result i32)
    (loop (drop (array.new_default $words (i32.const 10)))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.const 1)))`;
const component = (more = ''): string => `(component ${module(more)} (core instance $i (instantiate $m))
  (func (export "make") (param "n" u32) (result u32) (canon lift (core func $i "make"))))`;

async function prepared(text: string): Promise<Artifact> {
  const host = new HostRegistry();
  return prepareArtifact(await assemble(text), {
    host,
    maximumPages: PAGES,
    maximumTableElements: 10,
    interruptible: false,
  });
}

async function factoryOf(
  artifact: Artifact,
  heapBudget: HeapBudget,
  options: Partial<FactoryOptions> = {},
): Promise<SandboxFactory> {
  const basics = { strategy: 'copy', verify: true, maximumPages: PAGES, handleLimit: 10, extraImports: {} } as const;
  return createFactory(artifact, { ...basics, preinitialize: undefined, heapBudget, ...options });
}

const context = { state: () => undefined };

async function make(artifact: Artifact, sandbox: Sandbox, count: number): Promise<unknown> {
  const found = artifact.plan.exports.get('make');
  assert.ok(found?.kind === 'func');
  sandbox.begin(context, undefined);
  return sandbox.call(found.func, [count]);
}

function isOverLimit(sandbox: Sandbox): boolean {
  return sandbox.heapFailure?.code === 'guest-trap' && /Limit reached: memory/.test(sandbox.heapFailure.message);
}

test('each request of a kept sandbox has the whole of its share, and no more', async () => {
  const artifact = await prepared(component());
  const budget = new HeapBudget(100 * LIMIT);
  const factory = await factoryOf(artifact, budget);
  assert.equal(factory.kept, true);
  const sandbox = factory.make(context);
  for (let request = 0; request < 5; request++) {
    assert.equal(await make(artifact, sandbox, 9 * ARRAYS), 1);
    assert.ok(budget.limit - budget.left > 9 * ARRAYS * 80, 'what was taken is held');
    assert.equal(sandbox.reset(), true);
    assert.equal(budget.left, budget.limit);
  }
  await assert.rejects(make(artifact, sandbox, 14 * ARRAYS), WebAssembly.RuntimeError);
  assert.ok(isOverLimit(sandbox));
  sandbox.discard();
  assert.equal(budget.left, budget.limit);
});

test('requests that are served one after another without a reset have one share', async () => {
  const artifact = await prepared(component());
  const budget = new HeapBudget(100 * LIMIT);
  const sandbox = (await factoryOf(artifact, budget)).make(context);
  assert.equal(await make(artifact, sandbox, 8 * ARRAYS), 1);
  assert.equal(sandbox.reuse(10), true);
  assert.ok(budget.limit - budget.left > 8 * ARRAYS * 80);
  await assert.rejects(make(artifact, sandbox, 8 * ARRAYS), WebAssembly.RuntimeError);
  assert.ok(isOverLimit(sandbox));
});

test('the same without an image, and for several calls of one request', async () => {
  const artifact = await prepared(component());
  const budget = new HeapBudget(100 * LIMIT);
  const factory = await factoryOf(artifact, budget, { preinitialize: false });
  assert.equal(factory.kept, false);
  const sandbox = factory.make(context);
  assert.equal(budget.left, budget.limit);
  for (let call = 0; call < 9; call++) await make(artifact, sandbox, ARRAYS);
  await assert.rejects(make(artifact, sandbox, 5 * ARRAYS), WebAssembly.RuntimeError);
  assert.ok(isOverLimit(sandbox));
  sandbox.discard();
  assert.equal(budget.left, budget.limit);
});

test('core modules share what a sandbox may take', async () => {
  const artifact =
    await prepared(`(component ${module()} (core instance $i (instantiate $m)) (core instance (instantiate $m))
    (func (export "make") (param "n" u32) (result u32) (canon lift (core func $i "make"))))`);
  const sandbox = (await factoryOf(artifact, new HeapBudget(100 * LIMIT))).make(context);
  assert.equal(await make(artifact, sandbox, 4 * ARRAYS), 1);
  await assert.rejects(make(artifact, sandbox, 2 * ARRAYS + 700), WebAssembly.RuntimeError);
});

test('sandboxes that hold what they took leave less to others, until they are given up', async () => {
  const artifact = await prepared(component());
  const budget = new HeapBudget(4 * LIMIT);
  const factory = await factoryOf(artifact, budget);
  const waiting = Array.from({ length: 3 }, () => factory.make(context));
  const late = factory.make(context);
  for (const sandbox of waiting) await make(artifact, sandbox, 9 * ARRAYS);
  const other = [factory.make(context), factory.make(context)];
  for (const sandbox of other) await make(artifact, sandbox, 4 * ARRAYS);
  await assert.rejects(make(artifact, late, 9 * ARRAYS), WebAssembly.RuntimeError);
  assert.equal(late.heapFailure?.code, 'sandbox-exhausted');
  assert.throws(() => factory.make(context), { code: 'sandbox-exhausted' });
  for (const sandbox of [...waiting, ...other, late]) sandbox.discard();
  assert.equal(budget.left, budget.limit);
  const next = factory.make(context);
  assert.equal(await make(artifact, next, 9 * ARRAYS), 1);
});

test('initialisation pays, too: constants and the start function', async () => {
  const constants = '(global (ref $words) (array.new_default $words (i32.const 20000)))';
  const start = (count: number): string => `${constants} (func $start (local $n i32) (local.set $n (i32.const ${count}))
    (loop (drop (array.new_default $words (i32.const 10)))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))) (start $start)`;
  const budget = new HeapBudget(100 * LIMIT);
  const artifact = await prepared(component(start(5000)));
  for (const preinitialize of [undefined, false]) {
    const factory = await factoryOf(artifact, budget, { preinitialize });
    const sandbox = factory.make(context);
    const taken = budget.limit - budget.left;
    // An image has the start function behind it; each instance has its constants.
    assert.ok(
      preinitialize === false ? taken > 700_000 && taken < 900_000 : taken > 160_000 && taken < 200_000,
      `${taken}`,
    );
    await assert.rejects(make(artifact, sandbox, 9 * ARRAYS), WebAssembly.RuntimeError);
    sandbox.discard();
    assert.equal(budget.left, budget.limit);
  }
  const greedy = await prepared(component(start(20_000)));
  const factory = await factoryOf(greedy, budget);
  assert.match(factory.reason ?? '', /initialisation fails/);
  assert.throws(() => factory.make(context), WebAssembly.RuntimeError);
  assert.equal(budget.left, budget.limit);
  const large = '(global (ref $words) (array.new_default $words (i32.const 200000)))';
  await assert.rejects(prepared(component(large)), (error: MayflyError) => error.code === 'component-over-limit');
});

test('code that names what only the rewriter adds is no valid module', async () => {
  // The first index of a function, of a global, of a type that the module itself does not have.
  for (const body of [
    '(call 1)',
    '(drop (global.get 0))',
    '(global.set 0 (i32.const 2147483647))',
    '(block (type 3))',
  ]) {
    const text = `(component (core module $m (type $words (array (mut i64)))
        (func (export "make") (drop (array.new_default $words (i32.const 1))) ${body}))
      (core instance $i (instantiate $m)) (func (export "make") (canon lift (core func $i "make"))))`;
    await assert.rejects(prepared(text), { code: 'component-corrupt' }, body);
  }
});

test('objects that a guest keeps in globals, tables or other objects do not outlive its request', async () => {
  const keepers: Readonly<Record<string, string>> = {
    'global.set': '(global $g (mut anyref) (ref.null any)) (func (global.set $g (ref.i31 (i32.const 1))))',
    'table.set': '(table $t 1 anyref) (func (table.set $t (i32.const 0) (ref.i31 (i32.const 1))))',
    'array.set': '(func (array.set $words (array.new_default $words (i32.const 1)) (i32.const 0) (i64.const 1)))',
    'struct.set': '(type $s (struct (field (mut i32)))) (func (struct.set $s 0 (struct.new_default $s) (i32.const 1)))',
  };
  for (const [what, text] of Object.entries(keepers)) {
    const factory = await factoryOf(await prepared(component(text)), new HeapBudget(100 * LIMIT));
    assert.equal(factory.kept, false, what);
  }
});
