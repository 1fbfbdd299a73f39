import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LockedMount } from '../../../app/locked-app.ts';
import { preopensOf } from './mount-tree.ts';

const directory = (destination: string): LockedMount => ({
  kind: 'directory',
  source: `/host${destination}`,
  destination,
});
const file = (destination: string): LockedMount => ({ kind: 'file', source: `/host${destination}`, destination });
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
  assert.equal(a?.children.get('b.txt')?.source?.source, '/host/a/b.txt');
  assert.equal(a?.children.get('c')?.source?.kind, 'directory');
});
