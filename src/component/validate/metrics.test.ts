// Sizes, alignments and core types as the validator computes them, against the specification written down a second time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignOf, coreTypesOf, sizeOf } from '../../../test/support/abi-reference.ts';
import { seeded } from '../../../test/support/random.ts';
import { randomType } from '../../../test/support/random-values.ts';
import type { ValType } from '../types/val-type.ts';
import { flatten, MAX_FLAT } from './metrics.ts';
import { newRef, type Shape, type Val } from './model.ts';
import { makeVal, primitive } from './val-types.ts';

const resource = newRef({ rep: 'i32' });

function valOf(type: ValType): Val {
  const optional = (one: ValType | undefined): Val | undefined => one && valOf(one);
  const made = (shape: Shape): Val => makeVal(shape);
  switch (type.kind) {
    case 'record':
      return made({ kind: 'record', fields: type.fields.map(({ name, type: one }) => ({ name, type: valOf(one) })) });
    case 'variant':
      return made({ kind: 'variant', cases: type.cases.map(({ name, type: one }) => ({ name, type: optional(one) })) });
    case 'tuple':
      return made({ kind: 'tuple', types: type.types.map(valOf) });
    case 'list':
      return made({ kind: 'list', element: valOf(type.element), length: type.length });
    case 'option':
      return made({ kind: 'option', type: valOf(type.type) });
    case 'result':
      return made({ kind: 'result', ok: optional(type.ok), err: optional(type.err) });
    case 'flags':
    case 'enum':
      return made({ kind: type.kind, names: type.names });
    case 'own':
    case 'borrow':
      return made({ kind: type.kind, resource });
    case 'stream':
    case 'future':
      return made({ kind: type.kind, element: optional(type.element) });
    default:
      return primitive(type.kind);
  }
}

const is = (kind: 'u8' | 'u16' | 'u32' | 'u64' | 'f32' | 'f64' | 'string' | 'char' | 'bool'): ValType => ({ kind });

function check(type: ValType): void {
  const { size, align, flat } = valOf(type).metrics;
  assert.deepEqual([size, align], [sizeOf(type, 8), alignOf(type, 8)], JSON.stringify(type));
  assert.deepEqual(flat.i32, coreTypesOf(type).slice(0, MAX_FLAT + 1), JSON.stringify(type));
}

test('every kind of type, alone and beside others', () => {
  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);
  const types: ValType[] = [
    ...(['u8', 'u16', 'u32', 'u64', 'f32', 'f64', 'string', 'char', 'bool'] as const).map(is),
    ...[1, 8, 9, 16, 17, 32].map((count): ValType => ({ kind: 'flags', names: names(count) })),
    ...[1, 256, 257, 65_536, 65_537].map((count): ValType => ({ kind: 'enum', names: names(count) })),
    { kind: 'list', element: is('u16') },
    ...[1, 3, 16, 17, 18].map((length): ValType => ({ kind: 'list', element: is('u16'), length })),
    { kind: 'list', element: { kind: 'tuple', types: [is('u64'), is('u8')] }, length: 3 },
    { kind: 'option', type: is('u64') },
    { kind: 'result', ok: is('u8'), err: is('f64') },
    { kind: 'result', ok: undefined, err: undefined },
  ];
  for (const type of types) {
    check(type);
    check({ kind: 'tuple', types: [is('u8'), type, is('u8')] });
    check({ kind: 'option', type });
    for (const other of [is('u32'), is('u64'), is('f32'), is('f64')]) {
      check({ kind: 'result', ok: type, err: other });
      check({
        kind: 'result',
        ok: { kind: 'tuple', types: [other, type] },
        err: { kind: 'tuple', types: [type, other] },
      });
    }
  }
  for (const kind of ['own', 'borrow'] as const)
    assert.deepEqual(valOf({ kind, resource: { name: 'r' } }).metrics.size, 4);
});

test('random types', () => {
  for (let seed = 0; seed < 500; seed++) check(randomType(seeded(seed), 3));
});

test('with addresses of 64 bits, those and lengths are as wide', () => {
  const { flat } = valOf({ kind: 'tuple', types: [is('string'), is('u32')] }).metrics;
  assert.deepEqual(flat.i64, ['i64', 'i64', 'i32']);
  assert.deepEqual(valOf({ kind: 'result', ok: is('string'), err: is('u8') }).metrics.flat.i64, ['i32', 'i64', 'i64']);
});

test('what stands anywhere inside is known: lists, handles, borrows', () => {
  const facts = (type: ValType): boolean[] => {
    const { hasList, hasHandle, hasBorrow } = valOf(type).metrics;
    return [hasList, hasHandle, hasBorrow];
  };
  const own: ValType = { kind: 'own', resource: { name: 'r' } };
  const borrow: ValType = { kind: 'borrow', resource: { name: 'r' } };
  const inside = (type: ValType): ValType[] => [
    { kind: 'tuple', types: [is('u8'), type] },
    { kind: 'option', type },
    { kind: 'result', ok: undefined, err: type },
    {
      kind: 'variant',
      cases: [
        { name: 'a', type: undefined },
        { name: 'b', type },
      ],
    },
    { kind: 'list', element: type, length: 2 },
  ];
  assert.deepEqual(facts(is('u8')), [false, false, false]);
  for (const type of [is('u8'), ...inside(is('u8'))]) assert.deepEqual(facts(type), [false, false, false]);
  for (const type of inside(is('string'))) assert.deepEqual(facts(type), [true, false, false]);
  for (const type of inside(own)) assert.deepEqual(facts(type), [false, true, false]);
  for (const type of inside(borrow)) assert.deepEqual(facts(type), [false, true, true]);
  assert.deepEqual(facts({ kind: 'list', element: borrow }), [true, true, true]);
  // What goes through a stream is not lowered with it.
  assert.deepEqual(facts({ kind: 'stream', element: is('string') }), [false, false, false]);
  assert.deepEqual(facts({ kind: 'future', element: own }), [false, true, false]);
});

test('core types of many values are cut off one after the limit', () => {
  const many = Array.from({ length: 40 }, () => primitive('u64'));
  assert.equal(flatten(many, 'i32').length, MAX_FLAT + 1);
  assert.equal(flatten(many.slice(0, 16), 'i32').length, 16);
  assert.equal(valOf({ kind: 'list', element: is('u64'), length: 1000 }).metrics.flat.i32.length, MAX_FLAT + 1);
});

test('a type may consist of a hundred thousand parts, and of not one more', () => {
  const list = (element: Val): Val => makeVal({ kind: 'list', element, length: undefined });
  const byte = makeVal({ kind: 'primitive', primitive: 'u8' });
  const tuple = (count: number): Val => makeVal({ kind: 'tuple', types: Array.from({ length: count }, () => byte) });
  const { parts } = list(tuple(99_998)).metrics;
  assert.equal(parts, 100_000);
  assert.throws(() => list(tuple(99_999)), /more than 100000 parts/);
});
