// wasi:filesystem 0.2 reads, lists and describes the files of a mount, with the codes of its WIT.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { releaseAll } from '../io/host-object.ts';
import { FileGuest, follow, guestOf, type Handle, makeFiles, noFollow, unwrap } from './files.test-kit.ts';

const rw = { read: true, write: true };
const create = { create: true };

test('reads a file, in whole and in parts', () => {
  const { guest, root } = guestOf({ 'a.txt': 'hello', dir: { 'b.txt': 'deep' } });
  assert.equal(guest.text(root, 'a.txt'), 'hello');
  assert.equal(guest.text(root, 'dir/b.txt'), 'deep');
  assert.equal(guest.text(root, './dir//../dir/./b.txt'), 'deep');
  const file = guest.open(root, 'a.txt');
  const read = (length: bigint, offset: bigint) => {
    const [bytes, end] = guest.get<[Uint8Array, boolean]>('read', file, length, offset);
    return [Buffer.from(bytes).toString(), end];
  };
  assert.deepEqual(read(2n, 1n), ['el', false]);
  assert.deepEqual(read(5n, 0n), ['hello', false]);
  assert.deepEqual(read(6n, 0n), ['hello', true]);
  assert.deepEqual(read(6n, 5n), ['', true]);
  assert.deepEqual(read(0n, 0n), ['', false]);
  assert.deepEqual(read(6n, 0xffff_ffff_ffff_ffffn), ['', true]);
});

test('a read of any length is bounded, and a long one does not hold the thread', async () => {
  const { guest, root, folder } = guestOf({});
  fs.writeFileSync(path.join(folder, 'big'), Buffer.alloc(2_000_000, 7));
  const result = guest.call('read', guest.open(root, 'big'), 0xffff_ffff_ffff_ffffn, 0n);
  assert.ok(result instanceof Promise);
  const [bytes, end] = unwrap<[Uint8Array, boolean]>(await result, 'read');
  assert.equal(bytes.length, 1_048_576);
  assert.equal(end, false);
});

test('lists directories with types, without . and ..', () => {
  const { guest, root, folder } = guestOf({ 'a.txt': '', dir: { x: '' }, link: '-> a.txt' });
  assert.deepEqual(guest.list(root), ['a.txt:regular-file', 'dir:directory', 'link:symbolic-link']);
  assert.deepEqual(guest.list(guest.open(root, 'dir')), ['x:regular-file']);
  for (let count = 0; count < 300; count++) fs.writeFileSync(path.join(folder, 'dir', `f${count}`), '');
  assert.equal(guest.list(guest.open(root, 'dir')).length, 301);
  assert.equal(guest.code('read-directory', guest.open(root, 'a.txt')), 'not-directory');
});

test('a name that is no text is an error, and the listing goes on', () => {
  const { guest, root, folder } = guestOf({});
  fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff)]), '');
  fs.writeFileSync(path.join(folder, 'good'), '');
  const stream = guest.get('read-directory', root);
  const next = () =>
    guest.func('wasi:filesystem/types', '[method]directory-entry-stream.read-directory-entry', stream) as {
      val: unknown;
    };
  const values = [next().val, next().val];
  assert.ok(values.includes('illegal-byte-sequence'));
  assert.ok(values.some((value) => (value as { name?: string }).name === 'good'));
  assert.equal(next().val, undefined);
});

test('tells type, size, links and times, and follows links only when asked', () => {
  const { guest, root, folder } = guestOf({ 'a.txt': 'hello', link: '-> a.txt', dir: {} });
  fs.utimesSync(path.join(folder, 'a.txt'), 1000, 2000.5);
  type Stat = { type: string; size: bigint; linkCount: bigint; dataModificationTimestamp: unknown };
  const stat = guest.get<Stat>('stat-at', root, follow, 'link');
  assert.equal(stat.type, 'regular-file');
  assert.equal(stat.size, 5n);
  assert.equal(stat.linkCount, 1n);
  assert.deepEqual(stat.dataModificationTimestamp, { seconds: 2000n, nanoseconds: 500_000_000 });
  assert.equal(guest.get<Stat>('stat-at', root, noFollow, 'link').type, 'symbolic-link');
  assert.equal(guest.get<Stat>('stat', root).type, 'directory');
  assert.equal(guest.get<Stat>('stat-at', root, noFollow, '.').type, 'directory');
  assert.deepEqual(guest.get('stat', guest.open(root, 'link')), stat);
  assert.equal(guest.get('get-type', guest.open(root, 'dir')), 'directory');
  assert.equal(guest.code('stat-at', root, follow, 'a.txt/'), 'not-directory');
  assert.equal(guest.code('stat-at', root, follow, 'a.txt/x'), 'not-directory');
  assert.equal(guest.code('stat-at', root, follow, 'nothing'), 'no-entry');
});

