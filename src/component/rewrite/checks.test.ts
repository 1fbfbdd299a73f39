// Where checks stand in rewritten code, and what the walk over the code notes, function by function.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '@bytecodealliance/jco';
import { PlaceKind } from './core-module.ts';
import { readCoreModule } from './read-core-module.ts';
import { rewriteCoreModule } from './rewrite-core-module.ts';

const POLL = 0x100_0000;
const interrupt = { module: 'watch', name: 'flag' } as const;
/** `(drop (i32.load offset=POLL (i32.const 0)))`. */
const CHECK = Buffer.of(0x41, 0x00, 0x28, 0x02, 0x80, 0x80, 0x80, 0x08, 0x1a);

const moduleOf = (body: string, more = ''): string => `(module (type $none (func)) (import "h" "out" (func $out))
  (memory 1) (table 2 funcref) (tag $tag)
  (func $leaf) (func $deep (call_indirect (i32.const 0)))
  (func $run (export "run") (local i32 i64) ${body}) ${more})`;

interface Checked {
  /** Before which byte of the original body each check was put, counted from its first instruction. */
  readonly places: readonly number[];
  readonly code: Buffer;
  readonly original: Buffer;
}

/** What became of `$run`, the last function. */
async function checked(body: string): Promise<Checked> {
  const bytes = await parse(moduleOf(body));
  const own = { importMemories: 'own', interrupt: { ...interrupt, pollAddress: POLL } };
  const rewritten = rewriteCoreModule(bytes, readCoreModule(bytes), own);
  assert.ok(WebAssembly.validate(rewritten), body);
  const bodyOf = (module: Uint8Array): Buffer => {
    const { code, sections } = readCoreModule(module).layout;
    const section = sections.find(({ id }) => id === 10);
    return Buffer.from(module.subarray(code.instructions.at(-1), section?.end));
  };
  const [original, code] = [bodyOf(bytes), bodyOf(rewritten)];
  const places: number[] = [];
  let removed = 0;
  for (let at = code.indexOf(CHECK); at >= 0; at = code.indexOf(CHECK, at + 1)) {
    places.push(at - removed);
    removed += CHECK.length;
  }
  return { places, code, original };
}

test('a function that ends by itself has none, one that calls out has one at its entry', async () => {
  assert.deepEqual((await checked('(call $leaf)')).places, []);
  assert.deepEqual((await checked('(call $out)')).places, [0]);
  assert.deepEqual((await checked('(call_indirect (i32.const 0))')).places, [0]);
  assert.deepEqual((await checked('(call $run)')).places, [0]);
  assert.deepEqual((await checked('(nop) (call $deep)')).places, [0]);
});

test('a loop that goes back by br has its check right before that', async () => {
  // loop, its type, br, its label
  assert.deepEqual((await checked('(loop (br 0))')).places, [2]);
  assert.deepEqual((await checked('(loop (nop) (nop) (br 0))')).places, [4]);
  assert.deepEqual((await checked('(loop (block (br 1)))')).places, [4]);
});

test('a loop that goes back by br_if in the middle: on that way only', async () => {
  const { code } = await checked('(loop (br_if 0 (local.get 0)) (nop) (nop) (br_if 0 (local.get 0)) (br 0))');
  const way = (label: number): Buffer => Buffer.concat([Buffer.of(0x04, 0x40), CHECK, Buffer.of(0x0c, label, 0x0b)]);
  const first = code.indexOf(way(1));
  assert.ok(first > 0);
  assert.ok(code.indexOf(way(1), first + 1) > first);
  assert.equal(code.indexOf(way(0)), -1);
});

test('a way out of a block is none back to a loop that stood before it at the same depth', async () => {
  const loop = '(loop (br_if 0 (local.get 0)) (nop) (nop) (br_if 0 (local.get 0)))';
  const { places } = await checked(loop);
  for (const block of [
    '(block (nop) (br 0))',
    '(if (local.get 0) (then (nop) (br 0)))',
    '(if (local.get 0) (then (nop)) (else (br 0)))',
    '(try_table (nop) (br 0))',
    '(block (nop) (br_if 0 (local.get 0)))',
    '(try_table (nop) (br_table 0 0 (local.get 0)))',
    '(block (nop) (br_table 0 0 (local.get 0)))',
  ]) {
    assert.deepEqual((await checked(`${loop} ${block}`)).places, places, block);
  }
});

