// Versions of interfaces are parsed, and are compatible within their track only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseVersionedName, sameTrack } from './version.ts';

test('names and versions', () => {
  assert.deepEqual(parseVersionedName('wasi:io/poll@0.2.3'), { name: 'wasi:io/poll', version: '0.2.3' });
  assert.deepEqual(parseVersionedName('run'), { name: 'run', version: undefined });
});

test('one track: the same major version, below 1 the same minor one', () => {
  for (const [a, b] of [
    ['0.2.0', '0.2.12'],
    ['1.0.0', '1.9.1'],
    ['0.0.3', '0.0.3'],
  ])
    assert.equal(sameTrack(a, b), true);
  for (const [a, b] of [
    ['0.2.0', '0.3.0'],
    ['1.0.0', '2.0.0'],
    ['0.0.3', '0.0.4'],
    ['0.2.0', undefined],
  ]) {
    assert.equal(sameTrack(a, b), false);
  }
});

test('a pre-release is compatible with itself only', () => {
  assert.equal(sameTrack('0.2.0-rc-2023-11-10', '0.2.0'), false);
  assert.equal(sameTrack('0.2.0-rc-2023-11-10', '0.2.0-rc-2023-10-18'), false);
  assert.equal(sameTrack('0.2.0-draft2', '0.2.0-draft2'), true);
  assert.equal(sameTrack('0.2.0-draft2', '0.2.0-draft3'), false);
  assert.equal(sameTrack('0.2.0-draft2', '0.2.0'), false);
});
