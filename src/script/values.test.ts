// Values that are handed to programs and back come out as they went in, and what cannot go is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeValue, encodeValue } from './values.ts';

const there = (value: unknown): unknown => decodeValue(encodeValue(value));

for (const value of [
  null,
  undefined,
  true,
  0,
  -0,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  2n ** 70n,
  -1n,
  '',
  'ä\u{1f600}\ud800',
  [],
  ['$', 'undefined'],
  ['$'],
  [[1, [undefined]]],
  {},
  { a: { b: [1n] }, $: 1 },
  new Date(1.7e12),
  new Date(Number.NaN),
  new Map<unknown, unknown>([
    [1, 'one'],
    [{ key: 1 }, new Set([1, '1'])],
  ]),
  new Uint8Array([0, 255]),
  new Float64Array([1.5, -0]),
  new BigInt64Array([-1n]),
  new Uint8Array([1, 2, 3]).buffer,
]) {
  test(`comes back: ${String(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : one))).slice(0, 60)}`, () => {
    assert.deepEqual(there(value), value);
  });
}

test('a view takes only its own bytes along', () => {
  const view = new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2);
  assert.deepEqual(there(view), new Uint16Array([2, 3]));
});

test('an error keeps its name and message', () => {
  const error = there(new RangeError('too far')) as Error;
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.message], ['RangeError', 'too far']);
});

test('what comes back may be changed like any object', () => {
  const value = there({ a: 1 }) as Record<string, unknown>;
  value.a = 2;
  delete value.b;
  assert.deepEqual(Object.entries(value), [['a', 2]]);
  assert.ok(delete value.a);
});

test('values are nested 200 deep at most', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  assert.deepEqual(there(nested(200)), nested(200));
  assert.throws(() => encodeValue(nested(201)), /200 deep/);
});

test('a key called __proto__ is a key', () => {
  const value = decodeValue('{"__proto__":{"isAdmin":true}}') as Record<string, unknown>;
  assert.equal((value as { isAdmin?: boolean }).isAdmin, undefined);
  assert.deepEqual(Object.keys(value), ['__proto__']);
});

test('what cannot go is refused', () => {
  const circle: unknown[] = [];
  circle.push(circle);
  let deep: unknown = 1;
  for (let depth = 0; depth < 300; depth++) deep = [deep];
  for (const value of [() => 1, Symbol('s'), circle, deep, [() => 1]])
    assert.throws(() => encodeValue(value), TypeError);
  assert.throws(() => decodeValue('["$","other",1]'), TypeError);
});
