// Mounts that overlap, within a component and between two: what one request, or one component, does to the folders that
// it may write leads no other anywhere else. The second request of each test is a sandbox of its own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, test } from 'node:test';
import type { LockedMount } from '../../../app/locked-app.ts';

import { TestGuest } from '../preview1/preview1.test-kit.ts';
import { testState } from '../wasi.test-kit.ts';
import { filesystemInterfaces03 } from './bindings-0.3.ts';
import { errorCodeOf } from './error-code.ts';
import { FileGuest, follow, type Handle, makeFiles } from './files.test-kit.ts';
import { openHostDirectory, openNamedDirectory } from './host-directory.ts';
import { type Mounts, openMounts } from './mount-tree.ts';

const rw = { read: true, write: true };
const now = { tag: 'now' };
/** Of preview1. */
const NOENT = 44;
const opened: Mounts[] = [];
afterEach(() => {
  for (const mounts of opened.splice(0)) mounts.close();
});

function hold(mounts: readonly LockedMount[]): Mounts {
  const held = openMounts(mounts);
  opened.push(held);
  return held;
}

/** `rw` at /data, and what lies in it at another place as well. */
function overlapping() {
  const host = makeFiles({
    secret: 'secret',
    outside: { x: 'outside' },
    rw: { cache: { x: 'x' }, 'conf.txt': 'conf' },
  });
  const at = (name: string): string => path.join(host, name);
  const mounts = hold([
    { kind: 'directory', source: at('rw'), destination: '/data' },
    { kind: 'directory', source: at('rw/cache'), destination: '/cache' },
    { kind: 'file', source: at('rw/conf.txt'), destination: '/conf.txt' },
  ]);
  const request = (): Record<string, Handle> & { guest: FileGuest } => {
    const guest = new FileGuest(mounts, true);
    const handles = Object.fromEntries(guest.preopens().map(([handle, name]) => [name, handle]));
    return Object.assign(handles, { guest }) as Record<string, Handle> & { guest: FileGuest };
  };
  return { host, at, mounts, request };
}

test('a mount that a guest renames away, and a link in its place, lead the next request nowhere else', () => {
  const { at, request } = overlapping();
  const first = request();
  first.guest.get('rename-at', first['/data'], 'cache', first['/data'], 'old');
  first.guest.get('symlink-at', first['/data'], '../outside', 'cache');
  const { guest, '/cache': cache, '/data': data } = request();
  assert.equal(guest.text(cache!, 'x'), 'x');
  guest.open(cache!, 'made', rw, { create: true });
  assert.ok(fs.existsSync(at('rw/old/made')));
  assert.deepEqual(fs.readdirSync(at('outside')), ['x']);
  assert.deepEqual(guest.list(cache!), ['made:regular-file', 'x:regular-file']);
  assert.equal(guest.openCode(data!, 'cache/x'), 'not-permitted');
  guest.get('set-times', cache!, now, now);
});

test('a mount that a guest removes is empty, whatever stands there afterwards', () => {
  const { at, request } = overlapping();
  const first = request();
  first.guest.get('unlink-file-at', first['/data'], 'cache/x');
  first.guest.get('remove-directory-at', first['/data'], 'cache');
  first.guest.get('symlink-at', first['/data'], '..', 'cache');
  const { guest, '/cache': cache } = request();
  assert.deepEqual(guest.list(cache!), []);
  assert.equal(guest.openCode(cache!, 'secret'), 'no-entry');
  assert.equal(guest.openCode(cache!, 'made', rw, { create: true }), 'no-entry');
  assert.ok(!fs.existsSync(at('made')));
});

