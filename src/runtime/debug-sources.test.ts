// Where debuggers find a source: in the folder of the app, of the component, or where Mayfly was started.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { debugSources } from './debug-sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-debug-sources-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'build'));
writeFileSync(join(folder, 'here.c'), 'one');
writeFileSync(join(folder, 'build', 'there.c'), 'two');
writeFileSync(join(folder, 'large.c'), 'x'.repeat(2 ** 20 + 1));

test('files that are there have a URL, and their text up to a size', () => {
  const { find } = debugSources(join(folder, 'build', 'app.wasm'), folder);
  const url = (...parts: string[]): string => pathToFileURL(join(folder, ...parts)).href;
  assert.deepEqual(find('here.c'), { url: url('here.c'), text: 'one' });
  assert.deepEqual(find(join(folder, 'here.c')), { url: url('here.c'), text: 'one' });
  assert.deepEqual(find('there.c'), { url: url('build', 'there.c'), text: 'two' });
  assert.deepEqual(find('large.c'), { url: url('large.c'), text: undefined });
  assert.equal(find('package.json').url, pathToFileURL(join(process.cwd(), 'package.json')).href);
});

test('what is not there keeps its name', () => {
  const { find } = debugSources(join(folder, 'app.wasm'), folder);
  for (const path of ['none.c', '/rustc/abc/library/core/src/lib.rs', 'webpack://a/b.ts', 'build']) {
    assert.deepEqual(find(path), { url: path, text: undefined });
  }
});
