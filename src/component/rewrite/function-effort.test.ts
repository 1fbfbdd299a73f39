// What the compiler copies and moves for a function, counted by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FunctionEffort, PLACE } from './function-effort.ts';
import type { IndexSpaces } from './read-sections.ts';

const I32 = 0x7f;
const none = { params: [], results: [] };
const two = { params: [I32, I32], results: [I32] };
/** Type 0 takes and gives nothing, type 1 takes two and gives one; function 0 is measured, function 1 is of type 1. */
const spaces = {
  types: [none, two],
  funcTypes: [none, two],
  tags: [{ params: [I32, I32, I32], results: [] }],
} as unknown as IndexSpaces;

/** In the code: [copies, moves] of a function with so many locals. */
function effort(code: readonly number[], locals = 0): [number, number] {
  const bytes = Uint8Array.from([...code, 0x0b]);
  const { copies, moves } = new FunctionEffort(bytes, spaces, locals).measure({
    index: 0,
    start: 0,
    end: bytes.length,
    locals,
  });
  return [copies, moves];
}

const CONST = [0x41, 0];
const DROP = 0x1a;
const BLOCK = 0x02;
const LOOP = 0x03;
const EMPTY = 0x40;
const END = 0x0b;
/** Copies of a state with so many locals and operands. */
const state = (count: number): number => effort([], count)[0];

test('a state is its locals and operands, and something for the place', () => {
  assert.equal(state(5) - state(0), 5);
  assert.ok(state(0) >= PLACE);
});

test('a block copies the state where it begins, with the operands below it, and where it ends', () => {
  const [copies] = effort([...CONST, ...CONST, BLOCK, EMPTY, END, DROP, DROP]);
  assert.equal(copies, state(2) + state(2) + state(0));
});

test('parameters of a block are taken from below it, and its results stand above', () => {
  const [copies] = effort([...CONST, ...CONST, ...CONST, BLOCK, 1, DROP, END, DROP, DROP]);
  // Two of three are its parameters: they are on the stack when it begins; one below and one result are there after it.
  assert.equal(copies, state(3) + state(2) + state(0));
});

test('a call takes its parameters and gives its results', () => {
  const base = effort([...CONST, ...CONST, DROP, DROP])[1];
  const [, moves] = effort([...CONST, ...CONST, 0x10, 1, DROP]);
  assert.equal(moves - base, 4 + 2 + 1);
  // After the call one operand is there.
  assert.equal(effort([...CONST, ...CONST, 0x10, 1, BLOCK, EMPTY, END, DROP])[0], state(1) + state(1) + state(0));
});

test('a call through a table or a reference takes one operand more', () => {
  for (const call of [
    [0x11, 1, 0],
    [0x14, 1],
  ]) {
    const code = [...CONST, ...CONST, ...CONST, ...call, BLOCK, EMPTY, END, DROP];
    assert.equal(effort(code)[0], state(1) + state(1) + state(0), String(call));
  }
});

test('a branch out of a block takes its results along, one to a loop its parameters', () => {
  const toBlock = effort([BLOCK, I32, ...CONST, 0x0c, 0, END, DROP])[1];
  const toLoop = effort([LOOP, I32, ...CONST, 0x0c, 0, END, DROP])[1];
  assert.equal(toBlock - toLoop, 1);
  const toLoopOfTwo = effort([...CONST, ...CONST, LOOP, 1, 0x0c, 0, END, DROP])[1];
  assert.equal(toLoopOfTwo - toLoop, 2);
});

test('clauses of a try count their branch, and those with a tag what it carries', () => {
  const clause = (...bytes: number[]): [number, number] => effort([BLOCK, EMPTY, 0x1f, EMPTY, 1, ...bytes, END, END]);
  const [all, withTag] = [clause(2, 0), clause(0, 0, 0)];
  assert.equal(withTag[0], all[0]);
  assert.ok(withTag[1] > all[1], 'a tag of three values is more than none');
  const two = effort([BLOCK, EMPTY, 0x1f, EMPTY, 2, 0, 0, 0, 1, 0, 0, END, END]);
  assert.equal(two[1] - all[1], 2 * (withTag[1] - all[1]));
});

test('a throw takes the values of its tag', () => {
  const none = effort([...CONST, ...CONST, ...CONST, 0x00])[1];
  assert.ok(effort([...CONST, ...CONST, ...CONST, 0x08, 0])[1] > none + 3);
});
