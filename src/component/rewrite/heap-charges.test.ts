// Objects and exceptions are paid for before they are made, at no less than what the engine takes for them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from '@bytecodealliance/jco';
import { randomCode } from '../../../test/hostile/random-code.ts';
import { seeded } from '../../../test/support/random.ts';
import type { MayflyError } from '../../errors.ts';
import { readCoreModule } from './read-core-module.ts';
import { rewriteCoreModule } from './rewrite-core-module.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const HEAP = 'heap';
const types = `(type $pair (struct (field (mut i32)) (field (mut i64))))
  (type $bytes (array (mut i8))) (type $words (array (mut i64))) (type $vectors (array (mut v128)))
  (type $node (sub (struct (field (ref null $node)) (field i64))))
  (type $any (array (mut anyref)))`;

interface Guest {
  readonly run: (argument: number) => unknown;
  readonly heap: WebAssembly.Global<number>;
}

async function guest(text: string, bytes: number): Promise<Guest> {
  const module = await parse(`(module ${types} ${text})`);
  const rewritten = rewriteCoreModule(module, readCoreModule(module), { heap: { exportName: HEAP, bytes } });
  return new WebAssembly.Instance(new WebAssembly.Module(rewritten)).exports as unknown as Guest;
}

const run = (body: string): string => `(func (export "run") (param i32) (result i32) ${body})`;

/** Instructions that make something of `$0` elements or at all, and leave nothing on the stack. */
const makers: Readonly<Record<string, { readonly text: string; readonly bytes: number; readonly needs?: string }>> = {
  'struct.new': { text: '(drop (struct.new $pair (i32.const 1) (i64.const 2)))', bytes: 16 },
  'struct.new_default': { text: '(drop (struct.new_default $pair))', bytes: 16 },
  'array.new': { text: '(drop (array.new $words (i64.const 1) (local.get 0)))', bytes: 8000 },
  'array.new_default': { text: '(drop (array.new_default $vectors (local.get 0)))', bytes: 16_000 },
  'array.new_fixed': { text: '(drop (array.new_fixed $words 3 (i64.const 1) (i64.const 2) (i64.const 3)))', bytes: 24 },
  'array.new_data': {
    text: '(drop (array.new_data $bytes $data (i32.const 0) (local.get 0)))',
    bytes: 1000,
    needs: `(data $data "${'x'.repeat(1000)}")`,
  },
  'array.new_elem': {
    text: '(drop (array.new_elem $any $elem (i32.const 0) (i32.const 2)))',
    bytes: 16,
    needs: '(elem $elem anyref (ref.null none) (ref.null none))',
  },
  throw: {
    text: '(block $h (try_table (catch_all $h) (throw $t (i64.const 1) (i32.const 1))))',
    bytes: 48,
    needs: '(tag $t (param i64 i32))',
  },
  'throw of the older instructions': {
    text: 'try (throw $t (i32.const 1)) catch_all end',
    bytes: 16,
    needs: '(tag $t (param i32))',
  },
};

for (const [name, { text, bytes, needs = '' }] of Object.entries(makers)) {
  test(`${name} is paid for, and stops a module that has nothing left`, async () => {
    const rich = await guest(`${needs} ${run(`${text} (local.get 0)`)}`, 1_000_000);
    assert.equal(rich.run(1000), 1000);
    const paid = 1_000_000 - rich.heap.value;
    assert.ok(paid >= bytes && paid <= bytes + 400, `${paid} for ${bytes}`);
    rich.heap.value = paid;
    rich.run(1000);
    assert.equal(rich.heap.value, 0);
    assert.throws(() => rich.run(1000), WebAssembly.RuntimeError);
    assert.equal(rich.heap.value, -1);
  });
}

test('lengths that are out of reach stop the module, too', async () => {
  const { run: make, heap } = await guest(
    run('(drop (array.new_default $vectors (local.get 0))) (i32.const 0)'),
    100_000,
  );
  for (const length of [10_000, 0x7fff_ffff, -1]) {
    assert.throws(() => make(length), WebAssembly.RuntimeError);
    assert.equal(heap.value, -1);
    heap.value = 100_000;
  }
});

