// Times of files are set to the nanosecond, of a link or of what it leads to.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { follow, guestOf, noFollow } from './files.test-kit.ts';

const noChange = { tag: 'no-change' };
const at = (seconds: bigint, nanoseconds: number) => ({ tag: 'timestamp', val: { seconds, nanoseconds } });
/** Where the system gives node:ffi the exact call; elsewhere times are whole microseconds or coarser. */
const exact = process.platform === 'linux' && process.getBuiltinModule('node:ffi') !== undefined;

test('times of files are set to the nanosecond, each by itself', { skip: !exact && 'needs node:ffi' }, () => {
  const { guest, root, folder } = guestOf({ 'a.txt': 'a', dir: {} }, true);
  const file = guest.open(root, 'a.txt');
  const times = (name: string) => {
    const { atimeNs, mtimeNs } = fs.lstatSync(path.join(folder, name), { bigint: true });
    return [atimeNs, mtimeNs];
  };
  guest.get('set-times', file, at(1_000_000_000n, 1), at(1_700_000_000n, 123_456_789));
  assert.deepEqual(times('a.txt'), [1_000_000_000_000_000_001n, 1_700_000_000_123_456_789n]);
  guest.get('set-times', file, noChange, at(1n, 999_999_999));
  assert.deepEqual(times('a.txt'), [1_000_000_000_000_000_001n, 1_999_999_999n]);
  guest.get('set-times-at', root, follow, 'dir', at(5n, 7), at(6n, 8));
  assert.deepEqual(times('dir'), [5_000_000_007n, 6_000_000_008n]);
});

test('a link or what it leads to, as the guest wants', { skip: !exact && 'needs node:ffi' }, () => {
  const { guest, root, folder } = guestOf({ 'a.txt': 'a', link: '-> a.txt' }, true);
  const mtime = (name: string) => fs.lstatSync(path.join(folder, name), { bigint: true }).mtimeNs;
  guest.get('set-times-at', root, noFollow, 'link', noChange, at(3n, 3));
  assert.equal(mtime('link'), 3_000_000_003n);
  assert.notEqual(mtime('a.txt'), 3_000_000_003n);
  guest.get('set-times-at', root, follow, 'link', noChange, at(4n, 4));
  assert.equal(mtime('a.txt'), 4_000_000_004n);
  assert.equal(mtime('link'), 3_000_000_003n);
});

test('times that no file can have are refused before anything is set', () => {
  const { guest, root } = guestOf({ 'a.txt': 'a' }, true);
  const file = guest.open(root, 'a.txt');
  assert.equal(guest.code('set-times', file, at(1n, 1_000_000_000), noChange), 'invalid');
  assert.equal(guest.code('set-times', file, noChange, at(0xffff_ffff_ffff_ffffn, 0)), 'overflow');
  const readOnly = guestOf({ 'a.txt': 'a' }, false);
  const other = readOnly.guest.open(readOnly.root, 'a.txt');
  assert.equal(readOnly.guest.code('set-times', other, at(1n, 0), noChange), 'read-only');
});

test('a link to a directory is followed where a directory is wanted', () => {
  const { guest, root } = guestOf({ dir: { 'b.txt': 'b' }, link: '-> dir', file: 'x', other: '-> file' });
  const opened = guest.open(root, 'link', {}, { directory: true });
  assert.deepEqual(guest.list(opened), ['b.txt:regular-file']);
  assert.equal(guest.openCode(root, 'link', {}, { directory: true }, noFollow), 'not-directory');
  assert.equal(guest.openCode(root, 'other', {}, { directory: true }), 'not-directory');
});
