// A rewritten module has imported memories, capped maxima and exported internals, and works as before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '@bytecodealliance/jco';
import { MayflyError } from '../../errors.ts';
import { readFunctionNames } from './function-names.test-kit.ts';
import { readCoreModule } from './read-core-module.ts';
import { rewriteCoreModule } from './rewrite-core-module.ts';
import type { RewriteOptions } from './rewrite-options.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof MayflyError && error.code === code;
const interrupt = { module: 'watch', name: 'flag' };
const flag = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const memory = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: 1, maximum: 10 });

async function rewrite(wat: string, options: RewriteOptions): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await parse(wat);
  const rewritten = rewriteCoreModule(bytes, readCoreModule(bytes), options);
  new WebAssembly.Module(rewritten); // throws when it does not validate
  return rewritten;
}

// biome-ignore lint/suspicious/noExplicitAny: exports of many types
type Exports = Record<string, any>;
const run = (bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports = {}): Exports =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;

test('a defined memory is imported under its index, behind those that were imported', async () => {
  const bytes = await rewrite(
    `(module (import "e" "m" (memory 1)) (memory $own 2 5) (memory $third 1)
      (func (export "f") (result i32) (i32.store $third (i32.const 0) (i32.const 5)) (i32.load $third (i32.const 0)))
      (export "own" (memory $own)))`,
    { importMemories: 'm' },
  );
  const { imports, memories } = readCoreModule(bytes);
  assert.deepEqual(
    imports.map(({ module, name }) => `${module}.${name}`),
    ['e.m', 'm.memory1', 'm.memory2'],
  );
  assert.deepEqual(
    memories.map(({ imported, min, max }) => [imported, min, max]),
    [
      [true, 1n, undefined],
      [true, 2n, 5n],
      [true, 1n, undefined],
    ],
  );
  const own = new WebAssembly.Memory({ initial: 2, maximum: 5 });
  const third = new WebAssembly.Memory({ initial: 1 });
  const { f, own: exported } = run(bytes, { e: { m: memory() }, m: { memory1: own, memory2: third } });
  assert.equal(f(), 5);
  assert.equal(exported, own);
  assert.equal(new Int32Array(third.buffer)[0], 5);
});

test('maxima of memories and tables are capped, and growing fails there', async () => {
  const wat = `(module (memory 1 9) (table $t (export "t") 1 externref) (table $u 2 7 (ref null func))
    (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table") (param i32) (result i32) (table.grow $t (ref.null extern) (local.get 0))))`;
  const { memory: grow, table } = run(await rewrite(wat, { maximumPages: 3, maximumTableElements: 4 }));
  assert.deepEqual([grow(2), grow(1)], [1, -1]);
  assert.deepEqual([table(3), table(1)], [1, -1]);
  const info = readCoreModule(await rewrite(wat, { importMemories: 'm', maximumPages: 3, maximumTableElements: 4 }));
  assert.equal(info.memories[0]?.max, 3n);
  assert.deepEqual(
    info.tables.map(({ max }) => max),
    [4n, 4n],
  );
});

test('a lower maximum of the module itself stays', async () => {
  const info = readCoreModule(await rewrite('(module (memory 1 2))', { importMemories: 'm', maximumPages: 100 }));
  assert.equal(info.memories[0]?.max, 2n);
});

test('a module that starts above a cap is refused', async () => {
  const isOver = hasCode('component-over-limit');
  await assert.rejects(rewrite('(module (memory 9))', { maximumPages: 8 }), isOver);
  await assert.rejects(rewrite('(module (memory 9))', { importMemories: 'm', maximumPages: 8 }), isOver);
  await assert.rejects(rewrite('(module (table 9 funcref))', { maximumTableElements: 8 }), isOver);
});

test('tables with an initialiser keep it', async () => {
  const wat = `(module (func $f (result i32) (i32.const 9)) (elem declare func $f)
    (table 2 (ref func) (ref.func $f)) (func (export "f") (result i32) (call_indirect (result i32) (i32.const 1))))`;
  assert.equal(run(await rewrite(wat, { maximumTableElements: 5 })).f(), 9);
});

test('internals are exported: mutable globals, tables and memories that are defined', async () => {
  const wat = `(module (import "e" "g" (global (mut i32))) (import "e" "t" (table 1 funcref))
    (global $constant i32 (i32.const 1)) (global $a (mut i32) (i32.const 7)) (global $b (export "b") (mut i64) (i64.const 8))
    (table 3 funcref) (memory 1))`;
  const bytes = await rewrite(wat, { exportInternals: 'x:' });
  const names = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name, kind }) => `${kind} ${name}`);
  assert.deepEqual(names, ['global b', 'global x:global2', 'global x:global3', 'table x:table1', 'memory x:memory0']);
  const exports = run(bytes, {
    e: {
      g: new WebAssembly.Global({ value: 'i32', mutable: true }, 0),
      t: new WebAssembly.Table({ element: 'anyfunc', initial: 1 }),
    },
  });
  assert.equal(exports['x:global3'].value, 8n);
  assert.equal(exports['x:global2'].value, 7);
  const imported = readCoreModule(await rewrite(wat, { exportInternals: 'x:', importMemories: 'm' }));
  assert.ok(!imported.exports.some(({ kind }) => kind === 'memory'));
});