test('opens with the errors of POSIX', () => {
  const { guest, root } = guestOf({ 'a.txt': '', dir: {}, link: '-> a.txt', loop: '-> loop' }, true);
  assert.equal(guest.openCode(root, ''), 'no-entry');
  assert.equal(guest.openCode(root, 'nothing'), 'no-entry');
  assert.equal(guest.openCode(root, 'nothing/a'), 'no-entry');
  assert.equal(guest.openCode(root, 'a.txt/'), 'not-directory');
  assert.equal(guest.openCode(root, 'a.txt', { read: true }, { directory: true }), 'not-directory');
  assert.equal(guest.openCode(root, 'dir', rw), 'is-directory');
  assert.equal(guest.openCode(root, 'dir', rw, create), 'is-directory');
  assert.equal(guest.openCode(root, '.', rw), 'is-directory');
  assert.equal(guest.openCode(root, 'a.txt', rw, { create: true, exclusive: true }), 'exist');
  assert.equal(guest.openCode(root, 'link', { read: true }, {}, noFollow), 'loop');
  assert.equal(guest.openCode(root, 'loop'), 'loop');
  assert.equal(guest.openCode(root, 'x\0y'), 'invalid');
  assert.equal(guest.openCode(root, 'x'.repeat(300)), 'name-too-long');
  assert.equal(guest.openCode(root, 'x/'.repeat(2100)), 'name-too-long');
  assert.equal(guest.openCode(root, 'new/', rw, create), 'is-directory');
  assert.equal(guest.openCode(root, 'dir', { read: true }, { directory: true, create: true }), 'invalid');
});

test('get-flags tells what was granted', () => {
  const { guest, root } = guestOf({ 'a.txt': '', dir: {} }, true);
  const flags = (handle: Handle) =>
    Object.entries(guest.get<Record<string, boolean>>('get-flags', handle))
      .filter(([, on]) => on)
      .map(([name]) => name);
  assert.deepEqual(flags(root), ['read', 'mutateDirectory']);
  assert.deepEqual(flags(guest.open(root, 'a.txt', {})), ['read']);
  assert.deepEqual(flags(guest.open(root, 'a.txt', { write: true })), ['write']);
  assert.deepEqual(flags(guest.open(root, 'dir', {})), ['read']);
  assert.deepEqual(flags(guest.open(root, 'dir', { mutateDirectory: true })), ['read', 'mutateDirectory']);
  assert.deepEqual(flags(guest.open(root, 'new', {}, { create: true, exclusive: true })), ['read', 'write']);
});

test('writes at offsets, past the end too, and changes the size', () => {
  const { guest, root, folder } = guestOf({}, true);
  const file = guest.open(root, 'new.txt', rw, create);
  assert.equal(guest.get('write', file, Buffer.from('abc'), 2n), 3n);
  assert.equal(fs.readFileSync(path.join(folder, 'new.txt'), 'latin1'), '\0\0abc');
  guest.get('set-size', file, 4n);
  assert.equal(guest.text(root, 'new.txt'), '\0\0ab');
  assert.equal(guest.code('write', file, Buffer.from('x'), 0xffff_ffff_ffff_ffffn), 'file-too-large');
  assert.equal(guest.code('set-size', file, 0xffff_ffff_ffff_ffffn), 'file-too-large');
  guest.open(root, 'new.txt', rw, { truncate: true });
  assert.equal(fs.statSync(path.join(folder, 'new.txt')).size, 0);
});

