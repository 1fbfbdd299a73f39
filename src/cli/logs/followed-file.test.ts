// The last lines of a file, and what comes later: by pieces, after a rotation, after it was emptied.
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FollowedFile } from './followed-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-followed-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const newPath = (): string => join(folder, `${files++}.txt`);

function following(text: string) {
  const path = newPath();
  writeFileSync(path, text);
  return { path, file: new FollowedFile(path) };
}

test('the last lines, as many as are asked for', () => {
  assert.deepEqual(following('a\nb\nc\n').file.last(2), ['b', 'c']);
  assert.deepEqual(following('a\nb\n').file.last(9), ['a', 'b']);
  assert.deepEqual(following('a\n').file.last(0), []);
  assert.deepEqual(following('').file.last(9), []);
  const many = Array.from({ length: 300_000 }, (_, index) => `line ${index}`);
  assert.deepEqual(following(`${many.join('\n')}\n`).file.last(2), many.slice(-2));
  const all = following(`${many.join('\n')}\n`).file.last(300_000);
  assert.deepEqual(all, many.slice(-all.length), 'none is cut, and none left out');
});

test('lines come when they are whole, in characters that were not cut', () => {
  const { path, file } = following('a\nbegu');
  assert.deepEqual(file.last(9), ['a']);
  assert.deepEqual(file.more(), []);
  const bytes = Buffer.from('n ä\nnext\n');
  appendFileSync(path, bytes.subarray(0, 3));
  assert.deepEqual(file.more(), []);
  appendFileSync(path, bytes.subarray(3));
  assert.deepEqual(file.more(), ['begun ä', 'next']);
});

test('a file that is not there yet is waited for', () => {
  const path = newPath();
  const file = new FollowedFile(path);
  assert.deepEqual([file.last(9), file.more()], [[], []]);
  writeFileSync(path, 'a\n');
  assert.deepEqual(file.more(), ['a']);
});

test('a file that was moved away is read to its end, then the new one', () => {
  const { path, file } = following('a\n');
  file.last(9);
  appendFileSync(path, 'b\n');
  renameSync(path, `${path}.1`);
  assert.deepEqual(file.more(), ['b']);
  appendFileSync(`${path}.1`, 'c\n');
  writeFileSync(path, 'd\n');
  assert.deepEqual(file.more(), ['c', 'd']);
  appendFileSync(path, 'e\n');
  assert.deepEqual(file.more(), ['e']);
});

test('a file that was emptied begins anew', () => {
  const { path, file } = following('a long line\n');
  file.last(9);
  truncateSync(path);
  assert.deepEqual(file.more(), []);
  appendFileSync(path, 'b\n');
  assert.deepEqual(file.more(), ['b']);
});

test('a line without an end does not grow without bound', () => {
  const { file } = following('x'.repeat(1_000_000));
  const pieces = file.last(99);
  assert.ok(pieces.length > 1);
  assert.ok(pieces.every((piece) => piece.length <= 2 * 65_536));
});

test('a link that somebody put in its place is not followed', () => {
  const path = newPath();
  symlinkSync('/etc/hostname', path);
  assert.throws(() => new FollowedFile(path).last(9), { code: 'ELOOP' });
});
