// Paths and links of preview1 stay inside of the mount that they start from.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Trap } from '../../../errors.ts';
import { makeFiles } from '../filesystem/files.test-kit.ts';
import { Errno } from './errno.ts';
import { DATA, PAGE, RESULT, ROOT, TestGuest } from './preview1.test-kit.ts';

const DIRECTORY = 2;
const FOLLOW = 1;

/** A guest that may write in `inside`, beside which lies `secret`. */
function jailed(): { guest: TestGuest; inside: string; secret: string } {
  const folder = makeFiles({ secret: 'secret', inside: { 'a.txt': 'a', dir: { 'b.txt': 'b' } } });
  const inside = path.join(folder, 'inside');
  return { guest: TestGuest.of(inside), inside, secret: path.join(folder, 'secret') };
}

test('no path leads out', () => {
  const { guest, inside, secret } = jailed();
  fs.symlinkSync(secret, path.join(inside, 'absolute'));
  fs.symlinkSync('../secret', path.join(inside, 'up'));
  fs.symlinkSync('..', path.join(inside, 'parent'));
  for (const name of ['../secret', '/etc/passwd', secret, 'absolute', 'up', 'dir/../../secret', 'parent/secret']) {
    const whole = [
      guest.openErrno(name),
      guest.path('path_filestat_get', name, 2, ROOT, FOLLOW, RESULT),
      guest.path('path_filestat_set_times', name, 2, ROOT, FOLLOW, 0n, 0n, 5),
    ];
    assert.deepEqual(whole, [Errno.perm, Errno.perm, Errno.perm], name);
  }
  for (const name of ['../x', '/x', 'parent/x', 'dir/../../x']) {
    assert.equal(guest.path('path_create_directory', name, 1, ROOT), Errno.perm, name);
    assert.equal(guest.path('path_unlink_file', name, 1, ROOT), Errno.perm, name);
    assert.equal(guest.path('path_remove_directory', name, 1, ROOT), Errno.perm, name);
    const [from, length] = guest.text('a.txt', DATA);
    assert.equal(guest.path('path_rename', name, 4, ROOT, from, length, ROOT), Errno.perm, name);
    assert.equal(guest.path('path_link', name, 5, ROOT, 0, from, length, ROOT), Errno.perm, name);
    assert.equal(guest.path('path_symlink', name, 3, from, length, ROOT), Errno.perm, name);
  }
  assert.equal(fs.readFileSync(secret, 'utf8'), 'secret');
  assert.deepEqual(fs.readdirSync(path.dirname(secret)).sort(), ['inside', 'secret']);
});

test('links lead inside only, and links of links are not followed by path_link', () => {
  const { guest, inside } = jailed();
  const link = (target: string, name: string) =>
    guest.call('path_symlink', ...guest.text(target, DATA), ROOT, ...guest.text(name));
  assert.equal(link('/etc/passwd', 'x'), Errno.perm);
  assert.equal(link('../secret', 'out'), 0);
  assert.equal(guest.openErrno('out'), Errno.perm);
  assert.equal(link('dir/b.txt', 'in'), 0);
  assert.equal(guest.openErrno('in'), 0);
  assert.equal(guest.openErrno('in', { follow: 0 }), 32);
  assert.equal(guest.openErrno('in', { follow: 2 }), Errno.inval);
  const hard = (flags: number) =>
    guest.call('path_link', ROOT, flags, ...guest.text('out', DATA), ROOT, ...guest.text('hard'));
  assert.equal(hard(FOLLOW), Errno.inval);
  assert.equal(hard(0), 0);
  assert.ok(fs.lstatSync(path.join(inside, 'hard')).isSymbolicLink());
  assert.equal(guest.openErrno('hard'), Errno.perm);
});

test('readlink gives what fits', () => {
  const { guest, inside } = jailed();
  fs.symlinkSync('dir/b.txt', path.join(inside, 'in'));
  const read = (size: number) => guest.path('path_readlink', 'in', 1, ROOT, DATA, size, RESULT);
  guest.bytes.fill(7, DATA, DATA + 20);
  assert.equal(read(3), 0);
  assert.deepEqual([guest.u32(), guest.dataText(4)], [3, 'dir\x07']);
  assert.equal(read(100), 0);
  assert.deepEqual([guest.u32(), guest.dataText(10)], [9, 'dir/b.txt\x07']);
  assert.equal(guest.path('path_readlink', 'a.txt', 1, ROOT, DATA, 100, RESULT), Errno.inval);
  assert.throws(() => read(4 * PAGE), Trap);
});

