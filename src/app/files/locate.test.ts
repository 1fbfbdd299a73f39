// Where a path of the manifest leads, link by link, and who may have put there what it leads to.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findFiles, walkFiles } from './glob.ts';
import { isBelow, isWithin, locate } from './locate.ts';
import { sharedFolders, writtenBy } from './shared-folders.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'mayfly-locate-')));
after(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, 'd/e'), { recursive: true });
writeFileSync(join(root, 'd/file'), '');
mkdirSync(join(root, 'rw'));
writeFileSync(join(root, 'rw/file'), '');

test('a folder holds itself and what is below it, not its neighbours whose names go on', () => {
  for (const [folder, path, within, below] of [
    ['/a', '/a', true, false],
    ['/a', '/a/b', true, true],
    ['/a', '/ab', false, false],
    ['/a', '/', false, false],
    ['/', '/', true, false],
    ['/', '/a', true, true],
    ['/a/', '/a/b', true, true],
  ] as const) {
    assert.deepEqual([isWithin(folder, path), isBelow(folder, path)], [within, below], `${folder} ${path}`);
  }
});

test('what a path leads to', () => {
  const found = (path: string, shared: readonly string[] = []) => {
    const { path: place, kind, shared: isShared } = locate(root, path, shared);
    return [place.slice(root.length), kind, isShared];
  };
  symlinkSync('d/e', join(root, 'in'));
  symlinkSync(join(root, 'd'), join(root, 'absolute'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  assert.deepEqual(found(''), ['', 'directory', false]);
  assert.deepEqual(found('.//d/./file'), ['/d/file', 'file', false]);
  assert.deepEqual(found('pipe'), ['/pipe', 'other', false]);
  assert.deepEqual(found('d/../d/e/..'), ['/d', 'directory', false]);
  assert.deepEqual(found('in'), ['/d/e', 'directory', false]);
  assert.deepEqual(found('in/../file'), ['/d/file', 'file', false]);
  assert.deepEqual(found('absolute/file'), ['/d/file', 'file', false]);
  assert.deepEqual(found('gone'), ['', undefined, false]);
  assert.deepEqual(found('d/gone/below'), ['/d', undefined, false]);
  assert.deepEqual(found('d/file/below'), ['/d/file', undefined, false]);
  assert.deepEqual(found(`d/${'x'.repeat(300)}`), ['/d', undefined, false]);
});

test('what lies in a folder that a component may write is shared, the folder itself is not', () => {
  const rw = join(root, 'rw');
  symlinkSync('../d', join(rw, 'link'));
  const shared = (path: string) => {
    const { kind, shared } = locate(root, path, [rw]);
    return [kind, shared];
  };
  assert.deepEqual(shared('rw'), ['directory', false]);
  assert.deepEqual(shared('rw/file'), ['file', true]);
  assert.deepEqual(shared('rw/gone'), [undefined, true]);
  assert.deepEqual(shared('rw/link'), [undefined, true]);
  assert.deepEqual(shared('rw/link/file'), [undefined, true]);
  assert.deepEqual(shared('d/file'), ['file', false]);
  assert.deepEqual(shared('rw/../d'), ['directory', false]);
  assert.equal(locate(rw, '', [rw]).shared, false);
  assert.equal(locate(join(root, 'd'), '', [root]).shared, false, 'where one starts is the operator’s');
});

test('40 links are followed, and no more', () => {
  symlinkSync('d/file', join(root, 'link1'));
  for (let i = 2; i <= 41; i++) symlinkSync(`link${i - 1}`, join(root, `link${i}`));
  assert.equal(locate(root, 'link40', []).kind, 'file');
  assert.equal(locate(root, 'link41', []).kind, undefined);
  symlinkSync('circle', join(root, 'circle'));
  assert.equal(locate(root, 'circle', []).kind, undefined);
});

test('a path of 10,000 steps is followed, and no longer one', () => {
  const path = (steps: number): string => `${'d/../'.repeat(steps / 2)}d`;
  assert.equal(locate(root, path(10_000), []).kind, 'directory');
  assert.equal(locate(root, path(10_002), []).kind, undefined);
  assert.equal(locate(root, `${'.//'.repeat(20_000)}d`, []).kind, 'directory', 'what goes nowhere is no step');
});

test('who may write a file is found by where it lies and by where it leads', () => {
  const mount = (source: string) => ({ kind: 'directory', source: join(root, source), destination: '/x' }) as const;
  symlinkSync('../d/file', join(root, 'rw/to-d'));
  symlinkSync('rw/file', join(root, 'to-rw'));
  const written = (file: string) => writtenBy([mount('none'), mount('rw')], [join(root, 'd/file'), join(root, file)]);
  assert.equal(written('rw/file'), join(root, 'rw/file'));
  assert.equal(written('rw/to-d'), join(root, 'rw/to-d'));
  assert.equal(written('to-rw'), join(root, 'to-rw'));
  assert.equal(written('rw/gone'), join(root, 'rw/gone'));
  assert.equal(written('d/e'), undefined);
  assert.equal(written('rwx'), undefined);
  assert.equal(writtenBy([], [join(root, 'rw/file')]), undefined);
});

test('folders that are written: those of mounts that are folders, each once', () => {
  const found = sharedFolders(() => [
    { kind: 'directory', source: '/a', destination: '/x' },
    { kind: 'file', source: '/b', destination: '/y' },
    { kind: 'directory', source: '/a', destination: '/z' },
  ]);
  assert.deepEqual(found, ['/a']);
  assert.deepEqual(
    sharedFolders(() => []),
    [],
  );
});

test('a walk leaves no folder open', { skip: process.platform !== 'linux' }, () => {
  const open = (): number => readdirSync('/proc/self/fd').length;
  findFiles(root, '**/*');
  const before = open();
  for (let i = 0; i < 20; i++) findFiles(root, '**/*');
  for (let i = 0; i < 20; i++) walkFiles(root, '**/*', { bounds: { entries: 1, files: 1 } });
  assert.ok(open() <= before + 2, `${before} open before, ${open()} after`);
});

test('a walk ends at its bounds: as many entries and files as they say, and no more', () => {
  const folder = join(root, 'many');
  mkdirSync(folder);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), '');
  const walk = (entries: number, files: number) => {
    const { files: found, complete } = walkFiles(folder, '*', { bounds: { entries, files } });
    return [found.length, complete];
  };
  assert.deepEqual(walk(3, 3), [3, true]);
  assert.deepEqual(walk(2, 3), [2, false]);
  assert.deepEqual(walk(3, 2), [2, false]);
});

test('pipes and links to nowhere are no files that a pattern finds', () => {
  const folder = join(root, 'odd');
  mkdirSync(folder);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  symlinkSync('gone', join(folder, 'dangling'));
  symlinkSync('pipe', join(folder, 'to-pipe'));
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('file', join(folder, 'to-file'));
  assert.deepEqual(findFiles(folder, '*'), ['file', 'to-file']);
  assert.deepEqual(findFiles(folder, 'pipe'), []);
  assert.deepEqual(walkFiles(folder, '*', { follows: () => false }).files, ['file']);
});

test('a backslash is a part of a name where the system has it so', { skip: process.platform === 'win32' }, () => {
  writeFileSync(join(root, 'a\\b'), '');
  assert.deepEqual(locate(root, 'a\\b', []).kind, 'file');
});
