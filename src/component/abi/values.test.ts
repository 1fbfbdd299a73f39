// Every kind of value, in memory and as core values, against the specification written down a second time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abiFixture } from '../../../test/support/abi-context.ts';
import { alignOf, type CoreValue, coreTypesOf, ReferenceMemory, sizeOf } from '../../../test/support/abi-reference.ts';
import { type Random, seeded } from '../../../test/support/random.ts';
import { normalized, randomType, randomValue } from '../../../test/support/random-values.ts';
import { flatten, layoutOf } from '../types/layout.ts';
import type { Case, PrimitiveKind, ValType } from '../types/val-type.ts';
import { makeLiftFlat, Slots } from './lift-flat.ts';
import { loadOf } from './load.ts';
import { lowerFlatOf, makeLowerOne } from './lower-flat.ts';
import { storeOf } from './store.ts';
import { makeLiftValues, makeLowerValues, makeStoreResult, valuesLayout } from './values.ts';

const AT = 64;
const is = (kind: PrimitiveKind): ValType => ({ kind });

/** The value in memory, and out of it. */
function checkMemory(type: ValType, value: unknown): void {
  const { cx, bytes } = abiFixture();
  const reference = new ReferenceMemory(bytes.length, 1024);
  storeOf(type)(cx, value as never, AT);
  reference.store(type, value, AT);
  assert.equal(Buffer.compare(bytes, reference.bytes), 0, `${JSON.stringify(type)} ${show(value)}`);
  assert.deepEqual(comparable(type, loadOf(type)(cx, AT)), comparable(type, value), JSON.stringify(type));
}

/** The value as core values, and back, at positions that start with others. */
function checkFlat(type: ValType, value: unknown): void {
  const { cx, bytes } = abiFixture();
  const reference = new ReferenceMemory(bytes.length, 1024);
  const out: CoreValue[] = [7, 8n];
  lowerFlatOf(type)(cx, value as never, out);
  const expected = [7, 8n, ...reference.flat(type, value)];
  assert.deepEqual(out, expected, `${JSON.stringify(type)} ${show(value)}`);
  assert.equal(Buffer.compare(bytes, reference.bytes), 0, JSON.stringify(type));
  const lift = makeLiftFlat(type, new Slots(coreTypesOf(type), 2));
  assert.deepEqual(comparable(type, lift(cx, out)), comparable(type, value), JSON.stringify(type));
}

/** A list of fixed length is a typed array out of memory, and an array out of core values. */
function comparable(type: ValType, value: unknown): unknown {
  const isFixed = type.kind === 'list' && type.length !== undefined;
  return normalized(isFixed ? Array.from(value as ArrayLike<unknown>) : value);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one));
}

function check(type: ValType, value: unknown): void {
  const { size, align, flat } = layoutOf(type);
  assert.deepEqual([size, align, flat.slice(0, 17)], [sizeOf(type), alignOf(type), coreTypesOf(type).slice(0, 17)]);
  checkMemory(type, value);
  if (coreTypesOf(type).length <= 16) checkFlat(type, value);
}