test('a loop with other ways back has its check at its head', async () => {
  assert.deepEqual((await checked('(loop (br_table 0 0 (local.get 0)))')).places, [2]);
  assert.deepEqual((await checked('(loop (nop) (try_table (catch $tag 1) (nop)))')).places.length, 0);
  assert.deepEqual((await checked('(loop (nop) (try_table (catch $tag 0) (nop)))')).places, [2]);
  assert.deepEqual((await checked('(loop (nop) (br_on_null 0 (ref.null func)) (drop))')).places, [2]);
  assert.deepEqual(
    (await checked('(i32.const 1) (loop (param i32) (drop) (i32.const 1) (br_if 0 (local.get 0)) (drop))')).places,
    [4],
  );
});

test('a loop that does not go back has none', async () => {
  assert.deepEqual((await checked('(loop (nop))')).places, []);
  assert.deepEqual((await checked('(block (loop (br 1)))')).places, []);
  assert.deepEqual((await checked('(block (loop (br_if 1 (local.get 0))))')).places, []);
});

test('a loop of which each way back calls what checks has none of its own', async () => {
  assert.deepEqual((await checked('(loop (call $deep) (br 0))')).places, [0]);
  assert.deepEqual((await checked('(loop (call $deep) (br_if 0 (local.get 0)))')).places, [0]);
  assert.deepEqual((await checked('(loop (call $leaf) (br 0))')).places, [4]);
  // Only on one of two ways: what was called before the ways met does not count.
  const { places } = await checked('(loop (if (local.get 0) (then (call $deep))) (br 0))');
  assert.equal(places.length, 2);
  for (const other of ['(then (call $deep)) (else (br 1))', '(then (call $deep)) (else (br_if 1 (local.get 0)))']) {
    assert.equal((await checked(`(loop (if (local.get 0) ${other}))`)).places.length, 2, other);
  }
  for (const caught of ['catch $tag (br 1)', 'catch_all (br 1)']) {
    assert.equal((await checked(`(loop try (call $deep) ${caught} end)`)).places.length, 2, caught);
  }
  const before = await checked('(call $deep) (loop (br 0))');
  assert.equal(before.places.length, 2);
});

test('instructions on whole ranges have a check before them', async () => {
  const range = '(memory.fill (i32.const 0) (i32.const 0) (i32.const 0))';
  assert.deepEqual((await checked(range)).places, [6]);
  assert.deepEqual((await checked('(memory.copy (i32.const 0) (i32.const 0) (i32.const 0))')).places, [6]);
  assert.deepEqual((await checked('(drop (memory.grow (i32.const 0)))')).places, []);
});

test('each instruction on a whole range is one, the others of its kind are none', async () => {
  const parts = `(type $a (array (mut i32))) (type $f (array (mut funcref))) (elem $e func $leaf) (data $d "x")`;
  const array = '(ref.null $a)';
  const zero = '(i32.const 0)';
  const instructions: readonly (readonly [string, boolean])[] = [
    [`(memory.init $d ${zero} ${zero} ${zero})`, true],
    [`(memory.copy ${zero} ${zero} ${zero})`, true],
    [`(memory.fill ${zero} ${zero} ${zero})`, true],
    [`(table.init $e ${zero} ${zero} ${zero})`, true],
    [`(table.copy ${zero} ${zero} ${zero})`, true],
    [`(drop (table.grow (ref.null func) ${zero}))`, true],
    [`(table.fill ${zero} (ref.null func) ${zero})`, true],
    [`(drop (array.new $a ${zero} ${zero}))`, true],
    [`(drop (array.new_default $a ${zero}))`, true],
    [`(drop (array.new_data $a $d ${zero} ${zero}))`, true],
    [`(drop (array.new_elem $f $e ${zero} ${zero}))`, true],
    [`(array.fill $a ${array} ${zero} ${zero} ${zero})`, true],
    [`(array.copy $a $a ${array} ${zero} ${array} ${zero} ${zero})`, true],
    [`(array.init_data $a $d ${array} ${zero} ${zero} ${zero})`, true],
    [`(array.init_elem $f $e (ref.null $f) ${zero} ${zero} ${zero})`, true],
    ['(data.drop $d)', false],
    ['(elem.drop $e)', false],
    ['(drop (table.size))', false],
    [`(drop (array.new_fixed $a 2 ${zero} ${zero}))`, false],
    [`(drop (array.len ${array}))`, false],
    [`(array.set $a ${array} ${zero} ${zero})`, false],
    [`(drop (i32.trunc_sat_f32_s (f32.const 0)))`, false],
  ];
  for (const [body, isRange] of instructions) {
    const { layout } = await infoOf(body, parts);
    assert.equal(layout.code.places.kinds.includes(PlaceKind.range), isRange, body);
  }
});