test('a single file that is mounted is never a link, a folder or a file elsewhere', () => {
  const { at, request } = overlapping();
  const first = request();
  const replace = (target: string): void => {
    first.guest.get('unlink-file-at', first['/data'], 'conf.txt');
    first.guest.get('symlink-at', first['/data'], target, 'conf.txt');
  };
  for (const target of ['../secret', '../made', 'conf.txt', '../outside', 'cache/x']) {
    replace(target);
    const { guest, '/': root } = request();
    assert.equal(guest.openCode(root!, 'conf.txt'), 'no-entry', target);
    assert.equal(guest.openCode(root!, 'conf.txt', rw, { create: true, truncate: true }), 'no-entry', target);
    assert.equal(guest.code('stat-at', root!, follow, 'conf.txt'), 'no-entry', target);
    assert.equal(guest.code('metadata-hash-at', root!, follow, 'conf.txt'), 'no-entry', target);
    assert.equal(guest.code('set-times-at', root!, follow, 'conf.txt', now, now), 'no-entry', target);
    assert.equal(guest.code('link-at', root!, follow, 'conf.txt', root!, 'y'), 'no-entry', target);
    assert.equal(fs.readFileSync(at('secret'), 'utf8'), 'secret');
    assert.ok(!fs.existsSync(at('made')));
  }
  first.guest.get('unlink-file-at', first['/data'], 'conf.txt');
  first.guest.get('create-directory-at', first['/data'], 'conf.txt');
  const { guest, '/': root } = request();
  assert.equal(guest.openCode(root!, 'conf.txt/x'), 'not-directory');
  assert.equal(guest.code('stat-at', root!, follow, 'conf.txt'), 'no-entry');
});

test('the folder of a single file may be renamed, and a link put in its place', () => {
  const host = makeFiles({ outside: { 'a.txt': 'outside' }, rw: { sub: { 'a.txt': 'inside' } } });
  const mounts = hold([{ kind: 'file', source: path.join(host, 'rw/sub/a.txt'), destination: '/a.txt' }]);
  fs.renameSync(path.join(host, 'rw/sub'), path.join(host, 'rw/old'));
  fs.symlinkSync('../outside', path.join(host, 'rw/sub'));
  const guest = new FileGuest(mounts, false);
  assert.equal(guest.text(guest.preopens()[0]![0], 'a.txt'), 'inside');
});

test('files in more folders than are held open are walked to, through no link', () => {
  const names = Array.from({ length: 100 }, (_, index) => `d${index}`);
  const host = makeFiles({
    outside: { 'a.txt': 'outside' },
    rw: Object.fromEntries(names.map((name) => [name, { deep: { 'a.txt': name } }])),
  });
  const before = fs.readdirSync('/proc/self/fd').length;
  const mounts = hold(
    names.map((name) => ({
      kind: 'file',
      source: path.join(host, 'rw', name, 'deep/a.txt'),
      destination: `/${name}.txt`,
    })),
  );
  assert.equal(fs.readdirSync('/proc/self/fd').length, before + 1);
  const guest = new FileGuest(mounts, false);
  const root = guest.preopens()[0]![0];
  for (const name of names) assert.equal(guest.text(root, `${name}.txt`), name);
  fs.renameSync(path.join(host, 'rw/d7'), path.join(host, 'rw/old'));
  fs.symlinkSync('../outside', path.join(host, 'rw/d7'));
  fs.renameSync(path.join(host, 'rw/d8/deep'), path.join(host, 'rw/d8/old'));
  fs.symlinkSync('../../outside', path.join(host, 'rw/d8/deep'));
  assert.equal(guest.openCode(root, 'd7.txt'), 'not-directory');
  assert.equal(guest.openCode(root, 'd8.txt'), 'not-directory');
});

test('preview1 and 0.3 have the same mounts', async () => {
  const { mounts, at } = overlapping();
  fs.renameSync(at('rw/cache'), at('rw/old'));
  fs.symlinkSync('../outside', at('rw/cache'));
  fs.rmSync(at('rw/conf.txt'));
  fs.symlinkSync('../secret', at('rw/conf.txt'));
  const old = new TestGuest({ mounts, writable: true });
  const [data, cache, root] = [3, 4, 5];
  assert.equal(old.openErrno('x', { fd: cache }), 0);
  assert.equal(await old.read(old.u32()), 'x');
  assert.equal(old.openErrno('conf.txt', { fd: root }), NOENT);
  assert.equal(old.openErrno('conf.txt', { fd: root, oflags: 1 }), NOENT);
  assert.notEqual(old.openErrno('cache/x', { fd: data }), 0);
  assert.notEqual(old.openErrno('conf.txt', { fd: data }), 0);
  const state = testState({ preopens: mounts.preopens, writableFiles: true });
  const stat = filesystemInterfaces03[0]!.functions['[method]descriptor.stat-at']!.call as unknown as (
    ...args: unknown[]
  ) => Promise<{ tag: string }>;
  const roots = filesystemInterfaces03[1]!.functions['get-directories']!.call(state as never) as [Handle, string][];
  const [slash] = roots.find(([, name]) => name === '/')!;
  assert.deepEqual(await stat(state, slash, follow, 'conf.txt'), { tag: 'err', val: { tag: 'no-entry' } });
});

