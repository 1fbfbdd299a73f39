// A memory whose growing ended half-way, as when the stack ends, is empty all the same in the next request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthOf } from './growth.ts';
import { WASM_PAGE } from './imaged-memory.ts';
import { processLibc, processWrittenPages } from './kernel.ts';

const libc = processLibc();
const written = processWrittenPages('marks');
const skip = (typeof libc === 'string' && libc) || (typeof written === 'string' && written);

test('what was written to pages of which the window knows nothing is gone', { skip }, () => {
  assert.ok(typeof libc !== 'string' && typeof written !== 'string');
  let isFailing = true;
  const failing = {
    ...libc,
    view(address: bigint, byteLength: number) {
      if (isFailing) throw new RangeError('Maximum call stack size exceeded');
      return libc.view(address, byteLength);
    },
  };
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  const address = libc.addressOf(memory.buffer as ArrayBuffer);
  const growth = growthOf({ libc: failing, written }, memory, address, 4);
  const grow = growth.functions.grow as (pages: number) => number;
  assert.throws(() => grow(2), RangeError);
  const end = address + BigInt(WASM_PAGE);
  const secret = new Uint8Array(libc.view(end, 2 * WASM_PAGE));
  secret.fill(7);
  assert.equal(growth.takeBack(), true);
  assert.equal(growth.byteLength, WASM_PAGE);
  isFailing = false;
  assert.equal(grow(2), 1);
  assert.ok(secret.every((byte) => byte === 0));
  assert.equal(growth.takeBack(), true);
});
