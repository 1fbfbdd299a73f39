// What is loaded as one: files in their order, and a configuration for each part, shared by those that have the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockApp } from '../app/lock.ts';
import { composedOf } from './composed.ts';

const app = await lockApp('test/guests/built/hello-c.wasm');
const [alone] = app.components;
const source = alone?.source ?? '';

test('a component that is alone', () => {
  assert.ok(alone);
  assert.deepEqual(composedOf({ component: alone, middleware: [] }), {
    files: [source],
    composition: undefined,
    parts: [{ inherits: 'all' }],
    entry: 0,
  });
});

test('parts that have the same share a configuration; the outermost middleware is called', () => {
  assert.ok(alone);
  const dependencies = [
    { name: 'a:a', export: undefined, inherits: 'all', source: '/a' },
    { name: 'b:b/c', export: 'x', inherits: [], source: '/b' },
    { name: 'c:c', export: undefined, inherits: [], environment: { A: '1' }, source: '/c' },
  ] as const;
  const middleware = [
    { inherits: ['variables'], source: '/m' },
    { inherits: [], source: '/n' },
  ] as const;
  const { files, composition, parts, entry } = composedOf({ component: { ...alone, dependencies }, middleware });
  assert.deepEqual(files, [source, '/a', '/b', '/c', '/m', '/n']);
  assert.deepEqual(
    composition?.dependencies.map((one) => [one.name, one.export, one.configuration]),
    [
      ['a:a', undefined, 0],
      ['b:b/c', 'x', 1],
      ['c:c', undefined, 2],
    ],
  );
  assert.deepEqual(composition?.middleware, [{ configuration: 3 }, { configuration: 1 }]);
  assert.deepEqual(
    parts.map(({ inherits, environment }) => [inherits, environment]),
    [
      ['all', undefined],
      [[], undefined],
      [[], { A: '1' }],
      [['variables'], undefined],
    ],
  );
  assert.equal(entry, 3);
});
