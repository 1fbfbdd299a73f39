// What is asked of the kernel, and what is made of its refusals. That it tells the truth: memory-image.test.ts, trial.ts.
import assert from 'node:assert/strict';
import { fstatSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { processLibc } from './kernel.ts';
import type { Libc } from './libc.ts';
import { openWrittenPages, type WrittenPages } from './written-pages.ts';

const libc = processLibc();
const real = libc as Libc;
const skip = typeof libc === 'string' && libc;

test('where userfaultfd is refused there are no marks; without marks nobody asks for it', { skip }, () => {
  let asked = 0;
  const refusing: Libc = { ...real, syscall: () => (++asked > 0 ? -1 : 0) };
  assert.match(String(openWrittenPages(refusing, 'marks')), /^userfaultfd is refused/);
  assert.equal(asked, 1);
  const pages = openWrittenPages(refusing, 'file') as WrittenPages;
  assert.deepEqual([pages.tracking, asked], ['file', 1]);
  assert.deepEqual([pages.watch(0n, 1), pages.rewatch(0n, 1)], [true, true]);
  pages.close();
});

test('a kernel whose userfaultfd cannot mark by itself is told so, and its descriptor is closed', { skip }, () => {
  let fd = -1;
  const older: Libc = {
    ...real,
    syscall: () => {
      fd = openSync('/dev/null', 'r');
      return fd;
    },
    ioctl: () => -1,
  };
  assert.match(String(openWrittenPages(older, 'marks')), /cannot mark pages asynchronously/);
  assert.throws(() => fstatSync(fd), { code: 'EBADF' });
});

test('what is refused of a memory is told to whoever asked; closing gives back all descriptors', { skip }, () => {
  let fd = -1;
  const calls: bigint[] = [];
  let refused: number | undefined;
  const libcOf: Libc = {
    ...real,
    syscall: () => {
      fd = openSync('/dev/null', 'r');
      return fd;
    },
    ioctl: (_, request) => (calls.push(request) === refused ? -1 : 0),
  };
  const pages = openWrittenPages(libcOf, 'marks') as WrittenPages;
  assert.equal(pages.tracking, 'marks');
  for (const [at, watched] of [
    [2, false], // to be registered
    [3, false], // to be marked
    [4, true],
  ] as const) {
    calls.length = 1;
    refused = at;
    assert.equal(pages.watch(0n, 4096), watched, String(at));
  }
  calls.length = 1;
  refused = 2;
  assert.equal(pages.rewatch(0n, 4096), false);
  assert.equal(pages.rewatch(0n, 4096), true);
  calls.length = 1;
  assert.equal(
    pages.scan(0n, 4096, () => assert.fail('no run')),
    -1,
  );
  pages.close();
  assert.throws(() => fstatSync(fd), { code: 'EBADF' });
});
