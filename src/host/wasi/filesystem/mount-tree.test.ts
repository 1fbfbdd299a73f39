// The entries of `files` become preopened directories with what the mounts put there, and no other.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { LockedMount } from '../../../app/locked-app.ts';
import { makeFiles } from './files.test-kit.ts';
import { openMounts } from './mount-tree.ts';

const host = makeFiles({ a: { c: {}, 'b.txt': 'b' }, b: {}, 'ab.txt': 'ab' });

const directory = (destination: string): LockedMount => ({
  kind: 'directory',
  source: path.join(host, destination),
  destination,
});
const file = (destination: string): LockedMount => ({
  kind: 'file',
  source: path.join(host, destination),
  destination,
});
const preopensOf = (mounts: LockedMount[]) => {
  const { preopens, close } = openMounts(mounts);
  close();
  return preopens;
};
const paths = (...mounts: LockedMount[]) => preopensOf(mounts).map(({ path }) => path);

test('a component without files has nothing preopened', () => {
  assert.deepEqual(paths(), []);
});

test('directories are preopened at their destination, in order', () => {
  assert.deepEqual(paths(directory('/b'), directory('/a/'), directory('/a/c')), ['/b', '/a', '/a/c']);
  assert.deepEqual(paths(directory('/')), ['/']);
});

test('single files bring the root, unless a directory mount has them', () => {
  assert.deepEqual(paths(file('/a/b.txt')), ['/']);
  assert.deepEqual(paths(directory('/a'), file('/a/b.txt')), ['/a']);
  assert.deepEqual(paths(directory('/a'), file('/ab.txt')), ['/a', '/']);
});

test('the tree has what the mounts put there', () => {
  const [root] = preopensOf([file('/a/b.txt'), directory('/a/c')]);
  const a = root?.node.children.get('a');
  assert.equal(a?.source, undefined);
  assert.equal(a?.children.get('b.txt')?.source?.kind, 'file');
  assert.equal(a?.children.get('c')?.source?.kind, 'directory');
});

test('a mount that cannot be opened is left out, and the others are there', () => {
  const left: string[] = [];
  const { preopens, close } = openMounts([directory('/none'), file('/a/b.txt'), directory('/b')], ({ destination }) => {
    left.push(destination);
  });
  assert.deepEqual(left, ['/none']);
  assert.deepEqual(
    preopens.map((one) => one.path),
    ['/', '/b'],
  );
  close();
});
