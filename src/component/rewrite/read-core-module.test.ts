// What the reader says of a core module is what is in it: imports, index spaces, exports, types, code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '@bytecodealliance/jco';
import { MayflyError } from '../../errors.ts';
import { readFunctionNames } from './function-names.test-kit.ts';
import { readCoreModule } from './read-core-module.ts';

const isCorrupt = (error: unknown): boolean => error instanceof MayflyError && error.code === 'component-corrupt';
const read = async (wat: string): Promise<ReturnType<typeof readCoreModule>> => readCoreModule(await parse(wat));
const empty = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

test('an empty module has nothing', () => {
  const info = readCoreModule(empty);
  assert.deepEqual([info.imports, info.exports, info.memories, info.funcTypes], [[], [], [], []]);
  assert.equal(info.startFunction, undefined);
});

test('imports of every kind keep their types and fill the index spaces first', async () => {
  const info = await read(`(module
    (import "a" "f" (func (param i32 i64) (result f32 f64)))
    (import "a" "t" (table 1 2 externref))
    (import "b" "m" (memory i64 1 3))
    (import "b" "s" (memory 1 2 shared))
    (import "b" "g" (global (mut v128)))
    (import "b" "e" (tag (param i32)))
    (func) (table 4 funcref) (global i32 (i32.const 1)))`);
  const [func, table, memory, shared, global, tag] = info.imports;
  assert.deepEqual(func, {
    module: 'a',
    name: 'f',
    kind: 'func',
    type: { params: ['i32', 'i64'], results: ['f32', 'f64'] },
  });
  const limits = { min: 1n, max: 2n, shared: false, is64: false, pageSizeLog2: undefined };
  assert.deepEqual(table, { module: 'a', name: 't', kind: 'table', element: 'externref', limits });
  assert.deepEqual(memory, { module: 'b', name: 'm', kind: 'memory', limits: { ...limits, max: 3n, is64: true } });
  assert.deepEqual(shared, { module: 'b', name: 's', kind: 'memory', limits: { ...limits, shared: true } });
  assert.deepEqual(global, { module: 'b', name: 'g', kind: 'global', type: 'v128', mutable: true });
  assert.deepEqual(tag, { module: 'b', name: 'e', kind: 'tag', type: { params: ['i32'], results: [] } });
  assert.equal(info.importedFunctions, 1);
  assert.deepEqual(
    info.tables.map(({ imported, element, min, max }) => [imported, element, min, max]),
    [
      [true, 'externref', 1n, 2n],
      [false, 'funcref', 4n, undefined],
    ],
  );
  assert.deepEqual(info.globals[1], { imported: false, type: 'i32', mutable: false });
  assert.deepEqual(info.funcTypes.length, 2);
});

test('of two imports of one kind, each keeps its place', async () => {
  const info = await read(`(module (import "a" "f" (func (param i32))) (import "a" "g" (func (param i64)))
    (import "a" "t" (table 1 funcref)) (import "a" "u" (table 2 externref))
    (import "a" "m" (memory 3)) (import "a" "n" (memory 4))
    (import "a" "x" (global i32)) (import "a" "y" (global (mut f32)))
    (import "a" "d" (tag (param f32))) (import "a" "e" (tag (param f64)))
    (func (param f64)) (table 5 funcref) (memory 6) (global i64 (i64.const 0)) (tag (param v128))
    (export "d" (tag 0)) (export "e" (tag 1)))`);
  assert.deepEqual(
    info.funcTypes.map(({ params }) => params),
    [['i32'], ['i64'], ['f64']],
  );
  assert.deepEqual(
    info.tables.map(({ imported, min }) => [imported, min]),
    [
      [true, 1n],
      [true, 2n],
      [false, 5n],
    ],
  );
  assert.deepEqual(
    info.memories.map(({ imported, min }) => [imported, min]),
    [
      [true, 3n],
      [true, 4n],
      [false, 6n],
    ],
  );
  assert.deepEqual(
    info.globals.map(({ imported, type, mutable }) => [imported, type, mutable]),
    [
      [true, 'i32', false],
      [true, 'f32', true],
      [false, 'i64', false],
    ],
  );
});

test('exports, start function and names', async () => {
  const bytes = await parse(`(module (func $first (export "a")) (func $second) (start $second)
    (memory (export "m") 1) (global $g (export "g") (mut i64) (i64.const 0)))`);
  const info = readCoreModule(bytes);
  assert.deepEqual(info.exports, [
    { name: 'a', kind: 'func', index: 0 },
    { name: 'm', kind: 'memory', index: 0 },
    { name: 'g', kind: 'global', index: 0 },
  ]);
  assert.equal(info.startFunction, 1);
  assert.deepEqual(
    [...readFunctionNames(bytes, info)],
    [
      [0, 'first'],
      [1, 'second'],
    ],
  );
});

