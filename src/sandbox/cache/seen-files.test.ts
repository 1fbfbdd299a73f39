// When a file is read again: whenever it may have changed. The clock is the test's.
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from './cache-key.ts';
import { type SeenFile, seenDigest } from './seen-files.ts';

interface Bench {
  readonly file: string;
  readonly notes: string;
  reads: number;
  /** Seconds that have passed since the files were written. */
  laterBy: number;
  /** Runs while the file is being read. */
  whileReading: () => void;
  see(file?: string): SeenFile;
  noteNames(): string[];
}

function bench(t: TestContext): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-seen-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const notes = join(folder, 'notes');
  mkdirSync(notes);
  const file = join(folder, 'app.wasm');
  writeFileSync(file, 'one');
  const made: Bench = {
    file,
    notes,
    reads: 0,
    laterBy: 10,
    whileReading: () => undefined,
    see: (path = file) =>
      seenDigest(notes, path, {
        now: () => Date.now() + made.laterBy * 1000,
        read: (one) => {
          made.reads++;
          const bytes = readFileSync(one);
          made.whileReading();
          return digestOf(bytes);
        },
      }),
    noteNames: () => readdirSync(notes),
  };
  return made;
}

test('a file that has not changed is read once', async (t) => {
  const one = bench(t);
  const first = one.see();
  assert.equal(first.digest, digestOf(Buffer.from('one')));
  await first.remember?.();
  const second = one.see();
  assert.deepEqual([second.digest, second.remember, one.reads], [first.digest, undefined, 1]);
  assert.equal(one.noteNames().length, 1);
  assert.match(one.noteNames()[0] ?? '', /^[0-9a-f]{64}\.seen$/);
});

test('until it is remembered, it is read each time', (t) => {
  const one = bench(t);
  one.see();
  one.see();
  assert.equal(one.reads, 2);
});

test('a file that has changed is read again, though its size and time of writing are the same', async (t) => {
  const one = bench(t);
  const time = new Date(1_000_000);
  utimesSync(one.file, time, time);
  await one.see().remember?.();
  await sleep(20);
  writeFileSync(one.file, 'two');
  utimesSync(one.file, time, time);
  assert.equal(one.see().digest, digestOf(Buffer.from('two')));
  assert.equal(one.reads, 2);
});

test('another file that took its place is read, and so is the same file under another name', async (t) => {
  const one = bench(t);
  await one.see().remember?.();
  const other = `${one.file}.new`;
  writeFileSync(other, 'two');
  assert.equal(one.see(other).digest, digestOf(Buffer.from('two')));
  renameSync(other, one.file);
  assert.equal(one.see().digest, digestOf(Buffer.from('two')));
  assert.equal(one.reads, 3);
});

test('a file that has just been written is not remembered', (t) => {
  const one = bench(t);
  one.laterBy = 1;
  assert.equal(one.see().remember, undefined);
  one.laterBy = 1.5;
  assert.equal(one.see().remember, undefined);
  one.laterBy = 2.5;
  assert.notEqual(one.see().remember, undefined);
});

test('two seconds after its last change a file has settled, and not before', (t) => {
  const { file, notes } = bench(t);
  const changed = Number(statSync(file, { bigint: true }).ctimeNs / 1_000_000n);
  const remembered = (now: number): boolean =>
    seenDigest(notes, file, { now: () => now, read: () => 'x' }).remember !== undefined;
  assert.deepEqual([remembered(changed + 2000), remembered(changed + 2001)], [false, true]);
});

test('a file that changes while it is read is not remembered', (t) => {
  const one = bench(t);
  one.whileReading = () => writeFileSync(one.file, 'longer');
  const seen = one.see();
  assert.equal(seen.remember, undefined);
  assert.equal(seen.digest, digestOf(Buffer.from('one')));
});

test('a note that is damaged is as good as none', async (t) => {
  const one = bench(t);
  await one.see().remember?.();
  const note = join(one.notes, one.noteNames()[0] ?? '');
  const good = JSON.parse(readFileSync(note, 'utf8')) as { state: string; digest: string };
  const damaged = [
    '',
    '{',
    'null',
    JSON.stringify({ state: good.state }),
    JSON.stringify({ digest: good.digest }),
    JSON.stringify({ state: good.state, digest: 'abc' }),
    JSON.stringify({ state: good.state, digest: 7 }),
    JSON.stringify({ state: 7, digest: good.digest }),
    JSON.stringify({ state: good.state, digest: `${good.digest}0` }),
    JSON.stringify({ state: 'other', digest: good.digest }),
  ];
  for (const text of damaged) {
    writeFileSync(note, text);
    const seen = one.see();
    assert.equal(seen.digest, good.digest, text);
    assert.notEqual(seen.remember, undefined, text);
  }
  assert.equal(one.reads, 1 + damaged.length);
});

test('a note that is used counts as new, for those that look for the oldest', async (t) => {
  const one = bench(t);
  await one.see().remember?.();
  const note = join(one.notes, one.noteNames()[0] ?? '');
  const past = new Date(1_000_000);
  utimesSync(note, past, past);
  one.see();
  for (let tries = 0; statSync(note).mtimeMs < 2_000_000; tries++) {
    assert.ok(tries < 200, 'waited in vain for the time of the note');
    await sleep(10);
  }
});

test('a folder that is missing costs a read, and a file that is missing is an error', (t) => {
  const one = bench(t);
  rmSync(one.notes, { recursive: true });
  assert.equal(one.see().digest, digestOf(Buffer.from('one')));
  assert.throws(() => one.see(`${one.file}.none`), { code: 'ENOENT' });
});