test('once the app is unloaded, its mounts are closed, and no number of theirs is used again', () => {
  const { at, mounts, request } = overlapping();
  const before = fs.readdirSync('/proc/self/fd').length;
  const { guest, '/data': data, '/cache': cache, '/': root } = request();
  const held = guest.text(data!, 'conf.txt');
  mounts.close();
  const taken = Array.from({ length: 8 }, () => fs.openSync(at('outside'), fs.constants.O_DIRECTORY));
  try {
    assert.equal(held, 'conf');
    assert.equal(guest.text(data!, 'conf.txt'), 'conf');
    assert.equal(guest.openCode(cache!, 'x'), 'bad-descriptor');
    assert.equal(guest.openCode(root!, 'conf.txt'), 'bad-descriptor');
    data!.drop();
  } finally {
    for (const fd of taken) fs.closeSync(fd);
  }
  assert.ok(fs.readdirSync('/proc/self/fd').length < before);
});

test('where directories are held by their path, a link in the place of one is found at each use', () => {
  const { at } = overlapping();
  const cache = openNamedDirectory(at('rw/cache'));
  assert.equal(fs.readFileSync(cache.at('x'), 'utf8'), 'x');
  fs.renameSync(at('rw/cache'), at('rw/old'));
  fs.symlinkSync('../outside', at('rw/cache'));
  for (const use of [() => cache.at('x'), () => cache.self, () => cache.enter('x'), () => cache.clone()]) {
    assert.throws(use, (error) => errorCodeOf(error) === 'not-directory');
  }
  fs.rmSync(at('rw/cache'));
  fs.renameSync(at('rw'), at('moved'));
  fs.symlinkSync('outside', at('rw'));
  assert.throws(
    () => openNamedDirectory(at('rw/x')),
    (error) => errorCodeOf(error) === 'not-directory',
  );
  assert.throws(
    () => openHostDirectory(at('rw/x')),
    (error) => errorCodeOf(error) === 'not-directory',
  );
});

test('slashes and dots to spare lead to the same file, in every version', async () => {
  const host = makeFiles({ 'a.txt': 'a', dir: { 'b.txt': 'b' } });
  const mounts = hold([{ kind: 'directory', source: host, destination: '/data' }]);
  const guest = new FileGuest(mounts, true);
  const [[root]] = guest.preopens() as [[Handle, string]];
  const old = new TestGuest({ mounts, writable: true });
  const open03 = filesystemInterfaces03[0]?.functions['[method]descriptor.open-at']?.call as unknown as (
    ...args: unknown[]
  ) => Promise<{ tag: string; val: unknown }>;
  for (const name of ['a.txt', './a.txt', './/a.txt', '././a.txt', 'dir/..//a.txt', 'dir/.././a.txt', 'dir//b.txt']) {
    const text = name.endsWith('b.txt') ? 'b' : 'a';
    assert.equal(guest.text(root, name), text, name);
    assert.equal(await old.read(old.open(name)), text, name);
    assert.equal((await open03(guest.state, ...guest.openArgs(root, name))).tag, 'ok', name);
  }
  for (const [name, code, errno] of [
    ['a.txt/', 'not-directory', 54],
    ['a.txt//', 'not-directory', 54],
    ['a.txt/.', 'not-directory', 54],
    ['/a.txt', 'not-permitted', 63],
    ['//a.txt', 'not-permitted', 63],
    ['dir/../../a.txt', 'not-permitted', 63],
  ] as const) {
    assert.equal(guest.openCode(root, name), code, name);
    assert.equal(old.openErrno(name), errno, name);
    const result = await open03(guest.state, ...guest.openArgs(root, name));
    assert.deepEqual(result, { tag: 'err', val: { tag: code } }, name);
  }
  for (const name of ['.', 'dir/', 'dir//', 'dir/.', 'dir/..', './/']) {
    guest.open(root, name, {}, { directory: true });
    assert.equal(old.openErrno(name, { oflags: 2 }), 0, name);
  }
});