const edges: Partial<Record<PrimitiveKind, readonly unknown[]>> = {
  bool: [true, false],
  s8: [0, 1, 127, -128, -1],
  u8: [0, 1, 127, 128, 255],
  s16: [0, 1, 32_767, -32_768, -1, 258],
  u16: [0, 1, 32_768, 65_535, 258],
  s32: [0, 1, 2 ** 31 - 1, -(2 ** 31), -1, 0x01020304],
  u32: [0, 1, 2 ** 31, 2 ** 32 - 1, 0x01020304],
  s64: [0n, 1n, 2n ** 63n - 1n, -(2n ** 63n), -1n, 0x0102030405060708n],
  u64: [0n, 1n, 2n ** 63n, 2n ** 64n - 1n, 0x0102030405060708n],
  f32: [0, -0, 1.5, -2.25, Infinity, -Infinity, Number.NaN, Math.fround(0.1)],
  f64: [0, -0, 1.5, -2.25, Infinity, -Infinity, Number.NaN, 0.1, Number.MIN_VALUE],
  char: ['\0', 'a', '\u007f', '\u0080', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'],
  string: ['', 'a', 'hé€😋', 'a'.repeat(300)],
};
const scalarKinds = Object.keys(edges) as PrimitiveKind[];

test('every scalar, at its edges', () => {
  for (const kind of scalarKinds) for (const value of edges[kind] ?? []) check(is(kind), value);
});

test('every scalar in a list, a list of fixed length, an option, a tuple, a record, a case', () => {
  const typed: Record<string, (values: never[]) => unknown> = {
    u8: (values) => Uint8Array.from(values),
    s8: (values) => Int8Array.from(values),
    u16: (values) => Uint16Array.from(values),
    s16: (values) => Int16Array.from(values),
    u32: (values) => Uint32Array.from(values),
    s32: (values) => Int32Array.from(values),
    u64: (values) => BigUint64Array.from(values),
    s64: (values) => BigInt64Array.from(values),
    f32: (values) => Float32Array.from(values),
    f64: (values) => Float64Array.from(values),
  };
  for (const kind of scalarKinds) {
    const type = is(kind);
    const values = [...(edges[kind] ?? [])];
    const list = typed[kind]?.(values as never[]) ?? values;
    check({ kind: 'list', element: type }, list);
    check({ kind: 'list', element: type, length: values.length }, list);
    for (const value of values) {
      check({ kind: 'option', type }, value);
      check({ kind: 'tuple', types: [is('u8'), type, is('u8')] }, [1, value, 2]);
      check(
        {
          kind: 'record',
          fields: [
            { name: 'a-b', type: is('u16') },
            { name: 'c', type },
          ],
        },
        { aB: 258, c: value },
      );
      check({ kind: 'result', ok: type, err: is('s16') }, { tag: 'ok', val: value });
      check({ kind: 'result', ok: is('f64'), err: type }, { tag: 'err', val: value });
    }
  }
});

test('joined cases: every scalar beside every other', () => {
  for (const one of scalarKinds) {
    for (const other of scalarKinds) {
      const cases: Case[] = [
        { name: 'one', type: is(one) },
        { name: 'none', type: undefined },
        { name: 'other', type: { kind: 'tuple', types: [is(other), is(one)] } },
      ];
      const type: ValType = { kind: 'variant', cases };
      const [a, b] = [edges[one]?.at(-1), edges[other]?.at(-1)];
      check(type, { tag: 'one', val: a });
      check(type, { tag: 'none' });
      check(type, { tag: 'other', val: [b, a] });
    }
  }
});

test('flags and enums at the numbers where their size changes', () => {
  for (const count of [1, 7, 8, 9, 16, 17, 31, 32]) {
    const names = Array.from({ length: count }, (_, index) => `f-${index}`);
    const flags = (on: (index: number) => boolean): Record<string, boolean> =>
      Object.fromEntries(names.map((_, index) => [`f${index}`, on(index)]));
    for (const on of [
      () => true,
      () => false,
      (index: number) => index === count - 1,
      (index: number) => index === 0,
    ]) {
      check({ kind: 'flags', names }, flags(on));
    }
  }
  for (const count of [1, 2, 255, 256, 257, 65_536, 65_537]) {
    const names = Array.from({ length: count }, (_, index) => `n-${index}`);
    check({ kind: 'enum', names }, names.at(-1));
    check({ kind: 'enum', names }, names[0]);
    if (count < 300) check({ kind: 'tuple', types: [{ kind: 'enum', names }, is('u64')] }, [names.at(-1), 1n]);
  }
});

test('options in options keep their levels apart', () => {
  const type: ValType = { kind: 'option', type: { kind: 'option', type: is('u8') } };
  for (const value of [{ tag: 'none' }, { tag: 'some', val: undefined }, { tag: 'some', val: 3 }]) check(type, value);
  const { cx } = abiFixture();
  const store = storeOf({ kind: 'option', type: is('u8') });
  store(cx, null as never, AT);
  assert.equal(loadOf({ kind: 'option', type: is('u8') })(cx, AT), undefined);
});

test('random values of random types', () => {
  for (let seed = 0; seed < 400; seed++) {
    const random: Random = seeded(seed);
    const type = randomType(random, 3);
    if (coreTypesOf(type).length > 16 || sizeOf(type) > 512) continue;
    check(type, randomValue(random, type));
  }
});

test('numbers that do not fit are cut to their type, in memory and as core values', () => {
  const { cx } = abiFixture();
  const wrapped: readonly (readonly [PrimitiveKind, unknown, unknown, CoreValue])[] = [
    ['u8', 0x1ff, 0xff, 0xff],
    ['s8', 0x180, -128, -128],
    ['u16', 0x1_ffff, 0xffff, 0xffff],
    ['s16', 0x1_8000, -32_768, -32_768],
    ['u32', 2 ** 32 + 5, 5, 5],
    ['u32', 2 ** 31, 2 ** 31, -(2 ** 31)],
    ['s32', 2 ** 31, -(2 ** 31), -(2 ** 31)],
    ['u64', 2n ** 64n + 5n, 5n, 5n],
    ['u64', 2n ** 63n, 2n ** 63n, -(2n ** 63n)],
    ['s64', 2n ** 63n, -(2n ** 63n), -(2n ** 63n)],
  ];
  for (const [kind, value, loaded, core] of wrapped) {
    storeOf(is(kind))(cx, value as never, AT);
    assert.equal(loadOf(is(kind))(cx, AT), loaded, kind);
    const out: CoreValue[] = [];
    lowerFlatOf(is(kind))(cx, value as never, out);
    assert.deepEqual(out, [core], kind);
    assert.equal(makeLowerOne(is(kind))(cx, value as never), core, kind);
    assert.equal(makeLiftFlat(is(kind), new Slots(coreTypesOf(is(kind)), 0))(cx, [core]), loaded, kind);
  }
});

test('core values that are too wide are cut when they are lifted', () => {
  const { cx } = abiFixture();
  const lifted: readonly (readonly [PrimitiveKind, CoreValue, unknown])[] = [
    ['bool', 0, false],
    ['bool', 2, true],
    ['bool', -256, true],
    ['u8', -1, 255],
    ['u8', 0x1234, 0x34],
    ['s8', 0x1280, -128],
    ['u16', -1, 65_535],
    ['u16', 0x12345, 0x2345],
    ['s16', 0x18000, -32_768],
    ['u32', -1, 2 ** 32 - 1],
    ['s32', -1, -1],
    ['u64', -1n, 2n ** 64n - 1n],
    ['s64', -1n, -1n],
  ];
  for (const [kind, core, value] of lifted) {
    assert.equal(makeLiftFlat(is(kind), new Slots(coreTypesOf(is(kind)), 0))(cx, [core]), value, `${kind} ${core}`);
  }
});

test('one core value for every type that has one', () => {
  const { cx, bytes } = abiFixture();
  const reference = new ReferenceMemory(bytes.length, 1024);
  for (const kind of scalarKinds) {
    if (kind === 'string') continue;
    for (const value of edges[kind] ?? []) {
      assert.deepEqual([makeLowerOne(is(kind))(cx, value as never)], reference.flat(is(kind), value), kind);
    }
  }
  assert.equal(makeLowerOne({ kind: 'enum', names: ['a', 'b'] })(cx, 'b' as never), 1);
  assert.equal(makeLowerOne({ kind: 'flags', names: ['a', 'b'] })(cx, { b: true } as never), 2);
});

test('a NaN is the canonical one, whatever the guest made of its bits', () => {
  const { cx, memory } = abiFixture();
  const data = new DataView(memory.buffer as ArrayBuffer);
  data.setUint32(AT, 0xffc12345, true);
  data.setBigUint64(AT + 8, 0xfff8123456789abcn, true);
  const bits = (value: unknown): bigint => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value as number);
    return view.getBigUint64(0);
  };
  const canonical = 0x7ff8000000000000n;
  assert.equal(bits(loadOf(is('f32'))(cx, AT)), canonical);
  assert.equal(bits(loadOf(is('f64'))(cx, AT + 8)), canonical);
  const [f32, f64] = [data.getFloat32(AT, true), data.getFloat64(AT + 8, true)];
  assert.equal(bits(makeLiftFlat(is('f32'), new Slots(['f32'], 0))(cx, [f32])), canonical);
  assert.equal(bits(makeLiftFlat(is('f64'), new Slots(['f64'], 0))(cx, [f64])), canonical);
});

