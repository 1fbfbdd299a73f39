// Two memories are compared to the byte, and the first difference is named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstDifference } from './compare.ts';

const CHUNK = 65_536;

test('the first byte that differs, wherever it is', () => {
  for (const length of [1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5]) {
    const image = Buffer.alloc(length, 7);
    assert.equal(firstDifference(Buffer.from(image), image), undefined);
    for (const at of new Set([0, length >> 1, CHUNK - 1, CHUNK, 2 * CHUNK, length - 1])) {
      if (at >= length) continue;
      const bytes = Buffer.from(image);
      bytes[at] = 8;
      bytes[length - 1] = 9;
      assert.equal(firstDifference(bytes, image), at, `${at} of ${length}`);
    }
  }
});

test('another length is a difference, after what is the same', () => {
  const image = Buffer.alloc(CHUNK + 10);
  assert.equal(firstDifference(image.subarray(0, CHUNK), image), CHUNK);
  assert.equal(firstDifference(image, image.subarray(0, 5)), 5);
  assert.equal(firstDifference(Buffer.alloc(0), Buffer.alloc(0)), undefined);
  const shorter = Buffer.alloc(20);
  shorter[3] = 1;
  assert.equal(firstDifference(shorter, image), 3);
});
