// Descriptors of preview1 are numbered, renumbered, read, written and closed as POSIX has it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Trap } from '../../../errors.ts';
import { MAX_OPEN_FILES } from '../filesystem/descriptor.ts';
import { makeFiles } from '../filesystem/files.test-kit.ts';
import { Errno } from './errno.ts';
import { ALL, DATA, PAGE, RESULT, ROOT, TestGuest } from './preview1.test-kit.ts';
import { Right } from './rights.ts';

const CREATE = 1;
const DIRECTORY = 2;

test('descriptors are numbered from the lowest, and closed once', () => {
  const guest = TestGuest.of(makeFiles({ a: 'a' }));
  assert.deepEqual([guest.open('a'), guest.open('a'), guest.open('a')], [4, 5, 6]);
  assert.equal(guest.call('fd_close', 5), 0);
  assert.equal(guest.call('fd_close', 5), Errno.badf);
  assert.equal(guest.open('a'), 5);
  assert.equal(guest.call('fd_close', 0xffff_ffff), Errno.badf);
});

test('closing some descriptors leaves the others, in whatever order', () => {
  const guest = TestGuest.of(makeFiles({ a: 'a' }));
  const [first, second, third] = [guest.open('a'), guest.open('a'), guest.open('a')];
  const isOpen = (fd: number): boolean => guest.call('fd_filestat_get', fd, RESULT) === 0;
  assert.equal(guest.call('fd_close', first), 0);
  assert.deepEqual([first, second, third].map(isOpen), [false, true, true]);
  assert.equal(guest.call('fd_close', second), 0);
  assert.deepEqual([first, second, third].map(isOpen), [false, false, true]);
  assert.equal(guest.call('fd_close', third), 0);
  assert.deepEqual([guest.open('a'), guest.open('a')], [first, second]);
});

test('renumbering replaces what is open, and nothing else', () => {
  const guest = TestGuest.of(makeFiles({ a: 'aa', b: 'b' }));
  const [a, b] = [guest.open('a'), guest.open('b')];
  const { openFiles } = guest.state;
  assert.equal(guest.call('fd_renumber', a, a), 0);
  assert.equal(guest.call('fd_renumber', a, b), 0);
  assert.equal(guest.state.openFiles, openFiles - 1);
  assert.equal(guest.call('fd_filestat_get', b, RESULT), 0);
  assert.equal(guest.u64(RESULT + 32), 2n);
  for (const [from, to] of [
    [a, b],
    [b, a],
    [b, 1000],
    [b, 0xffff_ffff],
    [0xffff_ffff, b],
  ] as const) {
    assert.equal(guest.call('fd_renumber', from, to), Errno.badf, `${from} to ${to}`);
  }
  assert.equal(guest.call('fd_renumber', 1, 2), 0);
  assert.equal(guest.call('fd_close', 1), Errno.badf);
});

test('a guest that opens without end gets an error, and all is closed when it ends', () => {
  const guest = TestGuest.of(makeFiles({ a: 'a', dir: {} }));
  let opened = 0;
  while (guest.openErrno(opened % 2 ? 'a' : 'dir', { oflags: opened % 2 ? 0 : DIRECTORY }) === 0) opened++;
  assert.equal(opened, MAX_OPEN_FILES - 1);
  assert.equal(guest.openErrno('a'), Errno.mfile);
  assert.equal(guest.call('fd_readdir', ROOT, DATA, 100, 0n, RESULT), Errno.mfile);
  assert.equal(guest.call('fd_close', 4), 0);
  assert.equal(guest.open('a'), 4);
  guest.end();
  assert.equal(guest.state.openFiles, 0);
});

test('reading and writing move the position; pread and pwrite do not', async () => {
  const folder = makeFiles({});
  const guest = TestGuest.of(folder);
  const fd = guest.open('a', { oflags: CREATE });
  assert.equal(await guest.write(fd, 'hello world'), 0);
  assert.equal(guest.u32(), 11);
  assert.equal(guest.call('fd_seek', fd, -5n, 1, RESULT), 0);
  assert.equal(guest.u64(), 6n);
  assert.equal(await guest.read(fd), 'world');
  assert.equal(await guest.read(fd), '');
  assert.equal(await guest.call('fd_pread', fd, ...guest.buffers(2, 0, 3), 0n, RESULT), 0);
  assert.equal(guest.dataText(guest.u32()), 'hello');
  guest.bytes.set(Buffer.from('HE'), DATA);
  assert.equal(await guest.call('fd_pwrite', fd, ...guest.buffers(1, 1), 0n, RESULT), 0);
  assert.equal(guest.call('fd_tell', fd, RESULT), 0);
  assert.equal(guest.u64(), 11n);
  assert.equal(fs.readFileSync(path.join(folder, 'a'), 'utf8'), 'HEllo world');
  assert.equal(guest.call('fd_seek', fd, -12n, 2, RESULT), Errno.inval);
  assert.equal(guest.call('fd_seek', fd, 0n, 3, RESULT), Errno.inval);
  assert.equal(guest.call('fd_seek', fd, 0x7fff_ffff_ffff_ffffn, 0, RESULT), 0);
  assert.equal(guest.call('fd_seek', fd, 1n, 1, RESULT), Errno.inval);
  assert.equal(await guest.read(fd), '');
  assert.equal(await guest.write(fd, 'x'), 22);
  assert.equal(await guest.call('fd_pread', fd, ...guest.buffers(2), 0xffff_ffff_ffff_ffffn, RESULT), 0);
  assert.equal(guest.u32(), 0);
});