test('what is no value of its type is refused', () => {
  const { cx } = abiFixture();
  const wrong: readonly (readonly [ValType, unknown, RegExp])[] = [
    [is('char'), '', /"" is not a char/],
    [is('char'), '\ud800', /is not a char/],
    [is('char'), '\udfff', /is not a char/],
    [{ kind: 'enum', names: ['a', 'b'] }, 'c', /"c" is none of the cases a, b/],
    [{ kind: 'result', ok: undefined, err: undefined }, { tag: 'maybe' }, /"maybe" is none of the cases ok, err/],
    [{ kind: 'variant', cases: [{ name: 'a', type: undefined }] }, { tag: 'b' }, /"b" is none of the cases a/],
    [{ kind: 'list', element: is('u8'), length: 2 }, [1], /List has 1 elements, not 2/],
    [{ kind: 'list', element: is('u8'), length: 2 }, [1, 2, 3], /List has 3 elements, not 2/],
  ];
  for (const [type, value, message] of wrong) {
    assert.throws(() => storeOf(type)(cx, value as never, AT), { name: 'TypeError', message });
    assert.throws(() => lowerFlatOf(type)(cx, value as never, []), { name: 'TypeError', message });
  }
});

test('parameters beyond sixteen core values go to memory, and one pointer in their place', () => {
  for (const count of [1, 15, 16, 17, 20]) {
    const types = Array.from({ length: count }, (_, index) => is(index % 2 ? 'u32' : 'u8'));
    const values = types.map((_, index) => index + 1);
    const { cx, bytes, allocations } = abiFixture();
    const { flat, spilled } = valuesLayout(types, 16);
    assert.equal(spilled, count > 16);
    const out: CoreValue[] = [];
    makeLowerValues(types, 16)(cx, values, out);
    if (spilled) {
      const tuple: ValType = { kind: 'tuple', types };
      assert.deepEqual(flat, ['i32']);
      assert.deepEqual(allocations, [{ old: 0, oldSize: 0, align: 4, size: sizeOf(tuple), pointer: 1024 }]);
      assert.deepEqual(out, [1024]);
      const reference = new ReferenceMemory(bytes.length, 1024);
      reference.store(tuple, values, reference.allocate(4, sizeOf(tuple)));
      assert.equal(Buffer.compare(bytes, reference.bytes), 0);
    } else {
      assert.deepEqual(out, values);
      assert.equal(allocations.length, 0);
    }
    assert.deepEqual(makeLiftValues(types, 16, 1)(cx, [99, ...out]), values);
  }
  assert.equal(flatten([{ kind: 'list', element: is('u64'), length: 100 }]).length > 16, true);
});