test('sections that the module does not have are made where they belong', async () => {
  const wat = '(module (memory 1) (func $f (loop (br_if 0 (i32.const 0)))) (start $f) (data (i32.const 0) "x"))';
  const bytes = await rewrite(wat, { importMemories: 'm', exportInternals: 'x:', interrupt });
  const { layout } = readCoreModule(bytes);
  assert.deepEqual(
    layout.sections.map(({ id }) => id).filter((id) => id !== 0),
    [1, 2, 3, 8, 10, 11],
  );
  run(bytes, { m: { memory0: new WebAssembly.Memory({ initial: 1 }) }, watch: { flag } });
  await rewrite('(module)', { importMemories: 'm', exportInternals: 'x:', interrupt });
  await rewrite('(module (global (mut i32) (i32.const 0)))', { exportInternals: 'x:' });
});

test('names that the rewriter needs are refused in guests', async () => {
  const isUnsupported = hasCode('component-unsupported');
  const steals = '(module (import "watch" "flag" (memory 1 1 shared)))';
  await assert.rejects(rewrite(steals, { importMemories: 'm', interrupt }), isUnsupported);
  await assert.rejects(rewrite('(module (import "m" "x" (func)))', { importMemories: 'm' }), isUnsupported);
  const exports = '(module (global (export "x:global0") (mut i32) (i32.const 0)))';
  await assert.rejects(rewrite(exports, { exportInternals: 'x:' }), isUnsupported);
});

test('checks need imported memories, for indices must not change', async () => {
  await assert.rejects(rewrite('(module (memory 1))', { interrupt }), /needs importMemories/);
});

test('without a memory of its own the flag is memory 0, and a load from it is still refused', async () => {
  const bytes = await rewrite('(module (func (export "f") (loop (br 0))))', { interrupt });
  new Int32Array(flag.buffer)[0] = 1;
  try {
    assert.throws(run(bytes, { watch: { flag } }).f, /unreachable/);
  } finally {
    new Int32Array(flag.buffer)[0] = 0;
  }
});

const imageModule = (code: string): string => `(module (memory (export "m") 1)
  (global $started (export "started") (mut i32) (i32.const 0))
  (data $active (i32.const 0) "active") (data $passive "passive") (data $second (i32.const 50) "second")
  (table 1 funcref) (elem (i32.const 0) $start)
  (func $start (global.set $started (i32.const 1))) (start $start)
  (func (export "call") (call_indirect (i32.const 0))) ${code})`;
const withInit = `(func (export "active") (memory.init $active (i32.const 100) (i32.const 0) (i32.const 1)))
  (func (export "nothing") (memory.init $second (i32.const 100) (i32.const 0) (i32.const 0)))
  (func (export "passive") (memory.init $passive (i32.const 100) (i32.const 0) (i32.const 7)))`;

test('an image starts without its active data and its start function, segments keep their indices', async () => {
  const { m, started, active, nothing, passive, call } = run(await rewrite(imageModule(withInit), { image: true }));
  const bytes = new Uint8Array(m.buffer);
  assert.equal(started.value, 0);
  assert.ok(bytes.subarray(0, 80).every((byte) => byte === 0));
  assert.throws(active, /out of bounds/); // as after instantiation
  nothing();
  passive();
  assert.equal(new TextDecoder().decode(bytes.subarray(100, 107)), 'passive');
  call(); // element segments stay
  assert.equal(started.value, 1);
});

test('an image of a module whose code names no data segment has none', async () => {
  const { layout } = readCoreModule(await rewrite(imageModule(''), { image: true }));
  assert.ok(!layout.sections.some(({ id }) => id === 11 || id === 12));
});

test('names and other custom sections stay; metadata of code goes when code changes', async () => {
  const wat = `(module (@custom "producers" "\\00") (@custom "metadata.code.branch_hint" (before code) "\\00")
    (func $one (call $two)) (func $two))`;
  const bytes = await rewrite(wat, { interrupt });
  const info = readCoreModule(bytes);
  assert.deepEqual([...readFunctionNames(bytes, info).values()], ['one', 'two']);
  const names = info.layout.sections.map(({ name }) => name).filter((name) => name !== undefined);
  assert.deepEqual(names.sort(), ['name', 'producers']);
  const kept = readCoreModule(await rewrite(wat, { exportInternals: 'x:' })).layout.sections;
  assert.ok(kept.some(({ name }) => name === 'metadata.code.branch_hint'));
});

test('a module that lies in a larger buffer is read and rewritten in place', async () => {
  const bytes = await parse('(module (memory 1) (func (export "f") (result i32) (i32.const 3)))');
  const padded = new Uint8Array(bytes.length + 20);
  padded.set(bytes, 9);
  const view = padded.subarray(9, 9 + bytes.length);
  const rewritten = rewriteCoreModule(view, readCoreModule(view), { importMemories: 'm', interrupt });
  assert.equal(run(rewritten, { m: { memory0: new WebAssembly.Memory({ initial: 1 }) }, watch: { flag } }).f(), 3);
});