test('syncs, and says nothing about files that are not written', async () => {
  const { guest, root } = guestOf({ 'a.txt': '' }, true);
  assert.deepEqual(await guest.call('sync', guest.open(root, 'a.txt', rw)), { tag: 'ok', val: undefined });
  assert.deepEqual(await guest.call('sync-data', guest.open(root, 'a.txt', rw)), { tag: 'ok', val: undefined });
  assert.deepEqual(guest.call('sync', guest.open(root, 'a.txt')), { tag: 'ok', val: undefined });
  assert.deepEqual(guest.call('advise', guest.open(root, 'a.txt'), 0n, 0n, 'normal'), { tag: 'ok', val: undefined });
  assert.equal(guest.code('advise', root, 0n, 0n, 'normal'), 'bad-descriptor');
});

test('makes and removes directories', () => {
  const { guest, root } = guestOf({ 'a.txt': '', full: { x: '' } }, true);
  const mkdir = (name: string) => guest.code('create-directory-at', root, name);
  const rmdir = (name: string) => guest.code('remove-directory-at', root, name);
  for (const name of ['', '/']) assert.equal(mkdir(name), name === '' ? 'no-entry' : 'not-permitted');
  assert.deepEqual(['.', 'a.txt', 'full'].map(mkdir), ['exist', 'exist', 'exist']);
  assert.equal(mkdir('no/x'), 'no-entry');
  guest.get('create-directory-at', root, 'q/');
  assert.deepEqual(['.', 'a.txt', 'none', 'full', ''].map(rmdir), [
    'invalid',
    'not-directory',
    'no-entry',
    'not-empty',
    'no-entry',
  ]);
  guest.get('remove-directory-at', root, 'q');
  assert.equal(rmdir('q'), 'no-entry');
});

test('unlinks files and links, not directories', () => {
  const { guest, root, folder } = guestOf({ 'a.txt': '', dir: {}, link: '-> a.txt' }, true);
  const unlink = (name: string) => guest.code('unlink-file-at', root, name);
  assert.deepEqual(['dir', '.', 'a.txt/', 'none', ''].map(unlink), [
    'is-directory',
    'is-directory',
    'not-directory',
    'no-entry',
    'no-entry',
  ]);
  guest.get('unlink-file-at', root, 'link');
  guest.get('unlink-file-at', root, 'a.txt');
  assert.deepEqual(fs.readdirSync(folder), ['dir']);
});

test('renames within and between directories', () => {
  const { guest, root, folder } = guestOf({ 'a.txt': 'a', 'b.txt': 'b', dir: {} }, true);
  const dir = guest.open(root, 'dir');
  guest.get('rename-at', root, 'a.txt', root, 'a.txt');
  guest.get('rename-at', root, 'a.txt', dir, 'moved');
  guest.get('rename-at', root, 'b.txt', root, 'dir/moved');
  assert.equal(guest.text(dir, 'moved'), 'b');
  assert.equal(guest.code('rename-at', root, '.', root, 'q'), 'busy');
  assert.equal(guest.code('rename-at', root, 'none', root, 'q'), 'no-entry');
  assert.equal(guest.code('rename-at', root, 'dir/moved/', root, 'q'), 'not-directory');
  assert.equal(guest.code('rename-at', root, 'dir', root, 'dir/below'), 'invalid');
  assert.deepEqual(fs.readdirSync(folder), ['dir']);
});

test('links, hard and symbolic', () => {
  const { guest, root } = guestOf({ 'a.txt': 'a', dir: {} }, true);
  guest.get('link-at', root, noFollow, 'a.txt', root, 'dir/hard');
  assert.equal(guest.text(root, 'dir/hard'), 'a');
  const same = (a: string, b: string) => guest.call('is-same-object', guest.open(root, a), guest.open(root, b));
  assert.equal(same('a.txt', 'dir/hard'), true);
  assert.equal(same('a.txt', 'dir'), false);
  assert.equal(guest.code('link-at', root, noFollow, '.', root, 'x'), 'not-permitted');
  assert.equal(guest.code('link-at', root, noFollow, 'dir', root, 'x'), 'not-permitted');
  assert.equal(guest.code('link-at', root, noFollow, 'a.txt', root, 'dir/hard'), 'exist');
  assert.equal(guest.code('link-at', root, noFollow, 'a.txt', root, ''), 'no-entry');
  assert.equal(guest.code('link-at', root, noFollow, 'none', root, 'x'), 'no-entry');
  guest.get('symlink-at', root, '../a.txt', 'dir/soft');
  assert.equal(guest.text(root, 'dir/soft'), 'a');
  assert.equal(guest.get('readlink-at', root, 'dir/soft'), '../a.txt');
  assert.equal(guest.code('readlink-at', root, 'a.txt'), 'invalid');
  assert.equal(guest.code('readlink-at', root, '.'), 'invalid');
  assert.equal(guest.code('symlink-at', root, 'x', 'a.txt'), 'exist');
  guest.get('link-at', root, follow, 'dir/soft', root, 'through');
  assert.equal(same('through', 'a.txt'), true);
});

