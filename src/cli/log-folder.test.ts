// Files of what components print: they are begun anew by size, the old ones are kept by count, and a full disk or a file
// that somebody moved away keeps nobody from anything.
import assert from 'node:assert/strict';
import fs, { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { type LogRotation, openLogFolder } from './log-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-log-folder-'));
after(() => rmSync(folder, { recursive: true }));

let made = 0;
function open(rotation?: LogRotation) {
  const directory = join(folder, String(made++));
  const told: string[] = [];
  const files = openLogFolder(directory, (reason) => told.push(reason), { rotation, isDefault: true });
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  return { directory, files, told, read };
}

test('a file is begun anew before it gets too long, and as many old ones are kept as wanted', () => {
  const { directory, files, told, read } = open({ bytes: 10, files: 2 });
  assert.equal(existsSync(directory), false, 'nothing is made before there is a line');
  for (const line of ['one 1\n', 'two\n', 'three\n', 'four\n', 'five\n', 'a line that is longer\n', 'six\n']) {
    files.append('a', line);
  }
  assert.deepEqual(readdirSync(directory).sort(), ['a', 'a.1', 'a.2']);
  assert.deepEqual([read('a'), read('a.1'), read('a.2')], ['six\n', 'a line that is longer\n', 'four\nfive\n']);
  assert.deepEqual(told, []);
});

test('what was there before is gone on with, and counted', () => {
  const { directory, files, read } = open({ bytes: 10, files: 1 });
  files.append('a', '12345678\n');
  const next = openLogFolder(directory, assert.fail, { rotation: { bytes: 10, files: 1 } });
  next.append('a', 'x\n');
  assert.deepEqual([read('a'), read('a.1')], ['x\n', '12345678\n']);
});

test('without files that are kept the old lines go', () => {
  const { directory, files, read } = open({ bytes: 4, files: 0 });
  for (const line of ['one\n', 'two\n']) files.append('a', line);
  assert.deepEqual([readdirSync(directory), read('a')], [['a'], 'two\n']);
});

test('two processes that write one file begin it anew once', () => {
  const { directory, files, read } = open({ bytes: 10, files: 3 });
  const other = openLogFolder(directory, assert.fail, { rotation: { bytes: 10, files: 3 } });
  files.append('a', '1234567\n');
  other.append('a', 'x\n');
  files.append('a', 'first\n');
  other.append('a', 'y\n');
  assert.deepEqual(readdirSync(directory).sort(), ['a', 'a.1']);
  assert.deepEqual([read('a'), read('a.1')], ['first\ny\n', '1234567\nx\n']);
});

test('a file that was moved away is begun anew', (t) => {
  const { directory, files, read } = open();
  let now = performance.now();
  t.mock.method(performance, 'now', () => now);
  files.append('a', 'one\n');
  renameSync(join(directory, 'a'), join(directory, 'old'));
  now += 1001;
  files.append('a', 'two\n');
  assert.deepEqual([read('old'), read('a')], ['one\n', 'two\n']);
});

test('a full disk is told once, and lines go on when there is room again', (t: TestContext) => {
  const { files, told, read } = open();
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  files.append('a', 'one\n');
  let room = 3;
  const write = fs.writeSync as (fd: number, bytes: Uint8Array) => number;
  const full = t.mock.method(fs, 'writeSync', (fd: number, bytes: Uint8Array) => {
    if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const taken = bytes.subarray(0, room);
    room -= taken.length;
    return write(fd, taken);
  });
  for (let count = 0; count < 5; count++) files.append('a', 'cut off\n');
  assert.equal(told.length, 1);
  full.mock.restore();
  files.append('a', 'two\n');
  assert.equal(read('a'), 'one\ncut\ntwo\n');
  now += 60_001;
  const again = t.mock.method(fs, 'writeSync', () => {
    throw new Error('ENOSPC');
  });
  files.append('a', 'lost\n');
  again.mock.restore();
  assert.match(told[1] ?? '', /Cannot write a in .*: ENOSPC/);
});

test('a folder that was asked for is made at once, and one that was not is no link', () => {
  const asked = join(folder, 'asked', 'for');
  openLogFolder(asked, assert.fail);
  assert.equal(existsSync(asked), true);
  const link = join(folder, 'link');
  fs.symlinkSync(asked, link);
  const told: string[] = [];
  openLogFolder(link, (reason) => told.push(reason), { isDefault: true }).append('a', 'x');
  assert.match(told.join(), /Cannot write a in/);
  assert.deepEqual(readdirSync(asked), []);
});
