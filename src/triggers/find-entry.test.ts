// What people read of a component that exports nothing that a trigger could call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../component/canon/plan.ts';
import type { MayflyError } from '../errors.ts';
import { describeExports, findWanted } from './find-entry.ts';

const plan = (...names: readonly string[]): Plan =>
  ({ exports: new Map(names.map((name) => [name, {}])) }) as unknown as Plan;

test('the exports are listed, or that there are none', () => {
  assert.equal(describeExports(plan()), 'It exports nothing');
  assert.equal(describeExports(plan('a:b/c', 'd')), 'It exports: a:b/c, d');
});

test('a type that is long is cut in the message', () => {
  const hintFor = (type: string): string | undefined => {
    const exports = new Map([['handle', { kind: 'type' }]]);
    const wanted = { kind: 'one', interface: undefined, version: undefined, name: 'handle', type };
    try {
      findWanted({ exports } as unknown as Plan, [wanted]);
      return undefined;
    } catch (error) {
      return (error as MayflyError).hint;
    }
  };
  assert.equal(hintFor('func()'), 'The interface has func()');
  assert.equal(hintFor('x'.repeat(500)), `The interface has ${'x'.repeat(500)}`);
  assert.equal(hintFor('x'.repeat(501)), `The interface has ${'x'.repeat(500)}…`);
});
