import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPollPages, POLL_ADDRESS, pollAddress, processPollPages } from './poll-pages.ts';

const polls = processPollPages();
const skip = typeof polls === 'string' ? { skip: polls } : {};

test('a memory that may reach the address is not polled', skip, () => {
  assert.equal(pollAddress(4096), POLL_ADDRESS);
  assert.equal(pollAddress(32_683), POLL_ADDRESS);
  assert.equal(pollAddress(32_684), undefined);
  assert.equal(pollAddress(65_536), undefined);
});

test('each memory of a sandbox has a page of its own, and grows as before', skip, () => {
  const memories = [1, 2].map((initial) => new WebAssembly.Memory({ initial, maximum: 64 }));
  const [first, second] = openPollPages(memories) as [bigint, bigint];
  assert.notEqual(first, second);
  for (const memory of memories) {
    memory.grow(62);
    new Uint8Array(memory.buffer).fill(1);
    assert.throws(() => memory.grow(2), RangeError);
  }
});