test('large pieces go through in order', async () => {
  const folder = makeFiles({});
  const guest = TestGuest.of(folder);
  const fd = guest.open('a', { oflags: CREATE });
  const size = 2 * PAGE + 777;
  for (let at = 0; at < size; at++) guest.bytes[DATA + at] = (at * 31) % 251;
  const content = guest.bytes.slice(DATA, DATA + size);
  assert.equal(await guest.call('fd_write', fd, ...guest.buffers(1000, size - 1000), RESULT), 0);
  assert.equal(guest.u32(), size);
  assert.deepEqual(new Uint8Array(fs.readFileSync(path.join(folder, 'a'))), content);
  guest.call('fd_seek', fd, 0n, 0, RESULT);
  guest.bytes.fill(0, DATA);
  assert.equal(await guest.call('fd_read', fd, ...guest.buffers(5, size), RESULT), 0);
  assert.equal(guest.u32(), size);
  assert.deepEqual(guest.bytes.slice(DATA, DATA + size), content);
  assert.equal(guest.bytes[DATA + size], 0);
});

test('appending goes to the end, wherever the position is', async () => {
  const folder = makeFiles({ a: 'one' });
  const guest = TestGuest.of(folder);
  const fd = guest.open('a', { fdflags: 1 });
  assert.equal(await guest.write(fd, ' two'), 0);
  guest.call('fd_seek', fd, 0n, 0, RESULT);
  assert.equal(await guest.write(fd, ' three'), 0);
  assert.equal(guest.call('fd_fdstat_set_flags', fd, 0), 0);
  guest.call('fd_seek', fd, 0n, 0, RESULT);
  assert.equal(await guest.write(fd, 'ONE'), 0);
  assert.equal(fs.readFileSync(path.join(folder, 'a'), 'utf8'), 'ONE two three');
  assert.equal(guest.call('fd_fdstat_set_flags', fd, 2), Errno.inval);
  assert.equal(guest.call('fd_fdstat_set_flags', fd, 32), Errno.inval);
});

test('rights shrink, are checked, and are passed on to what is opened below', async () => {
  const guest = TestGuest.of(makeFiles({ dir: { a: 'a' } }));
  const inheriting = Right.fdRead | Right.pathOpen;
  const dir = guest.open('dir', { oflags: DIRECTORY, base: Right.pathOpen, inheriting });
  const fd = guest.open('a', { fd: dir, base: Right.fdRead | Right.fdSeek });
  assert.equal(guest.call('fd_fdstat_get', fd, RESULT), 0);
  assert.equal(guest.u64(RESULT + 8), Right.fdRead);
  assert.equal(guest.u64(RESULT + 16), 0n, 'a file hands nothing on');
  assert.equal(guest.call('fd_seek', fd, 0n, 0, RESULT), Errno.notcapable);
  // A seek by nothing only tells where the position is: the smaller right is enough, and the only one that counts.
  const teller = guest.open('dir/a', { base: Right.fdRead | Right.fdTell });
  assert.equal(guest.call('fd_seek', teller, 0n, 1, RESULT), 0);
  assert.equal(guest.call('fd_tell', teller, RESULT), 0);
  assert.equal(guest.call('fd_seek', teller, 1n, 1, RESULT), Errno.notcapable);
  assert.equal(guest.call('fd_seek', teller, 0n, 2, RESULT), Errno.notcapable);
  assert.equal(guest.openErrno('a', { fd: dir, base: Right.fdWrite }), Errno.notcapable);
  assert.equal(guest.openErrno('b', { fd: dir, oflags: CREATE, base: 0n }), Errno.notcapable);
  assert.equal(guest.path('path_unlink_file', 'a', 1, dir), Errno.notcapable);
  assert.equal(guest.path('path_filestat_get', 'a', 2, dir, 0, RESULT), Errno.notcapable);
  assert.equal(guest.call('fd_readdir', dir, DATA, 100, 0n, RESULT), Errno.notcapable);
  assert.equal(guest.call('fd_fdstat_set_rights', fd, Right.fdRead | Right.fdWrite, 0n), Errno.notcapable);
  assert.equal(guest.call('fd_fdstat_set_rights', fd, 0n, 0n), 0);
  assert.equal(await guest.call('fd_read', fd, ...guest.buffers(1), RESULT), Errno.notcapable);
});