test('what is not made is not paid for: references to numbers, copies, casts', async () => {
  const text = `(global $a (ref $words) (array.new_default $words (i32.const 8)))
    ${run(`(drop (ref.i31 (local.get 0))) (drop (extern.convert_any (ref.i31 (local.get 0))))
      (array.copy $words $words (global.get $a) (i32.const 0) (global.get $a) (i32.const 4) (i32.const 4))
      (array.fill $words (global.get $a) (i32.const 0) (i64.const 1) (i32.const 4))
      (drop (ref.cast (ref any) (global.get $a))) (i32.const 1)`)}`;
  const { run: copy, heap } = await guest(text, 1000);
  const before = heap.value;
  assert.equal(copy(1), 1);
  assert.equal(heap.value, before);
});

test('constants are paid for when the module is instantiated, wherever they stand', async () => {
  const places: Readonly<Record<string, string>> = {
    global: '(global (ref $words) (array.new_default $words (i32.const 100)))',
    'array.new': '(global (ref $words) (array.new $words (i64.const 1) (i32.const 100)))',
    'array.new_fixed': `(global (ref $words) (array.new_fixed $words 100 ${'(i64.const 1)'.repeat(100)}))`,
    table: '(table 1 (ref $words) (array.new_default $words (i32.const 100)))',
    'active segment':
      '(table 1 anyref) (elem (table 0) (i32.const 0) anyref (item (array.new_default $words (i32.const 100))))',
    'passive segment': '(elem anyref (item (array.new_default $words (i32.const 100))))',
    'declarative segment': '(elem declare anyref (item (array.new_default $words (i32.const 100))))',
  };
  for (const [what, text] of Object.entries(places)) {
    const { heap } = await guest(text, 2000);
    assert.ok(heap.value <= 1200 && heap.value >= 1100, `${what}: ${heap.value} left`);
    await assert.rejects(guest(text, 700), (error: MayflyError) => error.code === 'component-over-limit', what);
  }
  const functions =
    '(func $f) (table 1 funcref) (elem (i32.const 0) $f) (elem func $f) (elem funcref (item (ref.func $f)))';
  assert.equal(
    (await guest(`${functions} ${run('(drop (struct.new_default $pair)) (i32.const 0)')}`, 2000)).heap.value,
    2000,
  );
});

test('an array of a computed length among the constants is refused', async () => {
  for (const length of ['(global.get $n)', '(i32.add (i32.const 50) (i32.const 50))']) {
    const text = `(import "a" "n" (global $n i32)) (global (ref $words) (array.new_default $words ${length}))`;
    await assert.rejects(guest(text, 10_000), { code: 'component-unsupported' });
  }
});

test('a module that makes nothing stays as it is', async () => {
  const module = await parse(`(module ${types} (func (export "run") (result i32) (i32.const 1)))`);
  const info = readCoreModule(module);
  assert.equal(info.allocates, false);
  assert.deepEqual(rewriteCoreModule(module, info, { heap: { exportName: HEAP, bytes: 1 } }), module);
});

test('the export cannot be taken by the module itself', async () => {
  const text = `(global (export "${HEAP}") i32 (i32.const 1)) ${run('(drop (struct.new_default $pair)) (i32.const 0)')}`;
  await assert.rejects(guest(text, 1000), { code: 'component-unsupported' });
});

/** Bytes of the heap for each call that keeps what it makes. */
async function takenBy(maker: string, needs: string): Promise<{ readonly taken: number; readonly paid: number }> {
  const COUNT = 20_000;
  const { run: keep, heap } = await guest(`${needs} ${run(`${maker} (i32.const 0)`)}`, 2 ** 30);
  for (let at = 0; at < 100; at++) keep(at);
  collect();
  const [before, paidBefore] = [process.memoryUsage().heapUsed, heap.value];
  for (let at = 0; at < COUNT; at++) keep(at);
  collect();
  return { taken: (process.memoryUsage().heapUsed - before) / COUNT, paid: (paidBefore - heap.value) / COUNT };
}

