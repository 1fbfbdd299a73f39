// What an operation on a symbolic link is about: the link, or what it leads to.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { FileGuest, follow, guestOf, type Handle, makeFiles, noFollow } from './files.test-kit.ts';

const files = { file: 'text', dir: { inner: '' }, link: '-> file', folder: '-> dir', dangling: '-> gone' };

test('a link is renamed, removed and replaced itself, never what it leads to', () => {
  const { guest, root, folder } = guestOf(files, true);
  const linkOf = (name: string): string => fs.readlinkSync(path.join(folder, name));
  for (const name of ['link', 'folder', 'dangling']) {
    const target = linkOf(name);
    guest.get('rename-at', root, name, root, `${name}2`);
    assert.equal(linkOf(`${name}2`), target);
    assert.equal(fs.existsSync(path.join(folder, name)), false, name);
  }
  guest.get('symlink-at', root, 'file', 'link');
  guest.get('symlink-at', root, 'dir', 'other');
  guest.get('rename-at', root, 'link', root, 'other');
  assert.equal(linkOf('other'), 'file');
  guest.get('unlink-file-at', root, 'other');
  guest.get('unlink-file-at', root, 'folder2');
  assert.equal(guest.code('remove-directory-at', root, 'dangling2'), 'not-directory');
  assert.equal(guest.text(root, 'file'), 'text');
  assert.deepEqual(fs.readdirSync(folder).sort(), ['dangling2', 'dir', 'file', 'link2']);
  assert.deepEqual(fs.readdirSync(path.join(folder, 'dir')), ['inner']);
});

test('a new entry is not made through a link that stands in its place', () => {
  const { guest, root, folder } = guestOf(files, true);
  assert.equal(guest.code('create-directory-at', root, 'dangling'), 'exist');
  assert.equal(guest.code('symlink-at', root, 'x', 'dangling'), 'exist');
  assert.equal(guest.code('link-at', root, noFollow, 'file', root, 'dangling'), 'exist');
  assert.equal(fs.existsSync(path.join(folder, 'gone')), false);
});

test('stat follows where it is asked to', () => {
  const { guest, root } = guestOf(files);
  const kind = (flags: object, name: string): string => guest.get<{ type: string }>('stat-at', root, flags, name).type;
  assert.deepEqual([kind(follow, 'link'), kind(noFollow, 'link')], ['regular-file', 'symbolic-link']);
  assert.deepEqual([kind(follow, 'folder'), kind(noFollow, 'folder')], ['directory', 'symbolic-link']);
  assert.equal(kind(noFollow, 'dangling'), 'symbolic-link');
  assert.equal(guest.code('stat-at', root, follow, 'dangling'), 'no-entry');
  assert.equal(guest.get<string>('readlink-at', root, 'dangling'), 'gone');
  assert.equal(guest.code('readlink-at', root, 'file'), 'invalid');
});

test('a hard link is made to a link, or to nothing where it would be followed', () => {
  const { guest, root, folder } = guestOf(files, true);
  guest.get('link-at', root, noFollow, 'link', root, 'hard');
  assert.equal(fs.lstatSync(path.join(folder, 'hard')).isSymbolicLink(), true);
});

test('what is to be a folder is one, by its own name and by a link', () => {
  const { guest, root } = guestOf(files);
  const directory = { directory: true };
  for (const name of ['dir', 'folder', 'dir/', '.']) guest.open(root, name, {}, directory).drop();
  for (const name of ['file', 'link']) assert.equal(guest.openCode(root, name, {}, directory), 'not-directory', name);
  assert.equal(guest.openCode(root, 'folder', {}, directory, noFollow), 'not-directory');
  assert.equal(guest.openCode(root, 'link', {}, {}, noFollow), 'loop');
  assert.equal(guest.openCode(root, 'dangling'), 'no-entry');
  const single = { kind: 'file', source: path.join(makeFiles({ a: '' }), 'a'), destination: '/f' } as const;
  const other = new FileGuest([single], false);
  const [[base]] = other.preopens() as [[Handle, string]];
  assert.equal(other.openCode(base, 'f', {}, directory), 'not-directory');
  assert.equal(other.openCode(base, 'f/'), 'not-directory');
  assert.equal(other.text(base, 'f'), '');
});
