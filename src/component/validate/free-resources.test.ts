// The resource types that a type speaks of without defining them are found, however deep they stand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBudget } from './budget.ts';
import { freeResources, freeResourcesOf } from './free-resources.ts';
import { measure } from './metrics.ts';
import {
  type Entity,
  makeComponent,
  makeFunc,
  makeInstance,
  newRef,
  type Resource,
  type Shape,
  type Type,
  type Val,
} from './model.ts';

const val = (shape: Shape): Val => ({ kind: 'value', shape, metrics: measure(shape), depth: 0 });
const [one, two]: [Resource, Resource] = [{ rep: 'i32' }, { rep: 'i32' }];
const [a, b] = [one, two].map((resource) => val({ kind: 'own', resource: newRef(resource) })) as [Val, Val];
const u8 = val({ kind: 'primitive', primitive: 'u8' });
const found = (type: Type): Resource[] => [...freeResources(type, newBudget())];

test('in each part of a value', () => {
  const label = (name: string, type: Val) => ({ name, type });
  const both: Readonly<Record<string, Shape>> = {
    record: { kind: 'record', fields: [label('a', a), label('b', b)] },
    variant: { kind: 'variant', cases: [label('a', a), { name: 'n', type: undefined }, label('b', b)] },
    tuple: { kind: 'tuple', types: [a, b] },
    map: { kind: 'map', key: a, value: b },
    result: { kind: 'result', ok: a, err: b },
  };
  for (const [name, shape] of Object.entries(both)) assert.deepEqual(found(val(shape)), [one, two], name);
  const single: Readonly<Record<string, Shape>> = {
    list: { kind: 'list', element: a, length: undefined },
    option: { kind: 'option', type: a },
    ok: { kind: 'result', ok: a, err: undefined },
    err: { kind: 'result', ok: undefined, err: a },
    stream: { kind: 'stream', element: a },
    future: { kind: 'future', element: a },
    borrow: { kind: 'borrow', resource: newRef(one) },
  };
  for (const [name, shape] of Object.entries(single)) assert.deepEqual(found(val(shape)), [one], name);
  const none: Shape[] = [
    { kind: 'stream', element: undefined },
    { kind: 'enum', names: ['a'] },
    { kind: 'flags', names: ['a'] },
  ];
  for (const shape of none) assert.deepEqual(found(val(shape)), [], shape.kind);
});

test('in parameters and results, imports and exports; what a type brings itself is not free', () => {
  assert.deepEqual(found(makeFunc(false, [{ name: 'p', type: a }], b)), [one, two]);
  assert.deepEqual(found(makeFunc(false, [{ name: 'p', type: u8 }], undefined)), []);
  const entities = new Map<string, Entity>([
    ['a', { kind: 'value', type: a }],
    ['b', { kind: 'value', type: b }],
    ['m', { kind: 'core-module', type: { imports: [], exports: [] } }],
  ]);
  assert.deepEqual([...freeResourcesOf(entities, newBudget())], [one, two]);
  assert.deepEqual(found(makeInstance(entities)), [one, two]);
  assert.deepEqual(found(makeInstance(entities, new Map([[one, ['a']]]))), [two]);
  const none = new Map();
  const parts = { imports: none, exports: none, importedResources: none, resources: none };
  assert.deepEqual(found(makeComponent({ ...parts, imports: entities })), [one, two]);
  assert.deepEqual(found(makeComponent({ ...parts, exports: entities })), [one, two]);
  assert.deepEqual(found(makeComponent({ ...parts, exports: entities, resources: new Map([[two, ['b']]]) })), [one]);
  assert.deepEqual(found(makeComponent({ ...parts, imports: entities, importedResources: new Map([[one, ['a']]]) })), [
    two,
  ]);
});

test('each type is looked at once', () => {
  let type: Val = a;
  for (let level = 0; level < 40; level++) type = val({ kind: 'result', ok: type, err: undefined });
  const budget = newBudget();
  const before = budget.stepsLeft;
  const shared = makeFunc(
    false,
    [
      { name: 'p', type },
      { name: 'q', type },
    ],
    type,
  );
  assert.deepEqual([...freeResources(shared, budget)], [one]);
  assert.equal(before - budget.stepsLeft, 1 + 40 + 2);
});
