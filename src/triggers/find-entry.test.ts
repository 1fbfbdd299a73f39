// What people read of a component that exports nothing that a trigger could call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../component/canon/plan.ts';
import { describeExports } from './find-entry.ts';

const plan = (...names: readonly string[]): Plan =>
  ({ exports: new Map(names.map((name) => [name, {}])) }) as unknown as Plan;

test('the exports are listed, or that there are none', () => {
  assert.equal(describeExports(plan()), 'It exports nothing');
  assert.equal(describeExports(plan('a:b/c', 'd')), 'It exports: a:b/c, d');
});
