// Images on other images: what they take of the system, and that the one below may be closed first.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createMemoryBudget } from './budget.ts';
import { createImageFile, createLayeredFile } from './image-file.ts';
import { processLibc } from './kernel.ts';
import type { Libc } from './libc.ts';
import { MappingBudget } from './mapping-budget.ts';
import { createMemoryImage } from './memory-image.ts';
import { sparseBytes } from './zero-runs.ts';

const found = processLibc();
const libc = found as Libc;
const skip = typeof found === 'string' && found;
const PAGE = 4096;

const below = new Uint8Array(64 * PAGE).fill(5);
const above = below.slice();
for (const page of [3, 20, 21, 50]) above[page * PAGE] = 9;

const mappings = (): number => readFileSync('/proc/self/maps', 'utf8').split('mayfly-image').length - 1;

test('an image on another one is mapped only while somebody reads it', { skip }, () => {
  const before = mappings();
  const base = createImageFile(libc, sparseBytes(below, PAGE));
  const release = base.retain();
  const file = createLayeredFile(libc, above, base);
  assert.ok(file);
  const done = file.retain();
  assert.equal(mappings(), before);
  assert.equal(file.segments.length, 7);
  const views = [file.openView(), file.openView()];
  assert.equal(mappings(), before + 7);
  release();
  assert.equal(views[0]?.bytes.compare(above), 0);
  views[0]?.close();
  views[0]?.close();
  assert.equal(views[1]?.bytes.compare(above), 0);
  views[1]?.close();
  assert.equal(mappings(), before);
  done();
});

test('an image on an image on another one', { skip }, () => {
  const base = createImageFile(libc, sparseBytes(below, PAGE));
  const releaseBase = base.retain();
  const middle = createLayeredFile(libc, above, base);
  const releaseMiddle = middle?.retain();
  releaseBase();
  const bytes = above.slice();
  bytes[51 * PAGE] = 1;
  bytes[20 * PAGE] = 2;
  const top = middle && createLayeredFile(libc, bytes, middle);
  const releaseTop = top?.retain();
  releaseMiddle?.();
  const view = top?.openView();
  assert.equal(view?.bytes.compare(bytes), 0);
  view?.close();
  releaseTop?.();
});

test('its memories count the mappings that they take', { skip }, () => {
  const most = new MappingBudget(10_000 + 40);
  const budget = createMemoryBudget(100, () => {}, most);
  const base = createMemoryImage(below, 'madvise', { budget });
  const image = createMemoryImage(above, 'madvise', { budget, base });
  image.create();
  assert.equal(most.taken, 5 + 2 * 6);
  image.create();
  assert.throws(() => image.create(), { code: 'sandbox-exhausted' });
  base.create();
});
