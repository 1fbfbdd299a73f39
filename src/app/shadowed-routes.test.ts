// Of several routes for the same paths the one answers that answers in Spin.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shadowedRoutes } from './shadowed-routes.ts';

type Case = readonly [routes: readonly (string | undefined)[], shadowed: readonly (readonly [number, number])[]];

const cases: readonly Case[] = [
  [['/a', '/b', undefined, '/c/.../d'], []],
  [['/a', '/a'], [[0, 1]]],
  [
    ['/a', '/b', '/a', '/a'],
    [
      [0, 3],
      [2, 3],
    ],
  ],
  [['/a/:x', '/a/:y'], [[1, 0]]],
  [['/a', '/a/'], [[1, 0]]],
  [['info', '/info'], [[1, 0]]],
  [['/x/...', '/x/*'], [[1, 0]]],
  [
    ['/a', '/a/', '/a'],
    [
      [0, 2],
      [1, 2],
    ],
  ],
  [[undefined, undefined], []],
  [['/a/:x', '/a/...', '/a/b'], []],
];

for (const [routes, shadowed] of cases) {
  test(`of ${routes.join(', ')}`, () => {
    assert.deepEqual([...shadowedRoutes(routes)], shadowed);
  });
}
