// When parameters and results go through memory: by how many there are, by the direction, and by whether it is asynchronous.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Checked } from './canon-options.ts';
import { flattenFunc } from './flatten-func.ts';
import type { Func } from './model.ts';
import { primitive } from './val-types.ts';

const u32 = primitive('u32');
const func = (params: number, hasResult: boolean): Func =>
  ({
    params: Array.from({ length: params }, (_, index) => ({ name: `p${index}`, type: u32 })),
    result: hasResult ? u32 : undefined,
  }) as unknown as Func;
const options = (async: boolean, callback: unknown): Checked =>
  ({ address: 'i32', async, callback }) as unknown as Checked;

/** The numbers of parameters and results. */
function flat(
  params: number,
  hasResult: boolean,
  context: 'lift' | 'lower',
  async: boolean,
  callback?: number,
): number[] {
  const found = flattenFunc(func(params, hasResult), options(async, callback), context);
  return [found.params.length, found.results.length];
}

test('sixteen parameters are passed as they are, four where a call is asynchronous', () => {
  for (const context of ['lift', 'lower'] as const) {
    assert.deepEqual(flat(16, true, context, false), [16, 1], context);
    assert.deepEqual(flat(17, true, context, false), [1, 1], context);
  }
  assert.deepEqual(flat(4, false, 'lower', true), [4, 1]);
  assert.deepEqual(flat(5, false, 'lower', true), [1, 1]);
  assert.deepEqual(flat(16, false, 'lift', true), [16, 0]);
  assert.deepEqual(flat(17, false, 'lift', true), [1, 0]);
});

test('the result of an asynchronous call is written to where its last parameter says; a callback gives a code', () => {
  assert.deepEqual(flat(4, true, 'lower', true), [5, 1]);
  assert.deepEqual(flat(2, true, 'lift', true, 7), [2, 1]);
  assert.deepEqual(flat(2, true, 'lift', true), [2, 0]);
});