test('paths that are no text, hold a NUL, or are too long', () => {
  const { guest } = jailed();
  const stat = (text: string | Uint8Array) => guest.path('path_filestat_get', text, 2, ROOT, 0, RESULT);
  assert.equal(stat(Uint8Array.of(0x61, 0xff)), Errno.ilseq);
  assert.equal(stat('a.txt\0'), Errno.inval);
  assert.equal(stat(''), 44);
  assert.equal(stat('x'.repeat(5000)), Errno.nametoolong);
  assert.equal(guest.call('path_filestat_get', ROOT, 0, 0, 3 * PAGE, RESULT), Errno.nametoolong);
  assert.equal(stat('a.txt/'), Errno.notdir);
  assert.throws(() => guest.call('path_filestat_get', ROOT, 0, 4 * PAGE - 2, 3, RESULT), Trap);
});

test('paths start at directories', () => {
  const { guest } = jailed();
  const file = guest.open('a.txt');
  for (const fd of [0, 1, file]) assert.equal(guest.openErrno('a.txt', { fd }), Errno.notdir);
  assert.equal(guest.openErrno('a.txt', { fd: 99 }), Errno.badf);
  const dir = guest.open('dir', { oflags: DIRECTORY });
  assert.equal(guest.openErrno('b.txt', { fd: dir }), 0);
  assert.equal(guest.openErrno('../a.txt', { fd: dir }), Errno.perm);
  assert.equal(guest.openErrno('a.txt', { oflags: 16 }), Errno.inval);
  assert.equal(guest.openErrno('a.txt', { fdflags: 32 }), Errno.inval);
});

test('mounts show as directories with their names', () => {
  const folder = makeFiles({ a: 'a' });
  const mounts = ['/x', '/y/z'].map((destination) => ({ kind: 'directory', source: folder, destination }) as const);
  const guest = new TestGuest({ mounts });
  const names: string[] = [];
  for (let fd = ROOT; guest.call('fd_prestat_get', fd, RESULT) === 0; fd++) {
    const length = guest.u32(RESULT + 4);
    assert.equal(guest.call('fd_prestat_dir_name', fd, DATA, length - 1), Errno.nametoolong);
    assert.equal(guest.call('fd_prestat_dir_name', fd, DATA, length), 0);
    names.push(guest.dataText(length));
  }
  assert.deepEqual(names, ['/x', '/y/z']);
  assert.equal(guest.call('fd_prestat_get', 0, RESULT), Errno.badf);
});

/** All names, read through a buffer of `size` bytes, following cookies as libraries do. */
function list(guest: TestGuest, fd: number, size: number): string[] {
  const names: string[] = [];
  for (let cookie = 0n; ; ) {
    assert.equal(guest.call('fd_readdir', fd, DATA, size, cookie, RESULT), 0);
    const used = guest.u32();
    let at = 0;
    for (; at + 24 <= used; ) {
      const length = guest.u32(DATA + at + 16);
      if (at + 24 + length > used) break;
      names.push(Buffer.from(guest.bytes.subarray(DATA + at + 24, DATA + at + 24 + length)).toString());
      cookie = guest.u64(DATA + at);
      at += 24 + length;
    }
    if (used < size) return names;
    assert.ok(at > 0, 'the buffer holds one entry at least');
  }
}

test('directories are listed whole through buffers of any size', () => {
  const names = Array.from({ length: 300 }, (_, index) => `file-${'x'.repeat(index % 40)}${index}`);
  const guest = TestGuest.of(makeFiles(Object.fromEntries(names.map((name) => [name, '']))));
  const all = ['.', '..', ...names].sort();
  for (const size of [80, 100, 1000, 100_000]) assert.deepEqual(list(guest, ROOT, size).sort(), all, `${size}`);
});

test('cookies go back, forth and nowhere', () => {
  const guest = TestGuest.of(makeFiles({ a: '', b: '', c: '' }));
  const names = list(guest, ROOT, 1000);
  const from = (cookie: bigint) => {
    assert.equal(guest.call('fd_readdir', ROOT, DATA, 1000, cookie, RESULT), 0);
    const length = guest.u32() === 0 ? 0 : guest.u32(DATA + 16);
    return Buffer.from(guest.bytes.subarray(DATA + 24, DATA + 24 + length)).toString();
  };
  assert.equal(from(4n), names[4]);
  assert.equal(from(2n), names[2]);
  assert.equal(from(3n), names[3]);
  assert.equal(from(1n), '..');
  for (const cookie of [5n, 6n, 1_000_000n, 0xffff_ffff_ffff_ffffn]) assert.equal(from(cookie), '');
  assert.equal(from(0n), '.');
  assert.equal(guest.call('fd_readdir', ROOT, DATA, 0, 0n, RESULT), 0);
  assert.equal(guest.u32(), 0);
});

test('a listing is one more open file, and closing the directory closes it', () => {
  const guest = TestGuest.of(makeFiles({ dir: { a: '' } }));
  const dir = guest.open('dir', { oflags: DIRECTORY });
  const before = guest.state.openFiles;
  list(guest, dir, 100);
  assert.equal(guest.state.openFiles, before + 1);
  assert.equal(guest.call('fd_close', dir), 0);
  assert.equal(guest.state.openFiles, before - 1);
});