const COUNTING = '(br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))';

/** Times that the bytes of `piece` stand in `code`. */
function times(code: Buffer, piece: Buffer): number {
  let count = 0;
  for (let at = code.indexOf(piece); at >= 0; at = code.indexOf(piece, at + piece.length)) count++;
  return count;
}

test('a small loop that counts stands there eight times, with one check', async () => {
  const tee = Buffer.of(0x20, 0x00, 0x41, 0x01, 0x6b, 0x22, 0x00);
  for (const [body, copies] of [
    [`(loop ${COUNTING})`, 8],
    [`(loop (i64.store (i32.const 0) (local.get 1)) ${COUNTING})`, 8],
    [`(loop (drop (v128.const i64x2 1 2)) ${COUNTING})`, 8],
    [`(loop (block (nop)) ${COUNTING})`, 1],
    [`(loop (call $leaf) ${COUNTING})`, 1],
    [`(loop ${'(nop)'.repeat(113)} ${COUNTING})`, 8],
    [`(loop ${'(nop)'.repeat(140)} ${COUNTING})`, 1],
  ] as const) {
    const { code, places } = await checked(body);
    assert.equal(times(code, tee), copies, body.slice(0, 40));
    assert.equal(places.length, 1);
  }
});

test('what counts: up or down, tested as it is or against something', async () => {
  const unrolled = async (test: string): Promise<boolean> => {
    const { code, original } = await checked(`(loop (br_if 0 ${test}))`);
    return code.length > 3 * original.length;
  };
  for (const one of [
    '(local.tee 0 (i32.add (local.get 0) (i32.const 1)))',
    '(i32.ne (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100))',
    '(i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100000))',
    '(i64.ne (local.tee 1 (i64.sub (local.get 1) (i64.const 1))) (i64.const 0))',
    '(i32.eqz (local.tee 0 (i32.add (local.get 0) (i32.const 1))))',
  ]) {
    assert.equal(await unrolled(one), true, one);
  }
  for (const one of [
    '(local.get 0)',
    '(i32.load (i32.const 0))',
    '(local.tee 0 (i32.load (i32.const 0)))',
    '(local.tee 0 (i32.mul (local.get 0) (i32.const 3)))',
  ]) {
    assert.equal(await unrolled(one), false, one);
  }
});

test('a loop that counts and ends in two ways, or is not the innermost, is not unrolled', async () => {
  const tee = Buffer.of(0x20, 0x00, 0x41, 0x01, 0x6b, 0x22, 0x00);
  for (const body of [
    `(loop (br_if 0 (local.get 0)) ${COUNTING})`,
    `(loop (loop (nop)) ${COUNTING})`,
    `(block (loop (br_if 1 (local.get 0)) ${COUNTING}))`,
  ]) {
    assert.equal(times((await checked(body)).code, tee), 1, body);
  }
});

async function infoOf(body: string, more = ''): Promise<ReturnType<typeof readCoreModule>> {
  return readCoreModule(await parse(moduleOf(body, more)));
}

