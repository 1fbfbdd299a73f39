// The files of images, with the real C library and with one that refuses.
import assert from 'node:assert/strict';
import { closeSync, fstatSync, ftruncateSync, readdirSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { processLibc } from './kernel.ts';
import type { Libc } from './libc.ts';
import { createSealedFile } from './sealed-file.ts';
import { sparseBytes } from './zero-runs.ts';

const libc = processLibc();
const real = libc as Libc;
const skip = typeof libc === 'string' && libc;
const PAGE = 4096;
const NOEXEC_SEAL = 8;

const content = new Uint8Array(16 * PAGE).fill(7, PAGE, 2 * PAGE).fill(9, 15 * PAGE + 1);
const image = sparseBytes(content, PAGE);

function openImages(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('mayfly-image');
    } catch {
      return false; // that of the listing itself
    }
  }).length;
}

test('holds the bytes in one descriptor, and nobody changes them', { skip }, () => {
  const before = openImages();
  const fd = createSealedFile(real, image);
  assert.equal(openImages(), before + 1);
  const found = new Uint8Array(content.length);
  assert.equal(readSync(fd, found, 0, found.length, 0), content.length);
  assert.deepEqual(found, content);
  assert.equal(fstatSync(fd).size, content.length);
  assert.ok(fstatSync(fd).blocks * 512 <= 2 * PAGE, 'zeros stay holes');
  assert.throws(() => writeSync(fd, new Uint8Array(1), 0, 1, 0), { code: 'EPERM' });
  assert.throws(() => ftruncateSync(fd, 1), { code: 'EPERM' });
  assert.throws(() => ftruncateSync(fd, 17 * PAGE), { code: 'EPERM' });
  closeSync(fd);
  assert.equal(openImages(), before);
});

test('a kernel that does not know files that cannot be run gives one that could', { skip }, () => {
  const asked: number[] = [];
  const older: Libc = {
    ...real,
    memfdCreate(name, flags) {
      asked.push(flags & NOEXEC_SEAL);
      return flags & NOEXEC_SEAL ? -1 : real.memfdCreate(name, flags);
    },
  };
  const fd = createSealedFile(older, image);
  assert.deepEqual(asked, [NOEXEC_SEAL, 0]);
  assert.throws(() => writeSync(fd, new Uint8Array(1), 0, 1, 0), { code: 'EPERM' });
  closeSync(fd);
});

test('without a descriptor, without memory and without seals there is no file, and none stays open', { skip }, () => {
  const before = openImages();
  const none: Libc = { ...real, memfdCreate: () => -1 };
  assert.throws(() => createSealedFile(none, image), { code: 'sandbox-exhausted', message: /Cannot create/ });
  const tooLarge = { byteLength: 2 ** 60, parts: [] };
  assert.throws(() => createSealedFile(real, tooLarge), { code: 'sandbox-exhausted', message: /Cannot keep/ });
  const unsealed: Libc = { ...real, fcntl: () => -1 };
  assert.throws(() => createSealedFile(unsealed, image), { code: 'internal', message: /Cannot seal/ });
  assert.equal(openImages(), before);
});
