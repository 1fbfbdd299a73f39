// A file of the cache appears whole or not at all, readable for its owner alone.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeAtomically } from './write-atomically.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'mayfly-atomic-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('all parts in their order, for this user alone, in the place of what was there', async (t) => {
  const path = join(folder(t), 'file');
  await writeAtomically(path, [Buffer.from('old and longer')]);
  await writeAtomically(path, [Buffer.from('a'), Buffer.from('bc'), Buffer.alloc(0), Buffer.from('d')]);
  assert.equal(readFileSync(path, 'utf8'), 'abcd');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(path, '..')), ['file']);
});

test('when it fails, nothing is left behind and the error says why', async (t) => {
  const parent = folder(t);
  const path = join(parent, 'file');
  mkdirSync(join(path, 'below'), { recursive: true });
  await assert.rejects(writeAtomically(path, [Buffer.from('a')]), { syscall: 'rename' });
  assert.deepEqual(readdirSync(parent), ['file']);
  await assert.rejects(writeAtomically(path, ['no bytes'.length as unknown as Uint8Array]), TypeError);
  assert.deepEqual(readdirSync(parent), ['file']);
  await assert.rejects(writeAtomically(join(parent, 'none', 'file'), []), { code: 'ENOENT' });
});

test('of several writers one wins as a whole', async (t) => {
  const path = join(folder(t), 'file');
  const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(10_000));
  await Promise.all(texts.map((text) => writeAtomically(path, [Buffer.from(text)])));
  assert.ok(texts.includes(readFileSync(path, 'utf8')));
  assert.deepEqual(readdirSync(join(path, '..')), ['file']);
});

test('what is being written has a name that those who clean up know', async (t) => {
  const parent = folder(t);
  const seen: string[] = [];
  const parts = {
    *[Symbol.iterator]() {
      seen.push(...readdirSync(parent));
      yield Buffer.from('a');
    },
  };
  await writeAtomically(join(parent, 'file'), parts as unknown as Uint8Array[]);
  assert.equal(seen.length, 1);
  assert.match(seen[0] ?? '', /^file\.[0-9a-f]{16}\.tmp$/);
});
