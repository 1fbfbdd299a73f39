// What of an image is kept beside the image below it: whole pages, in few runs, and nothing that is the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layeredRuns } from './layered-runs.ts';

const PAGE = 4096;

function changed(below: Uint8Array, pages: readonly number[], length = below.byteLength): Uint8Array {
  const image = new Uint8Array(length);
  image.set(below);
  for (const page of pages) image[page * PAGE + 17] = 0xee;
  return image;
}

/** What a reader of the layers finds. */
function put(image: ReturnType<typeof layeredRuns>, below: Uint8Array, length: number): Uint8Array {
  assert.ok(image);
  const upper = new Uint8Array(image.content.byteLength);
  for (const { at, bytes } of image.content.parts) upper.set(bytes, at);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const { start, end, offset } of image.runs) {
    assert.equal(start, at, 'the runs leave no gap');
    whole.set(offset === undefined ? below.subarray(start, end) : upper.subarray(offset, offset + end - start), start);
    at = end;
  }
  assert.equal(at, length);
  return whole;
}

test('the same bytes keep nothing', () => {
  const below = new Uint8Array(16 * PAGE).fill(3);
  const found = layeredRuns(below.slice(), below, PAGE);
  assert.deepEqual(found?.runs, [{ start: 0, end: 16 * PAGE }]);
  assert.equal(found?.content.byteLength, 0);
});

test('pages that differ, at the start, side by side, and at the end', () => {
  const below = new Uint8Array(16 * PAGE).fill(3);
  const image = changed(below, [0, 4, 5, 15]);
  const found = layeredRuns(image, below, PAGE);
  assert.deepEqual(
    found?.runs.map(({ start, end, offset }) => [start / PAGE, end / PAGE, offset === undefined ? '' : offset / PAGE]),
    [
      [0, 1, 0],
      [1, 4, ''],
      [4, 6, 1],
      [6, 15, ''],
      [15, 16, 3],
    ],
  );
  assert.deepEqual(put(found, below, image.byteLength), image);
});

test('what lies beyond the image below is kept, its zeros as holes', () => {
  const below = new Uint8Array(16 * PAGE).fill(3);
  const image = changed(below, [20], 24 * PAGE);
  const found = layeredRuns(image, below, PAGE);
  assert.equal(found?.content.byteLength, 8 * PAGE);
  assert.deepEqual(
    found?.content.parts.map(({ at, bytes }) => [at / PAGE, bytes.byteLength / PAGE]),
    [[4, 1]],
  );
  assert.deepEqual(put(found, below, image.byteLength), image);
});

test('many runs are joined where the least lies between them', () => {
  const below = new Uint8Array(400 * PAGE).fill(3);
  const pages = Array.from({ length: 40 }, (_, index) => index * 10 - (index % 2) * 7);
  const image = changed(below, pages);
  const found = layeredRuns(image, below, PAGE);
  const kept = found?.runs.filter(({ offset }) => offset !== undefined) ?? [];
  assert.equal(kept.length, 16);
  assert.deepEqual(put(found, below, image.byteLength), image);
});

test('an image of which most differs, or that is smaller, gets no layer', () => {
  const below = new Uint8Array(16 * PAGE).fill(3);
  assert.equal(layeredRuns(new Uint8Array(16 * PAGE).fill(4), below, PAGE), undefined);
  assert.equal(layeredRuns(below.slice(0, 8 * PAGE), below, PAGE), undefined);
});

test('only what may have changed is looked at', () => {
  const below = new Uint8Array(16 * PAGE).fill(3);
  const image = changed(below, [2, 3, 9]);
  const changes = [
    { start: PAGE, end: 4 * PAGE },
    { start: 8 * PAGE, end: 12 * PAGE },
  ];
  assert.deepEqual(put(layeredRuns(image, below, PAGE, changes), below, image.byteLength), image);
  const few = layeredRuns(image, below, PAGE, changes.slice(0, 1));
  assert.equal(few?.content.byteLength, 2 * PAGE);
});
