// Sizes, alignments and flat types are those of the specification.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldOffsets, flatten, layoutOf } from './layout.ts';
import type { PrimitiveKind, ValType } from './val-type.ts';

const is = (kind: PrimitiveKind): ValType => ({ kind });

test('sizes and alignments of scalars', () => {
  const sizes = { bool: 1, u8: 1, s16: 2, u32: 4, s64: 8, f32: 4, f64: 8, char: 4 } as const;
  for (const [kind, size] of Object.entries(sizes)) {
    const layout = layoutOf(is(kind as PrimitiveKind));
    assert.deepEqual([layout.size, layout.align], [size, size], kind);
  }
});

test('records align each field and end at a multiple of their alignment', () => {
  const types = [is('u8'), is('u64'), is('u16')];
  assert.deepEqual(fieldOffsets(types), [0, 8, 16]);
  assert.deepEqual([layoutOf({ kind: 'tuple', types }).size, layoutOf({ kind: 'tuple', types }).align], [24, 8]);
});

test('variants: discriminants of 1, 2 and 4 bytes, payload behind', () => {
  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${index}`);
  assert.equal(layoutOf({ kind: 'enum', names: names(256) }).size, 1);
  assert.equal(layoutOf({ kind: 'enum', names: names(257) }).size, 2);
  assert.equal(layoutOf({ kind: 'enum', names: names(65_537) }).size, 4);
  assert.deepEqual(layoutOf({ kind: 'option', type: is('u64') }), {
    size: 16,
    align: 8,
    flat: ['i32', 'i64'],
    borrows: false,
  });
});

test('joined cases widen: i32 with f32 to i32, anything else to i64', () => {
  const variant = (...types: ValType[]): ValType => ({
    kind: 'variant',
    cases: types.map((type, index) => ({ name: `c${index}`, type })),
  });
  assert.deepEqual(flatten([variant(is('u32'), is('f32'))]), ['i32', 'i32']);
  assert.deepEqual(flatten([variant(is('u32'), is('f64'))]), ['i32', 'i64']);
  assert.deepEqual(flatten([variant(is('f32'), is('f64'))]), ['i32', 'i64']);
  assert.deepEqual(flatten([variant(is('f32'), is('f32'))]), ['i32', 'f32']);
  assert.deepEqual(flatten([variant(is('string'), is('u64'))]), ['i32', 'i64', 'i32']);
});

test('flags take 1, 2 or 4 bytes', () => {
  const flags = (count: number): ValType => ({
    kind: 'flags',
    names: Array.from({ length: count }, (_, index) => `f${index}`),
  });
  assert.deepEqual(
    [8, 9, 16, 17, 32].map((count) => layoutOf(flags(count)).size),
    [1, 2, 2, 4, 4],
  );
});

test('borrows are found anywhere inside', () => {
  const borrow: ValType = { kind: 'borrow', resource: { name: 'r' } };
  assert.equal(layoutOf({ kind: 'list', element: { kind: 'option', type: borrow } }).borrows, true);
  assert.equal(layoutOf({ kind: 'own', resource: { name: 'r' } }).borrows, false);
  const inside: ValType[] = [
    { kind: 'tuple', types: [borrow, is('u8')] },
    {
      kind: 'record',
      fields: [
        { name: 'a', type: is('u8') },
        { name: 'b', type: borrow },
      ],
    },
    {
      kind: 'variant',
      cases: [
        { name: 'a', type: borrow },
        { name: 'b', type: is('u8') },
      ],
    },
    { kind: 'result', ok: undefined, err: borrow },
    { kind: 'list', element: borrow, length: 2 },
  ];
  for (const type of inside) assert.equal(layoutOf(type).borrows, true, JSON.stringify(type));
});

test('huge fixed-length lists cost nothing', () => {
  const length = 2 ** 28 - 1;
  const list: ValType = { kind: 'list', element: is('u8'), length };
  assert.equal(layoutOf(list).size, length);
  assert.ok(flatten([list, list]).length > 16);
});
