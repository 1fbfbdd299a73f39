// The folder of recordings: files of the user alone, no more than may be, and a disk that fails costs only recordings.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { testLog } from '../telemetry/log.test-kit.ts';
import type { Lines } from './recorded-request.ts';
import { RecordingsFolder } from './recordings-folder.ts';

const lines = (): Lines => [{ steps: 1 }];

async function folderFor(t: { after(work: () => void): void }, mostFiles = 100, mostBytes = 1e6) {
  const folder = join(mkdtempSync(join(tmpdir(), 'mayfly-recordings-')), 'new', 'folder');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const log = testLog();
  return { folder, log, recordings: await RecordingsFolder.open({ folder, mostFiles, mostBytes, log: log.log }) };
}

test('a file for each request, with its id, that nobody else may read', async (t) => {
  const { folder, recordings } = await folderFor(t);
  recordings.write('a/../b c', lines);
  recordings.write('other', lines);
  await recordings.close();
  const names = readdirSync(folder);
  assert.equal(names.length, 2);
  assert.match(names[0] ?? '', /^\d{8}T\d{9}Z-\d+-000001-a_.._b_c\.jsonl$/);
  assert.equal(statSync(join(folder, names[0] ?? '')).mode & 0o777, 0o600);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('the oldest go when there are too many, or too many bytes, and what else is there stays', async (t) => {
  for (const [mostFiles, mostBytes] of [
    [2, 1e6],
    [100, 2 * 12],
  ]) {
    const { folder, recordings } = await folderFor(t, mostFiles, mostBytes);
    writeFileSync(join(folder, '0.jsonl'), 'of somebody else');
    for (let number = 0; number < 5; number++) recordings.write(`r${number}`, lines);
    await recordings.close();
    const ids = readdirSync(folder).map((name) => name.replace(/^.*-/, ''));
    assert.deepEqual(ids.sort(), ['0.jsonl', 'r3.jsonl', 'r4.jsonl']);
  }
});

test('what another process has left is counted', async (t) => {
  const { folder, log, recordings } = await folderFor(t, 2);
  for (let number = 0; number < 2; number++) recordings.write(`old${number}`, lines);
  await recordings.close();
  const next = await RecordingsFolder.open({ folder, mostFiles: 2, mostBytes: 1e6, log: log.log });
  next.write('new', lines);
  await next.close();
  const ids = readdirSync(folder).map((name) => name.replace(/^.*-/, ''));
  assert.deepEqual(ids, ['old1.jsonl', 'new.jsonl']);
});

test('a folder that goes away is told once, until it is there again', async (t) => {
  const { folder, log, recordings } = await folderFor(t);
  const failures = (): number => log.lines.filter(({ fields }) => fields.event === 'recording-failed').length;
  rmSync(folder, { recursive: true });
  recordings.write('a', lines);
  recordings.write('b', lines);
  await recordings.close();
  assert.equal(failures(), 1);
  mkdirSync(folder);
  recordings.write('c', lines);
  await recordings.close();
  assert.equal(readdirSync(folder).length, 1);
  rmSync(folder, { recursive: true });
  recordings.write('d', lines);
  await recordings.close();
  assert.equal(failures(), 2);
});

test('a reason why requests have no recording is told once', async (t) => {
  const { log, recordings } = await folderFor(t);
  recordings.notKept('too large');
  recordings.notKept('too large');
  recordings.write('a', () => {
    throw new Error('no');
  });
  await recordings.close();
  const told = log.lines
    .filter(({ fields }) => fields.event === 'recording-dropped')
    .map(({ fields }) => fields.reason);
  assert.deepEqual(told, ['too large', 'it cannot be written: no']);
});

test('a folder that cannot be made is an error', async (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'mayfly-recordings-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const file = join(parent, 'file');
  writeFileSync(file, '');
  chmodSync(file, 0o400);
  const options = { folder: join(file, 'below'), mostFiles: 1, mostBytes: 1, log: testLog().log };
  await assert.rejects(RecordingsFolder.open(options), { code: 'recordings-folder' });
  assert.ok(existsSync(file));
});