test('a file that was not opened for writing is not changed, whatever the rights say', async () => {
  const folder = makeFiles({ a: 'abc' });
  for (const guest of [TestGuest.of(folder), TestGuest.of(folder, false)]) {
    const fd = guest.open('a', { base: ALL & ~(Right.fdWrite | Right.fdAllocate | Right.fdFilestatSetSize) });
    assert.equal(guest.call('fd_filestat_set_size', fd, 0n), Errno.notcapable);
    assert.equal(guest.call('fd_allocate', fd, 0n, 100n), Errno.notcapable);
    assert.equal(await guest.write(fd, 'x'), Errno.notcapable);
  }
  const readOnly = TestGuest.of(folder, false);
  for (const oflags of [CREATE, 8, CREATE | 4]) assert.equal(readOnly.openErrno('a', { oflags, base: 0n }), 69);
  assert.equal(readOnly.openErrno('a', { base: Right.fdWrite }), 69);
  // As Go opens a file that it only reads.
  for (const guest of [readOnly, TestGuest.of(folder)]) {
    const fd = guest.open('a', { base: ALL & ~(Right.fdWrite | Right.fdAllocate) });
    assert.equal(await guest.read(fd), 'abc');
    assert.notEqual(guest.call('fd_filestat_set_size', fd, 0n), 0);
    const other = guest.open('a', { base: ALL & ~Right.fdWrite });
    assert.notEqual(guest.call('fd_allocate', other, 0n, 100n), 0);
    assert.equal(await guest.write(other, 'x'), Errno.notcapable);
  }
  assert.equal(fs.readFileSync(path.join(folder, 'a'), 'utf8'), 'abc');
});

test('sizes', () => {
  const guest = TestGuest.of(makeFiles({ a: 'abc' }));
  const fd = guest.open('a');
  const size = () => {
    guest.call('fd_filestat_get', fd, RESULT);
    return guest.u64(RESULT + 32);
  };
  assert.equal(guest.call('fd_allocate', fd, 5n, 5n), 0);
  assert.equal(size(), 10n);
  assert.equal(guest.call('fd_allocate', fd, 0n, 2n), 0);
  assert.equal(guest.call('fd_filestat_set_size', fd, 1n), 0);
  assert.equal(size(), 1n);
  assert.equal(guest.call('fd_allocate', fd, 0n, 0n), Errno.inval);
  assert.equal(guest.call('fd_allocate', fd, 0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn), 22);
  assert.equal(guest.call('fd_filestat_set_size', fd, 0xffff_ffff_ffff_ffffn), 22);
  assert.equal(guest.call('fd_advise', fd, 0n, 0n, 6), Errno.inval);
});

test('lists of buffers are bounded, and all of them are checked before anything is done', async () => {
  const folder = makeFiles({});
  const guest = TestGuest.of(folder);
  const fd = guest.open('a', { oflags: CREATE });
  const [list] = guest.buffers(...new Array(1024).fill(1));
  assert.equal(await guest.call('fd_write', fd, list, 1024, RESULT), 0);
  assert.equal(guest.call('fd_write', fd, list, 1025, RESULT), Errno.inval);
  assert.equal(guest.call('fd_write', fd, list, 0xffff_ffff, RESULT), Errno.inval);
  assert.throws(() => guest.call('fd_write', fd, list + 2, 1, RESULT), Trap);
  assert.throws(() => guest.call('fd_write', fd, 4 * PAGE - 8, 2, RESULT), Trap);
  guest.data.setUint32(list + 12, 4 * PAGE, true);
  assert.throws(() => guest.call('fd_write', fd, list, 2, RESULT), Trap);
  assert.throws(() => guest.call('fd_read', fd, ...guest.buffers(1), RESULT + 1), Trap);
  // The same large buffer again and again is more than 32 bits can count.
  for (let index = 0; index < 1024; index++) {
    guest.data.setUint32(list + index * 8, 0, true);
    guest.data.setUint32(list + index * 8 + 4, 4 * PAGE, true);
  }
  assert.equal(await guest.call('fd_write', fd, list, 1024, RESULT), 0);
  assert.equal(guest.u32(), 1_048_576);
  assert.equal(fs.statSync(path.join(folder, 'a')).size, 1024 + 1_048_576);
});
