// Folders of pulled apps: there as a whole or not at all, whoever makes them at once; a damaged one is made anew, and what was
// not used for the longest time goes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { findWhole, makeFolder } from './app-folders.ts';

const root = mkdtempSync(join(tmpdir(), 'mayfly-folders-'));
after(() => rmSync(root, { recursive: true }));

const placing =
  (text: string, ms = 0) =>
  async (folder: string): Promise<ReadonlyMap<string, string>> => {
    writeFileSync(join(folder, 'spin.toml'), text);
    await delay(ms);
    return new Map([['spin.toml', `sha256:${createHash('sha256').update(text).digest('hex')}`]]);
  };

function place(name: string): string {
  return join(mkdtempSync(join(root, 'apps-')), name);
}

test('several at once make one folder', async () => {
  const folder = place('app');
  const all = await Promise.all([5, 1, 3].map((ms) => makeFolder(folder, 'image', placing('same', ms))));
  for (const one of all) assert.deepEqual(one, { kind: 'image', path: join(folder, 'spin.toml') });
  assert.deepEqual(readdirSync(join(folder, '..')), ['app']);
});

test('a damaged folder is none, and is made anew', async () => {
  const folder = place('app');
  await makeFolder(folder, 'application', placing('good'));
  writeFileSync(join(folder, 'spin.toml'), 'bad');
  assert.equal(await findWhole(folder), undefined);
  await makeFolder(folder, 'application', placing('good'));
  assert.equal(readFileSync((await findWhole(folder))?.path ?? '', 'utf8'), 'good');
  writeFileSync(join(folder, 'contents.json'), '{"kind":"other"}');
  assert.equal(await findWhole(folder), undefined);
});

test('what fails leaves nothing', async () => {
  const folder = place('app');
  await assert.rejects(
    makeFolder(folder, 'component', () => Promise.reject(new Error('no'))),
    /^Error: no$/,
  );
  assert.deepEqual(readdirSync(join(folder, '..')), []);
});

test('beyond the bound that which was not used for the longest time goes, and nothing that was used just now', async () => {
  const folder = place('');
  const make = (name: string): ReturnType<typeof makeFolder> =>
    makeFolder(join(folder, name), 'application', placing('x'.repeat(1000)), 2500);
  for (const [index, name] of ['one', 'two'].entries()) {
    await make(name);
    const before = Date.now() / 1000 - 7200 + index;
    utimesSync(join(folder, name), before, before);
  }
  await make('three');
  assert.deepEqual(readdirSync(folder).sort(), ['three', 'two']);
  await make('four');
  assert.deepEqual(readdirSync(folder).sort(), ['four', 'three']);
  await make('five');
  assert.deepEqual(readdirSync(folder).sort(), ['five', 'four', 'three']);
});