test('whom each function calls, and whether it calls out', async () => {
  const { layout } = await infoOf('(call $leaf) (call $deep) (call $leaf)', '(func (call $out)) (func (call $run))');
  const { code } = layout;
  assert.deepEqual([...code.callees], [0, 1, 0, 2]);
  assert.deepEqual([...code.calleeEnds], [0, 0, 3, 3, 4]);
  assert.deepEqual([...code.callsOut], [0, 1, 0, 1, 0]);
});

test('loops and their ways back are noted, with the function that was called before', async () => {
  const { layout } = await infoOf('(loop (call $deep) (br 0)) (loop (br_if 0 (local.get 0)))');
  const { places } = layout.code;
  assert.deepEqual([...places.kinds], [PlaceKind.loop, PlaceKind.br, PlaceKind.loop, PlaceKind.brIf]);
  assert.deepEqual([...places.callees], [0, 2, 0, 0]);
  assert.deepEqual([places.links[1], places.links[3]], [0, 2]);
  // A loop that calls has no end noted; one that does not, has.
  assert.equal(places.links[0], 0);
  assert.ok((places.links[2] as number) > (places.offsets[3] as number));
});

const struct = '(type $s (struct (field (mut i32)))) (type $a (array (mut i32))) (elem $e func $leaf) (data $d "x")';
const uses: readonly (readonly [instruction: string, body: string])[] = [
  ['table.set', '(table.set (i32.const 0) (ref.null func))'],
  ['table.grow', '(drop (table.grow (ref.null func) (i32.const 1)))'],
  ['table.fill', '(table.fill (i32.const 0) (ref.null func) (i32.const 1))'],
  ['table.copy', '(table.copy (i32.const 0) (i32.const 0) (i32.const 1))'],
  ['table.init', '(table.init $e (i32.const 0) (i32.const 0) (i32.const 1))'],
  ['elem.drop', '(elem.drop $e)'],
  ['data.drop', '(data.drop $d)'],
  ['struct.set', '(struct.set $s 0 (struct.new $s (i32.const 1)) (i32.const 2))'],
  ['array.set', '(array.set $a (array.new_default $a (i32.const 1)) (i32.const 0) (i32.const 2))'],
  ['array.fill', '(array.fill $a (ref.null $a) (i32.const 0) (i32.const 0) (i32.const 0))'],
  ['array.copy', '(array.copy $a $a (ref.null $a) (i32.const 0) (ref.null $a) (i32.const 0) (i32.const 0))'],
  ['array.init', '(array.init_data $a $d (ref.null $a) (i32.const 0) (i32.const 0) (i32.const 0))'],
  ['global.set of a reference', '(global.set $ref (ref.null func))'],
  ['global.set of a vector', '(global.set $vec (v128.const i64x2 0 0))'],
];
const globals =
  '(global $ref (mut funcref) (ref.null func)) (global $vec (mut v128) (v128.const i64x2 0 0)) (global $num (mut i64) (i64.const 0))';

test('each instruction whose effect cannot be put back is found, in its function, as often as it stands there', async () => {
  for (const [instruction, body] of uses) {
    const { usesStateThatCannotBeReset } = await infoOf(`${body} ${body}`, `${struct} ${globals}`);
    assert.deepEqual(usesStateThatCannotBeReset, [{ instruction, count: 2, functions: [3] }], instruction);
  }
  const elements = '(type $f (array (mut funcref)))';
  const init = '(array.init_elem $f $e (ref.null $f) (i32.const 0) (i32.const 0) (i32.const 0))';
  const { usesStateThatCannotBeReset } = await infoOf(init, `${elements} (elem $e func $leaf)`);
  assert.equal(usesStateThatCannotBeReset[0]?.instruction, 'array.init');
  const harmless = await infoOf('(global.set $num (i64.const 1)) (drop (memory.grow (i32.const 1)))', globals);
  assert.deepEqual(harmless.usesStateThatCannotBeReset, []);
  assert.deepEqual(harmless.memoryGrow, { instruction: 'memory.grow', count: 1, functions: [3] });
});

test('at most sixteen functions are listed for an instruction, and all uses counted', async () => {
  const grows = '(func (drop (memory.grow (i32.const 1))) (drop (memory.grow (i32.const 1))))'.repeat(20);
  const { memoryGrow } = await infoOf('', grows);
  assert.deepEqual(
    memoryGrow?.functions,
    Array.from({ length: 16 }, (_, index) => 4 + index),
  );
  assert.equal(memoryGrow?.count, 40);
});

