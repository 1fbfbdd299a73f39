// A watcher tells of what changed under its patterns, once it is quiet, and of nothing else.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { within } from '../../triggers/http/wait.test-kit.ts';
import { changesBetween, takeSnapshot } from './snapshot.ts';
import type { WatchList } from './watched.ts';
import { Watcher, type WatcherOptions } from './watcher.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-watcher-'));
after(() => rmSync(base, { recursive: true }));
const timeout = 10_000;

/** A folder with a manifest, a source and an artifact, and the list that names them. */
function project(): { folder: string; list: WatchList; write: (path: string, text: string) => void } {
  const folder = mkdtempSync(join(base, 'app-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('spin.toml', '');
  write('src/a.ts', 'a');
  write('out/a.wasm', 'a');
  const list: WatchList = {
    sources: [
      { folder, pattern: 'src/**/*.ts' },
      { folder, pattern: 'package.json' },
      { folder, pattern: 'all/**/*' },
    ],
    artifacts: [
      { folder, pattern: 'out/a.wasm' },
      { folder, pattern: 'assets' },
    ],
    manifest: join(folder, 'spin.toml'),
  };
  return { folder, list, write };
}

test('a snapshot tells sources, artifacts and the manifest apart', () => {
  const { folder, list, write } = project();
  let before = takeSnapshot(list);
  const changed = (): string => {
    const now = takeSnapshot(list, before);
    const changes = [...changesBetween(before, now)].join(' ');
    before = now;
    return changes;
  };
  assert.equal(changed(), '');
  write('src/deep/b.ts', 'b');
  assert.equal(changed(), 'sources', 'a file came in a new folder');
  write('src/a.ts', 'a');
  utimesSync(join(folder, 'src/a.ts'), 1, 1);
  assert.equal(changed(), '', 'a source was written again as it was');
  write('src/a.js', 'other');
  write('src/.a.ts.swp', 'vim');
  write('all/node_modules/x/y.ts', 'a package');
  write('all/.git/index', 'git');
  assert.equal(changed(), '', 'what no pattern names, and what is left out');
  write('package.json', '{}');
  assert.equal(changed(), 'sources', 'a file of no folder of its own');
  write('assets/x/y.html', '<p>');
  assert.equal(changed(), 'artifacts', 'a file in a folder that is mounted');
  write('spin.toml', '# changed');
  write('out/a.wasm', 'ab');
  assert.equal(changed(), 'artifacts manifest');
  rmSync(join(folder, 'src'), { recursive: true });
  assert.equal(changed(), 'sources');
});

test('what a build writes is no source, also where a pattern says everything', () => {
  const { folder, list, write } = project();
  const all = { ...list, sources: [{ folder, pattern: '**/*' }] };
  const before = takeSnapshot(all);
  write('out/a.wasm', 'other');
  write('.mayfly/build.json', '{}');
  assert.deepEqual([...changesBetween(before, takeSnapshot(all, before))], ['artifacts']);
});

function watching(
  list: WatchList,
  options: Partial<WatcherOptions> = {},
): { watcher: Watcher; next(): Promise<string> } {
  const watcher = new Watcher(list, { debounceMs: 20, ...options });
  after(() => watcher.close());
  return { watcher, next: async () => [...(await within(watcher.changed(), 'a change'))].sort().join(' ') };
}

for (const poll of [false, true]) {
  test(`changes are told ${poll ? 'without' : 'with'} the help of the system`, { timeout }, async () => {
    const { folder, list, write } = project();
    const { watcher, next } = watching(list, { poll });
    write('src/a.ts', 'changed');
    assert.equal(await next(), 'sources');
    const seen = watcher.sees('sources');
    write('src/new/er/b.ts', 'in folders that nobody watched');
    await within(seen, 'the change is seen');
    assert.equal(await next(), 'sources');
    write('out/.tmp', 'new');
    renameSync(join(folder, 'out/.tmp'), join(folder, 'out/a.wasm'));
    assert.equal(await next(), 'artifacts', 'a file that took the place of another');
    rmSync(join(folder, 'out'), { recursive: true });
    assert.equal(await next(), 'artifacts');
    write('out/a.wasm', 'back');
    assert.equal(await next(), 'artifacts', 'in a folder that had gone');
    watcher.close();
    assert.equal(await next(), '');
  });
}

test('another list takes the place of the first', { timeout }, async () => {
  const { folder, list, write } = project();
  const { watcher, next } = watching(list);
  watcher.list = { ...list, sources: [{ folder, pattern: 'lib/*' }], artifacts: [] };
  write('src/a.ts', 'not watched any more');
  write('out/a.wasm', 'nor this');
  write('lib/a.ts', 'new');
  assert.equal(await next(), 'sources');
});

test('a change between two looks is told when the list is followed', { timeout }, async () => {
  const { folder, list, write } = project();
  const { watcher, next } = watching(list);
  // The system's notice comes later than this: only the comparison can tell.
  write('src/a.ts', 'changed at the last moment');
  watcher.follow({ ...list, sources: [...list.sources, { folder, pattern: 'lib/*' }] });
  assert.equal(await next(), 'sources');
});

test('a file that appears between two looks is told when the list is followed', { timeout }, async () => {
  const { list, write } = project();
  const { watcher, next } = watching(list);
  write('src/new.ts', 'made while the app was loaded');
  watcher.follow({ ...list });
  assert.equal(await next(), 'sources');
});