test('sets times of files, links and directories', () => {
  const { guest, root, folder } = guestOf({ 'a.txt': '', link: '-> a.txt', dir: {} }, true);
  const at = (seconds: bigint) => ({ tag: 'timestamp', val: { seconds, nanoseconds: 250_000_000 } });
  const mtime = (name: string) => fs.lstatSync(path.join(folder, name)).mtimeMs;
  const before = mtime('a.txt');
  guest.get('set-times-at', root, noFollow, 'link', { tag: 'no-change' }, at(1000n));
  assert.deepEqual([mtime('link'), mtime('a.txt')], [1_000_250, before]);
  guest.get('set-times-at', root, follow, 'link', { tag: 'no-change' }, at(2000n));
  assert.equal(mtime('a.txt'), 2_000_250);
  guest.get('set-times', guest.open(root, 'a.txt', rw), at(3000n), { tag: 'no-change' });
  assert.equal(mtime('a.txt'), 2_000_250);
  guest.get('set-times', guest.open(root, 'dir'), at(1n), at(1n));
  assert.equal(mtime('dir'), 1250);
  guest.get('set-times', guest.open(root, 'a.txt', rw), { tag: 'now' }, { tag: 'now' });
  assert.ok(mtime('a.txt') > 3_000_000);
  const wrong = { tag: 'timestamp', val: { seconds: 1n, nanoseconds: 1_000_000_000 } };
  assert.equal(guest.code('set-times-at', root, follow, 'a.txt', wrong, wrong), 'invalid');
  assert.equal(guest.code('set-times-at', root, follow, 'a.txt', at(0xffff_ffff_ffff_ffffn), wrong), 'overflow');
});

test('the metadata hash changes with the file, and is the same by handle and by path', () => {
  const { guest, root, folder } = guestOf({ 'a.txt': 'a', 'b.txt': 'a' });
  const first = guest.get('metadata-hash-at', root, follow, 'a.txt');
  assert.deepEqual(guest.get('metadata-hash', guest.open(root, 'a.txt')), first);
  assert.notDeepEqual(guest.get('metadata-hash-at', root, follow, 'b.txt'), first);
  fs.appendFileSync(path.join(folder, 'a.txt'), 'x');
  assert.notDeepEqual(guest.get('metadata-hash-at', root, follow, 'a.txt'), first);
});