test('types in recursive groups are counted, and typed references kept as bytes', async () => {
  const info = await read(`(module
    (rec (type $s (sub (struct (field (mut i8)) (field (ref null $s))))) (type $a (array (mut f64))))
    (type $f (func (param (ref $s) (ref null $a)) (result anyref)))
    (func (type $f) (ref.null any))
    (table 1 1 (ref null $f)))`);
  assert.deepEqual(info.funcTypes, [
    {
      params: [{ ref: Uint8Array.of(0x64, 0) }, { ref: Uint8Array.of(0x63, 1) }],
      results: [{ ref: Uint8Array.of(0x6e) }],
    },
  ]);
});

const stateCases: readonly (readonly [instruction: string, body: string])[] = [
  ['table.set', '(table.set $t (i32.const 0) (ref.null func))'],
  ['table.grow', '(drop (table.grow $t (ref.null func) (i32.const 1)))'],
  ['table.fill', '(table.fill $t (i32.const 0) (ref.null func) (i32.const 1))'],
  ['table.copy', '(table.copy $t $t (i32.const 0) (i32.const 0) (i32.const 1))'],
  ['table.init', '(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))'],
  ['elem.drop', '(elem.drop $e)'],
  ['data.drop', '(data.drop $d)'],
  ['struct.set', '(struct.set $s 0 (struct.new_default $s) (i32.const 0))'],
  ['array.set', '(array.set $a (array.new_default $a (i32.const 1)) (i32.const 0) (i32.const 0))'],
  ['array.fill', '(array.fill $a (array.new_default $a (i32.const 1)) (i32.const 0) (i32.const 0) (i32.const 1))'],
  ['global.set of a reference', '(global.set $r (ref.null extern))'],
  ['global.set of a vector', '(global.set $v (v128.const i64x2 0 0))'],
];
const stateModule = (body: string): string => `(module (type $s (struct (field (mut i32)))) (type $a (array (mut i32)))
  (table $t 2 funcref) (memory 1) (global $n (mut i32) (i32.const 0)) (global $r (mut externref) (ref.null extern))
  (global $v (mut v128) (v128.const i64x2 0 0)) (elem $e func 0) (data $d "x")
  (func (drop (table.get $t (i32.const 0))) (drop (table.size $t)) (global.set $n (i32.const 1))) (func ${body}))`;

for (const [instruction, body] of stateCases) {
  test(`${instruction} is named, with its function`, async () => {
    const info = await read(stateModule(body));
    assert.deepEqual(info.usesStateThatCannotBeReset, [{ instruction, count: 1, functions: [1] }]);
  });
}

test('what changes nothing for good is not named; memory.grow and waits stand apart', async () => {
  const info = await read(stateModule('(drop (memory.grow (i32.const 1)))'));
  assert.deepEqual(info.usesStateThatCannotBeReset, []);
  assert.deepEqual(info.memoryGrow, { instruction: 'memory.grow', count: 1, functions: [1] });
  const waiting = await read(`(module (memory 1 1 shared)
    (func (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))))`);
  assert.equal(waiting.atomicWait?.count, 1);
});

test('the list of functions is bounded, the count is not', async () => {
  const functions = '(func (elem.drop 0) (elem.drop 0))'.repeat(40);
  const [use] = (await read(`(module (elem func 0) ${functions})`)).usesStateThatCannotBeReset;
  assert.equal(use?.count, 80);
  assert.equal(use?.functions.length, 16);
});

/** A module of one section, or more. */
const sections = (...parts: readonly (readonly [id: number, ...bytes: number[]])[]): Uint8Array =>
  Uint8Array.from([...empty, ...parts.flatMap(([id, ...bytes]) => [id, bytes.length, ...bytes])]);

