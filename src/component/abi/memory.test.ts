// A view of a guest's memory follows the memory when it grows, and traps outside of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from '../../errors.ts';
import { MemoryView, MemoryWindow } from './memory.ts';

test('after the memory has grown both views are of all of it, and until then they stay the same', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  const view = new MemoryView(memory);
  const { bytes, data } = view;
  view.refresh();
  assert.ok(view.bytes === bytes && view.data === data);
  memory.grow(1);
  assert.equal(view.bytes.length, 0);
  view.refresh();
  assert.deepEqual([view.bytes.length, view.data.byteLength], [2 * 65_536, 2 * 65_536]);
  view.data.setUint8(131_071, 7);
  assert.equal(view.bytes[131_071], 7);
});

test('a range ends with the memory, and starts where its alignment says', () => {
  const view = new MemoryView(new WebAssembly.Memory({ initial: 1 }));
  view.check(0, 65_536, 1);
  view.check(65_536, 0, 8);
  view.check(65_532, 4, 4);
  for (const [pointer, size, align] of [
    [0, 65_537, 1],
    [65_536, 1, 1],
    [65_533, 4, 1],
    [2, 4, 4],
    [1, 0, 2],
  ] as const) {
    assert.throws(() => view.check(pointer, size, align), Trap);
  }
});

test('views of a memory with a window show what it shows, as soon as it does', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const window = new MemoryWindow(memory);
  const view = new MemoryView(memory);
  assert.equal(view.bytes.length, 65_536);
  window.show(Uint8Array.of(1, 2, 3).buffer, 2);
  assert.deepEqual([[...view.bytes], view.data.byteLength], [[1, 2], 2]);
  assert.throws(() => view.check(2, 1, 1), Trap);
  assert.deepEqual([...new MemoryView(memory).bytes], [1, 2]);
  window.empty();
  view.refresh();
  assert.deepEqual([view.bytes.length, view.data.byteLength], [0, 0]);
  window.show(Uint8Array.of(4).buffer, 1);
  assert.equal(view.bytes.length, 0, 'a view that was emptied stays so');
});