test('single files appear at their place, together with directories and over them', () => {
  const folder = makeFiles({ one: '1', two: '2', dir: { inside: 'i', hidden: 'h' } });
  const guest = new FileGuest(
    [
      { kind: 'file', source: path.join(folder, 'one'), destination: '/a/b.txt' },
      { kind: 'directory', source: path.join(folder, 'dir'), destination: '/a/dir' },
      { kind: 'file', source: path.join(folder, 'two'), destination: '/a/dir/hidden' },
    ],
    true,
  );
  const [[root, rootPath], [dir, dirPath]] = guest.preopens() as [[Handle, string], [Handle, string]];
  assert.deepEqual([rootPath, dirPath], ['/', '/a/dir']);
  assert.deepEqual(guest.list(root), ['a:directory']);
  assert.deepEqual(guest.list(guest.open(root, 'a')), ['b.txt:regular-file', 'dir:directory']);
  assert.deepEqual(guest.list(dir), ['hidden:regular-file', 'inside:regular-file']);
  assert.equal(guest.text(root, 'a/b.txt'), '1');
  assert.equal(guest.text(root, 'a/dir/../dir/hidden'), '2');
  assert.equal(guest.text(dir, 'inside'), 'i');
  assert.equal(guest.get<{ type: string }>('stat-at', root, follow, 'a').type, 'directory');
  assert.equal(guest.get<{ size: bigint }>('stat-at', root, follow, 'a/b.txt').size, 1n);
  assert.equal(guest.call('is-same-object', dir, guest.open(root, 'a/dir')), true);
  assert.equal(guest.call('is-same-object', root, guest.open(root, 'a')), false);
  assert.notDeepEqual(guest.get('metadata-hash', root), guest.get('metadata-hash-at', root, follow, 'a'));
  assert.equal(guest.openCode(root, 'a/none'), 'no-entry');
  assert.equal(guest.openCode(root, 'a/b.txt/x'), 'not-directory');
  assert.equal(guest.openCode(root, 'a/new', rw, create), 'read-only');
  assert.equal(guest.code('create-directory-at', root, 'a/new'), 'read-only');
  assert.equal(guest.code('create-directory-at', root, 'a/dir'), 'exist');
  for (const [method, ...args] of [
    ['unlink-file-at', root, 'a/b.txt'],
    ['remove-directory-at', root, 'a/dir'],
    ['rename-at', root, 'a/b.txt', root, 'a/dir/x'],
    ['rename-at', dir, 'inside', dir, 'hidden'],
  ] as const) {
    assert.equal(guest.code(method, ...args), 'busy');
  }
  assert.equal(guest.code('link-at', root, noFollow, 'a/b.txt', dir, 'x'), 'cross-device');
  assert.equal(guest.code('set-times', root, { tag: 'now' }, { tag: 'now' }), 'read-only');
});

test('streams of files read, write and append; errors carry a code', async () => {
  const { guest, root, folder } = guestOf({ 'a.txt': 'hello' }, true);
  const stream = (method: string, ...args: unknown[]) => guest.func('wasi:io/streams', `[method]${method}`, ...args);
  const input = guest.get('read-via-stream', guest.open(root, 'a.txt'), 1n);
  assert.deepEqual(stream('input-stream.read', input, 3n), { tag: 'ok', val: new Uint8Array(Buffer.from('ell')) });
  const file = guest.open(root, 'a.txt', rw);
  stream('output-stream.blocking-write-and-flush', guest.get('write-via-stream', file, 3n), Buffer.from('LO!'));
  const append = guest.get('append-via-stream', file);
  stream('output-stream.blocking-write-and-flush', append, Buffer.from('+1'));
  fs.appendFileSync(path.join(folder, 'a.txt'), '|');
  stream('output-stream.blocking-write-and-flush', append, Buffer.from('+2'));
  assert.equal(guest.text(root, 'a.txt'), 'helLO!+1|+2');
  const far = guest.get('read-via-stream', file, 0xffff_ffff_ffff_ffffn);
  assert.deepEqual(stream('input-stream.read', far, 3n), { tag: 'err', val: { tag: 'closed' } });
  const tooFar = guest.get('write-via-stream', file, BigInt(Number.MAX_SAFE_INTEGER));
  const failed = stream('output-stream.blocking-write-and-flush', tooFar, Buffer.from('x')) as {
    val: { tag: string; val: Error };
  };
  assert.equal(failed.val.tag, 'last-operation-failed');
  assert.equal(guest.func('wasi:filesystem/types', 'filesystem-error-code', failed.val.val), 'file-too-large');
  assert.equal(guest.func('wasi:filesystem/types', 'filesystem-error-code', new Error('other')), undefined);
});

test('the end of the request closes all that was opened', async () => {
  const { guest, root } = guestOf({ 'a.txt': 'hello', dir: {} }, true);
  const count = () => fs.readdirSync('/proc/self/fd').length;
  guest.list(root);
  root.drop();
  const before = count();
  const again = guest.preopens()[0]![0];
  const file = guest.open(again, 'a.txt', rw);
  guest.get('read-via-stream', file, 0n);
  guest.get('append-via-stream', file);
  guest.get('read-directory', guest.open(again, 'dir'));
  file.drop();
  assert.ok(count() > before + 3);
  releaseAll(guest.state);
  assert.equal(count(), before);
  assert.equal(guest.state.openFiles, 0);
});