const corruptCases: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ['no preamble', Uint8Array.from([0, 0x61, 0x73, 0x6d])],
  ['a component', Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0])],
  ['an unknown section', sections([14, 0])],
  ['a section twice', sections([1, 0], [1, 0])],
  ['sections out of order', sections([3, 0], [1, 0])],
  ['a section longer than the file', Uint8Array.from([...empty, 1, 9, 0])],
  ['bytes left over in a section', sections([1, 0, 0])],
  ['a function of a type that is not there', sections([1, 0], [3, 1, 0])],
  ['a function whose type is a struct', sections([1, 1, 0x5f, 0], [3, 1, 0], [10, 1, 2, 0, 0x0b])],
  ['a function without code', sections([1, 1, 0x60, 0, 0], [3, 1, 0])],
  ['code that does not end', sections([1, 1, 0x60, 0, 0], [3, 1, 0], [10, 1, 2, 0, 0x01])],
  ['code after its end', sections([1, 1, 0x60, 0, 0], [3, 1, 0], [10, 1, 3, 0, 0x0b, 0x01])],
  ['an immediate past the end', sections([1, 1, 0x60, 0, 0], [3, 1, 0], [10, 1, 3, 0, 0x44, 0x0b])],
  ['an instruction that does not exist', sections([1, 1, 0x60, 0, 0], [3, 1, 0], [10, 1, 3, 0, 0x27, 0x0b])],
  [
    'a vector instruction that does not exist',
    sections([1, 1, 0x60, 0, 0], [3, 1, 0], [10, 1, 6, 0, 0xfd, 0xff, 0x7f, 0x0b]),
  ],
  ['an export of a memory that is not there', sections([7, 1, 1, 0x6d, 2, 0])],
  ['a start function that is not there', sections([8, 0])],
  ['data for a memory that is not there', sections([11, 1, 0, 0x41, 0, 0x0b, 0])],
];
for (const [what, bytes] of corruptCases) {
  test(`corrupt: ${what}`, () => {
    assert.throws(() => readCoreModule(bytes), isCorrupt);
  });
}

/** The rewriter adds a memory: code that names one more than there are would reach it. */
const memoryCases: readonly (readonly [what: string, code: readonly number[]])[] = [
  ['load', [0x41, 0, 0x28, 0x42, 1, 0, 0x1a]],
  ['store', [0x41, 0, 0x41, 0, 0x36, 0x42, 1, 0]],
  ['memory.size', [0x3f, 1, 0x1a]],
  ['memory.grow', [0x41, 0, 0x40, 1, 0x1a]],
  ['memory.init', [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 8, 0, 1]],
  ['memory.copy to', [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 10, 1, 0]],
  ['memory.copy from', [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 10, 0, 1]],
  ['memory.fill', [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 1]],
  ['v128.load', [0x41, 0, 0xfd, 0, 0x44, 1, 0, 0x1a]],
  ['v128.load8_lane', [0x41, 0, 0xfd, 12, ...new Array(16).fill(0), 0xfd, 84, 0x40, 1, 0, 0, 0x1a]],
  ['atomic store', [0x41, 0, 0x41, 0, 0xfe, 0x17, 0x42, 1, 0]],
];
const withCode = (code: readonly number[], memory: readonly number[]): Uint8Array =>
  sections([1, 1, 0x60, 0, 0], [3, 1, 0], [5, ...memory], [10, 1, code.length + 2, 0, ...code, 0x0b]);

for (const [what, code] of memoryCases) {
  test(`corrupt: ${what} of a memory that only the rewritten module has`, () => {
    assert.throws(() => readCoreModule(withCode(code, [1, 0, 1])), /no memory 1/);
    readCoreModule(withCode(code, [2, 0, 1, 0, 1]));
  });
}

test('corrupt: a load in a module without memory', () => {
  assert.throws(() => readCoreModule(withCode([0x41, 0, 0x28, 2, 0, 0x1a], [0])), /no memory 0/);
});

test('a damaged name section costs the names only', async () => {
  const bytes = await parse('(module (func $first) (func $second))');
  const damaged = bytes.slice(0, -1);
  damaged[damaged.length - 1] = 0xff;
  const name = readCoreModule(bytes).layout.sections.find((section) => section.name === 'name');
  const sizeAt = (name?.header ?? 0) + 1;
  damaged[sizeAt] = (bytes[sizeAt] ?? 0) - 1;
  assert.ok(readFunctionNames(damaged, readCoreModule(damaged)).size <= 1);
});

test('functions have their types in their order, also those of numbers that take two bytes', async () => {
  const types = Array.from(
    { length: 200 },
    (_, index) =>
      `(type (func (param ${'i32 '.repeat(index % 90)}) (result ${index < 90 ? 'i32' : index < 180 ? 'i64' : 'f32'})))`,
  );
  const used = [150, 3, 199, 127, 128, 0];
  const functions = used.map((type) => `(func (type ${type}) unreachable)`);
  const { funcTypes } = await read(`(module ${types.join('')} ${functions.join('')})`);
  assert.deepEqual(
    funcTypes.map(({ params, results }) => [params.length, results[0]]),
    used.map((type) => [type % 90, type < 90 ? 'i32' : type < 180 ? 'i64' : 'f32']),
  );
});
