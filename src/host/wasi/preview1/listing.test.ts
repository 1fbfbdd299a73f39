// The bytes of fd_readdir: inodes, cookies, kinds, and where the buffer ends.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Trap } from '../../../errors.ts';
import { makeFiles } from '../filesystem/files.test-kit.ts';
import { Errno } from './errno.ts';
import { DATA, PAGE, RESULT, ROOT, TestGuest } from './preview1.test-kit.ts';

interface Entry {
  readonly next: bigint;
  readonly inode: bigint;
  readonly kind: number;
  readonly name: string;
}

/** All entries that one call gives, and the bytes that it used. */
function list(guest: TestGuest, cookie: bigint, length = 4096): { entries: Entry[]; used: number } {
  assert.equal(guest.call('fd_readdir', ROOT, DATA, length, cookie, RESULT), 0);
  const used = guest.data.getUint32(RESULT, true);
  const entries: Entry[] = [];
  for (let at = DATA; at + 24 <= DATA + used; ) {
    const size = guest.data.getUint32(at + 16, true);
    const name = Buffer.from(guest.bytes.subarray(at + 24, at + 24 + size)).toString();
    if (at + 24 + size > DATA + used) break;
    const [next, inode] = [guest.data.getBigUint64(at, true), guest.data.getBigUint64(at + 8, true)];
    entries.push({ next, inode, kind: guest.data.getUint8(at + 20), name });
    at += 24 + size;
  }
  return { entries, used };
}

test('a folder tells its own inode, none of what is above it, and that of each entry; cookies count', () => {
  const folder = makeFiles({ a: 'a', dir: {}, bcd: '' });
  const guest = TestGuest.of(folder);
  const { entries, used } = list(guest, 0n);
  assert.deepEqual(
    entries.map(({ next }) => next),
    [1n, 2n, 3n, 4n, 5n],
  );
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  assert.deepEqual([...byName.keys()].sort(), ['.', '..', 'a', 'bcd', 'dir']);
  assert.deepEqual([entries[0]?.name, entries[1]?.name], ['.', '..']);
  assert.deepEqual([entries[0]?.kind, byName.get('dir')?.kind, byName.get('a')?.kind], [3, 3, 4]);
  const inodes = entries.map(({ inode }) => inode);
  assert.equal(inodes[1], 0n);
  assert.ok(
    inodes.every((inode, index) => index === 1 || inode !== 0n),
    String(inodes),
  );
  assert.equal(new Set(inodes).size, 5);
  assert.equal(used, 5 * 24 + 1 + 2 + 1 + 3 + 3);
});

test('each cookie goes on behind its entry, forwards, again and back', () => {
  const guest = TestGuest.of(makeFiles({ a: '', b: '', c: '' }));
  const names = list(guest, 0n).entries.map(({ name }) => name);
  for (const cookie of [0, 3, 1, 4, 5, 2, 2, 0, 6, 100]) {
    const { entries } = list(guest, BigInt(cookie));
    assert.deepEqual(
      entries.map(({ name }) => name),
      names.slice(cookie),
      String(cookie),
    );
  }
});

test('a new entry is seen by who starts anew, and one that has gone has no inode', () => {
  const folder = makeFiles({ a: '' });
  const guest = TestGuest.of(folder);
  assert.equal(list(guest, 0n).entries.length, 3);
  fs.writeFileSync(path.join(folder, 'new'), '');
  assert.equal(list(guest, 0n).entries.length, 4);
});

test('the last entry is cut off where the buffer ends', () => {
  const guest = TestGuest.of(makeFiles({}));
  for (const [length, used, whole] of [
    [0, 0, 0],
    [1, 1, 0],
    [25, 25, 1],
    [26, 26, 1],
    [51, 51, 2],
    [52, 51, 2],
  ] as const) {
    const found = list(guest, 0n, length);
    assert.deepEqual([found.used, found.entries.length], [used, whole], String(length));
  }
});

test('the buffer may lie anywhere in the memory, and not outside of it; the result is aligned', () => {
  const guest = TestGuest.of(makeFiles({}));
  const call = (buffer: number, length: number, result = RESULT) =>
    guest.call('fd_readdir', ROOT, buffer, length, 0n, result);
  assert.equal(call(DATA + 1, 100), 0);
  assert.equal(call(4 * PAGE - 100, 100), 0);
  assert.throws(() => call(4 * PAGE - 99, 100), Trap);
  assert.throws(() => call(DATA, 100, RESULT + 1), Trap);
  assert.throws(() => call(DATA, 100, RESULT + 2), Trap);
  assert.throws(() => call(DATA, 100, 4 * PAGE), Trap);
});

test('advice, sizes and flags: the last that is one, and the first that is none', () => {
  const folder = makeFiles({ a: 'abc' });
  const guest = TestGuest.of(folder);
  const file = guest.open('a');
  assert.equal(guest.call('fd_advise', file, 0n, 0n, 5), 0);
  assert.equal(guest.call('fd_advise', file, 0n, 0n, 6), Errno.inval);
  assert.equal(guest.call('fd_allocate', file, 0n, 0n), Errno.inval);
  const size = (): number => fs.statSync(path.join(folder, 'a')).size;
  assert.equal(guest.call('fd_allocate', file, 1n, 1n), 0);
  assert.equal(size(), 3, 'what is there is never cut off');
  assert.equal(guest.call('fd_allocate', file, 2n, 3n), 0);
  assert.equal(size(), 5);
  assert.equal(guest.call('fd_filestat_set_size', file, 2n), 0);
  assert.equal(size(), 2);
  assert.equal(guest.call('fd_filestat_set_times', file, 1n, 1n, 16), Errno.inval);
  assert.equal(guest.call('fd_filestat_set_times', file, 1n, 1n, 3), Errno.inval);
  assert.equal(guest.call('fd_filestat_set_times', file, 1n, 1n, 12), Errno.inval);
  assert.equal(guest.call('fd_filestat_set_times', file, 5_000_000_000n, 7_500_000_000n, 5), 0);
  const { atimeMs, mtimeMs } = fs.statSync(path.join(folder, 'a'));
  assert.deepEqual([atimeMs, mtimeMs], [5000, 7500]);
});

test('what a file is, byte by byte: one device, its inode, kind, links, size and times', () => {
  const folder = makeFiles({ a: 'abc' });
  fs.utimesSync(path.join(folder, 'a'), 5, 7.5);
  fs.linkSync(path.join(folder, 'a'), path.join(folder, 'b'));
  const guest = TestGuest.of(folder);
  guest.bytes.fill(0xff, RESULT, RESULT + 72);
  assert.equal(guest.call('fd_filestat_get', guest.open('a'), RESULT), 0);
  const numbers = [0, 8, 24, 32, 40, 48].map((at) => guest.data.getBigUint64(RESULT + at, true));
  const inode = list(guest, 0n).entries.find(({ name }) => name === 'a')?.inode;
  guest.call('fd_filestat_get', guest.open('a'), RESULT);
  assert.deepEqual(numbers, [1n, inode, 2n, 3n, 5_000_000_000n, 7_500_000_000n]);
  assert.equal(guest.data.getBigUint64(RESULT + 16, true), 4n, 'a regular file, and nothing behind it');
  assert.equal(guest.bytes[RESULT + 64], 0xff);
});
