// A loop that counts to an end is known as one, and no other loop is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlaceKind, type Places } from './core-module.ts';
import { BR_IF_BYTES, countsInTail } from './counting-loop.ts';

const [ADD_32, SUB_32, ADD_64, SUB_64] = [0x6a, 0x6b, 0x7c, 0x7d];
const TEE = [0x22, 0];
const BR_IF = [0x0d, 0];
const HEAD = 2;

/** A loop with this before the `br_if` at its end; its places, and those that are said. */
function counts(
  before: readonly number[],
  branch: Partial<{ kind: number; offset: number; link: number }> = {},
): boolean {
  const bytes = Uint8Array.from([0x03, 0x40, ...before, ...BR_IF, 0x0b]);
  const end = HEAD + before.length + BR_IF_BYTES;
  const { kind = PlaceKind.brIf, offset = end - BR_IF_BYTES, link = 0 } = branch;
  const places: Places = {
    offsets: Uint32Array.of(HEAD, offset),
    kinds: Uint8Array.of(PlaceKind.loop, kind),
    links: Uint32Array.of(end, link),
    callees: new Uint32Array(2),
  };
  return countsInTail(bytes, places, 0);
}

test('a sum or a difference that was just kept, and is tested', () => {
  for (const operation of [ADD_32, SUB_32, ADD_64, SUB_64]) assert.equal(counts([0x20, 0, operation, ...TEE]), true);
  for (const operation of [0x69, 0x6c, 0x7b, 0x7e]) assert.equal(counts([0x20, 0, operation, ...TEE]), false);
  assert.equal(counts([0x20, 0, ADD_32, 0x21, 0]), false);
});

test('against zero or an operand of a few bytes, by any comparison of integers', () => {
  const sum = [0x20, 0, ADD_32, ...TEE];
  for (const comparison of [0x45, 0x46, 0x50, 0x5a]) assert.equal(counts([...sum, comparison]), true);
  for (const other of [0x44, 0x5b]) assert.equal(counts([...sum, other]), false);
  for (const operand of [0x20, 0x41, 0x42]) {
    for (const length of [1, 5]) {
      const immediate = Array.from({ length }, () => 0x7f);
      assert.equal(counts([...sum, operand, ...immediate, 0x48]), true, `${operand} of ${length}`);
    }
    assert.equal(counts([...sum, operand, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x48]), false);
  }
  assert.equal(counts([...sum, 0x23, 0, 0x48]), false);
});

test('the only way back is a br_if, the last instruction, and to this loop', () => {
  const sum = [0x20, 0, ADD_32, ...TEE];
  assert.equal(counts(sum), true);
  assert.equal(counts(sum, { kind: PlaceKind.br }), false);
  assert.equal(counts(sum, { offset: HEAD }), false);
  assert.equal(counts(sum, { link: 1 }), false);
});