test('instructions that name a data segment', async () => {
  const arrays = '(type $a (array (mut i32)))';
  const names: readonly (readonly [string, boolean])[] = [
    ['(memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))', true],
    ['(data.drop $d)', true],
    ['(drop (array.new_data $a $d (i32.const 0) (i32.const 0)))', true],
    ['(array.init_data $a $d (ref.null $a) (i32.const 0) (i32.const 0) (i32.const 0))', true],
    ['(memory.copy (i32.const 0) (i32.const 0) (i32.const 0))', false],
    ['(drop (array.new_default $a (i32.const 0)))', false],
    ['(elem.drop $e)', false],
  ];
  for (const [body, expected] of names) {
    const { layout } = await infoOf(body, `${arrays} (data $d "x") (elem $e func $leaf)`);
    assert.equal(layout.code.usesDataSegments, expected, body);
  }
});

test('waits on a shared memory are found, other atomics are not', async () => {
  const shared = (body: string): string => `(module (memory 1 1 shared) (func ${body}))`;
  for (const [body, expected] of [
    ['(drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))', true],
    ['(drop (memory.atomic.wait64 (i32.const 0) (i64.const 0) (i64.const 0)))', true],
    ['(drop (memory.atomic.notify (i32.const 0) (i32.const 0)))', false],
    ['(drop (i32.atomic.rmw.add (i32.const 0) (i32.const 0)))', false],
    // Their numbers are those of the waits, after another prefix.
    ['(drop (i32.trunc_sat_f32_u (f32.const 1)))', false],
    ['(drop (i32.trunc_sat_f64_s (f64.const 1)))', false],
  ] as const) {
    assert.equal(readCoreModule(await parse(shared(body))).atomicWait !== undefined, expected, body);
  }
});

test('code may name the memories that the module has, and no others', async () => {
  const named: readonly string[] = [
    '(drop (i32.load 1 (i32.const 0)))',
    '(i32.store8 1 (i32.const 0) (i32.const 0))',
    '(drop (memory.size 1))',
    '(drop (memory.grow 1 (i32.const 0)))',
    '(memory.fill 1 (i32.const 0) (i32.const 0) (i32.const 0))',
    '(memory.copy 1 0 (i32.const 0) (i32.const 0) (i32.const 0))',
    '(memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0))',
    '(memory.init 1 $d (i32.const 0) (i32.const 0) (i32.const 0))',
    '(drop (v128.load 1 (i32.const 0)))',
    '(drop (v128.load8_lane 1 0 (i32.const 0) (v128.const i64x2 0 0)))',
  ];
  for (const body of named) {
    const text = (memories: string): string => `(module ${memories} (data $d "x") (func ${body}))`;
    readCoreModule(await parse(text('(memory 1) (memory 1)')));
    const bytes = await parse(text('(memory 1)'));
    assert.throws(() => readCoreModule(bytes), { code: 'component-corrupt', message: /no memory 1/ }, body);
  }
  const none = await parse('(module (func (drop (i32.load (i32.const 0)))))');
  assert.throws(() => readCoreModule(none), { code: 'component-corrupt', message: /no memory 0/ });
});

test('of loops, those have their end noted that contain no loop and call nothing', async () => {
  const isNoted = async (inside: string): Promise<boolean> => {
    const { code } = readCoreModule(await parse(moduleOf(`(loop ${inside} (br_if 0 (local.get 0)))`))).layout;
    const { kinds, links } = code.places;
    const place = kinds.findIndex((kind) => (kind & PlaceKind.loop) !== 0);
    assert.ok(place >= 0, inside);
    return links[place] !== 0;
  };
  assert.equal(await isNoted('(nop)'), true);
  for (const inside of [
    '(call $leaf)',
    '(call $out)',
    '(call_indirect (i32.const 0))',
    '(loop (br_if 0 (local.get 0)))',
  ]) {
    assert.equal(await isNoted(inside), false, inside);
  }
});
