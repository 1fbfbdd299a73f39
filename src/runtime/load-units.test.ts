// Each part of an app is loaded once, however many triggers call it; behind other middleware it is another part.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockedApp, lockedComponent } from '../app/locked-app.test-kit.ts';
import type { LockedMiddleware } from '../app/locked-file.ts';
import type { Target, TriggerType } from '../triggers/trigger.ts';
import { unitKey, unitsOf } from './load-units.ts';

const [a, b] = ['a', 'b'].map((id) => lockedComponent({ id })) as [
  ReturnType<typeof lockedComponent>,
  ReturnType<typeof lockedComponent>,
];
const middleware = (path: string, inherits = false) => ({ source: { path }, inherits }) as unknown as LockedMiddleware;
const target = (component: typeof a, isNamed = true, before: readonly LockedMiddleware[] = []): Target => ({
  component,
  middleware: before,
  isNamed,
});
const type = (name: string, ...targets: readonly Target[]) =>
  ({ type: name, targets: () => targets }) as unknown as TriggerType;
const shown = (...types: readonly TriggerType[]) =>
  unitsOf(lockedApp(), types).map(({ component, middleware: before, callers }) => [
    component.id,
    before.length,
    callers.map((caller) => `${caller.type.type}${caller.isRequired ? '!' : ''}`).join(),
  ]);

test('a type is noted once for a target, and types in their order', () => {
  assert.deepEqual(shown(type('http', target(a), target(a), target(b)), type('cron', target(a))), [
    ['a', 0, 'http!,cron!'],
    ['b', 0, 'http!'],
  ]);
});

test('a component that one type names need not have what another calls; one that nobody names must have it', () => {
  assert.deepEqual(shown(type('http', target(a, false)), type('cron', target(a))), [['a', 0, 'http,cron!']]);
  assert.deepEqual(shown(type('http', target(a, false))), [['a', 0, 'http!']]);
});

test('middleware, its order and what it inherits make another part', () => {
  const [one, two] = [middleware('1'), middleware('2')];
  const keys = [[], [one], [two], [one, two], [two, one], [middleware('1', true)]].map((all) => unitKey('a', all));
  assert.equal(new Set([...keys, unitKey('b')]).size, 7);
  assert.equal(unitKey('a'), unitKey('a', []));
  assert.equal(unitKey('a', [one]), unitKey('a', [middleware('1')]));
  assert.deepEqual(shown(type('http', target(a), target(a, true, [one]), target(a, true, [one]))), [
    ['a', 0, 'http!'],
    ['a', 1, 'http!'],
  ]);
});