test('the engine takes no more than what was paid', async () => {
  const keep = '(table $kept 20000 anyref)';
  const kept = (what: string): string => `(table.set $kept (local.get 0) ${what})`;
  const exceptions = '(table $kept 20000 exnref)';
  const caught = (thrown: string): string =>
    `(table.set $kept (local.get 0) (block $h (result exnref) (try_table (catch_all_ref $h) ${thrown}) (unreachable)))`;
  const cases: readonly (readonly [string, string])[] = [
    [kept('(struct.new_default $pair)'), keep],
    [kept('(array.new_default $bytes (i32.const 0))'), keep],
    [kept('(array.new_default $bytes (i32.const 1))'), keep],
    [kept('(array.new_default $words (i32.const 20))'), keep],
    [kept('(array.new_default $vectors (i32.const 7))'), keep],
    [caught('(throw $t)'), `${exceptions} (tag $t)`],
    [caught(`(throw $t ${'(i32.const 7)'.repeat(40)})`), `${exceptions} (tag $t (param ${'i32 '.repeat(40)}))`],
    [caught(`(throw $t ${'(f64.const 7)'.repeat(40)})`), `${exceptions} (tag $t (param ${'f64 '.repeat(40)}))`],
    [
      caught(`(throw $t ${'(v128.const i64x2 1 2)'.repeat(40)})`),
      `${exceptions} (tag $t (param ${'v128 '.repeat(40)}))`,
    ],
    [caught('(throw $t (struct.new_default $pair))'), `${exceptions} (tag $t (param (ref $pair)))`],
  ];
  for (const [maker, needs] of cases) {
    let { taken, paid } = await takenBy(maker, needs);
    // What else the process does meanwhile adds to what is seen, now and then; a charge that is too low does so each time.
    for (let again = 0; again < 4 && taken > paid; again++) ({ taken, paid } = await takenBy(maker, needs));
    assert.ok(taken <= paid, `${taken} taken, ${paid} paid: ${maker.slice(0, 120)}`);
  }
});

test('random modules stay valid, whatever they are made of', () => {
  let allocating = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const { bytes, exceptions } = randomCode(seeded(seed));
    if (exceptions === 'mixed') continue;
    const info = readCoreModule(bytes);
    const interrupt = { module: 'watch', name: 'flag' };
    for (const more of [{}, { importMemories: 'own', exportInternals: 'x:', interrupt }, { image: true }]) {
      const rewritten = rewriteCoreModule(bytes, info, { heap: { exportName: HEAP, bytes: 10_000 }, ...more });
      new WebAssembly.Module(rewritten); // throws with the reason
    }
    allocating += Number(info.allocates);
  }
  assert.ok(allocating > 20);
});

test('code that makes nothing stays as it is where nothing else is checked', async () => {
  const text = `(module ${types} (memory 1)
    (func (drop (struct.new_default $pair)))
    (func (local i32)
      (loop (br_if 0 (local.get 0)) (nop) (nop) (br_if 0 (local.get 0)) (br 0))
      (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))`;
  const module = await parse(text);
  const info = readCoreModule(module);
  const { code, sections } = info.layout;
  const body = module.subarray(code.instructions[1], sections.find(({ id }) => id === 10)?.end);
  const rewritten = rewriteCoreModule(module, info, { heap: { exportName: HEAP, bytes: 1000 } });
  assert.ok(WebAssembly.validate(rewritten));
  assert.ok(Buffer.from(rewritten).includes(body));
});

test('a module whose code makes nothing gets the counter, and neither a function nor a type', async () => {
  const module = await parse('(module (type $pair (struct)) (global (ref $pair) (struct.new_default $pair)) (func))');
  const info = readCoreModule(module);
  const rewritten = readCoreModule(rewriteCoreModule(module, info, { heap: { exportName: HEAP, bytes: 1000 } }));
  const counts = ({ types: all, funcTypes, globals }: typeof info) => [all.length, funcTypes.length, globals.length];
  const [typeCount = 0, funcCount = 0, globalCount = 0] = counts(info);
  assert.deepEqual(counts(rewritten), [typeCount, funcCount, globalCount + 1]);
});
