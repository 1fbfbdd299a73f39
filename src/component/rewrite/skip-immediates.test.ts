// References to exceptions are told in every length that their LEB128 may have, and memargs name their memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isExceptionHeapType, isExceptionType } from './skip-immediates.ts';
import { walkExpression } from './walk-code.ts';

const heap = (...bytes: number[]): boolean => isExceptionHeapType(Uint8Array.from(bytes), 0);

test('exn and noexn, short and long', () => {
  for (const low of [0x69, 0x74]) {
    assert.equal(heap(low), true);
    assert.equal(heap(low | 0x80, 0x7f), true);
    assert.equal(heap(low | 0x80, 0xff, 0x7f), true);
  }
});

test('numbers of types that have the same low bits are none', () => {
  for (const low of [0x69, 0x74]) {
    assert.equal(heap(low | 0x80, 0x00), false);
    assert.equal(heap(low | 0x80, 0x01), false);
    assert.equal(heap(low | 0x80, 0xfe, 0x7f), false);
    assert.equal(heap(low | 0x80, 0x81, 0x7f), false);
    assert.equal(heap(low | 0x80, 0xff, 0x3f), false);
  }
  assert.equal(heap(0x70), false);
});

test('value types: with and without a prefix', () => {
  const type = (...bytes: number[]): boolean => isExceptionType(Uint8Array.from(bytes), 0);
  assert.equal(type(0x69), true);
  assert.equal(type(0x63, 0x69), true);
  assert.equal(type(0x64, 0xe9, 0x7f), true);
  assert.equal(type(0x7f), false);
  assert.equal(type(0x63, 0x70), false);
});

test('a load from a memory of any number has that number and then its offset', () => {
  const I32_LOAD = 0x28;
  for (const memory of [[1], [0x3f], [0x40], [0x7f], [0x81, 0x40]]) {
    for (const offset of [[5], [0x85, 0x01]]) {
      const code = Uint8Array.of(I32_LOAD, 0x42, ...memory, ...offset, 0x0b);
      assert.equal(walkExpression(code, 0, code.length), code.length, `${memory} ${offset}`);
    }
  }
});