test('a spilled result is stored where the caller wants it', () => {
  const type: ValType = { kind: 'tuple', types: [is('u8'), is('u32')] };
  const { cx, bytes } = abiFixture();
  makeStoreResult(type)(cx, [1, 2], AT);
  const reference = new ReferenceMemory(bytes.length, 1024);
  reference.store(type, [1, 2], AT);
  assert.equal(Buffer.compare(bytes, reference.bytes), 0);
});

test('a typed array of another width is stored element by element, and no further', () => {
  for (const [kind, list] of [
    ['u8', Uint16Array.of(7)],
    ['u8', Uint32Array.of(7)],
    ['u16', Uint32Array.of(7)],
    ['u16', Uint8Array.of(7, 8)],
    ['u32', Uint8Array.of(7, 8, 9, 10)],
    ['u32', BigUint64Array.of()],
  ] as const) {
    const { cx, bytes } = abiFixture();
    bytes.fill(0xff);
    const { size } = layoutOf(is(kind));
    storeOf({ kind: 'list', element: is(kind), length: list.length })(cx, list as never, AT);
    const expected = bytes.slice().fill(0xff);
    for (const [index, value] of list.entries()) {
      expected.fill(0, AT + index * size, AT + (index + 1) * size);
      expected[AT + index * size] = Number(value);
    }
    assert.equal(Buffer.compare(bytes, expected), 0, `${kind} of ${list.constructor.name}`);
  }
});
