// What a type refers to is replaced wherever it stands; what does not change stays the same object.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBudget } from './budget.ts';
import { measure } from './metrics.ts';
import {
  makeComponent,
  makeFunc,
  makeInstance,
  type Resource,
  refOf,
  type Shape,
  type Type,
  type Val,
} from './model.ts';
import { newSubstitution, substituteAll } from './substitute.ts';

const val = (shape: Shape): Val => ({ kind: 'value', shape, metrics: measure(shape), depth: 0 });
const u8 = val({ kind: 'primitive', primitive: 'u8' });
const [before, after]: [Resource, Resource] = [{ rep: 'i32' }, { rep: 'i32' }];
const alias = { refs: new Map() };
const own = (resource: Resource): Val => val({ kind: 'own', resource: refOf(alias, resource) });
const [old, fresh] = [val({ kind: 'enum', names: ['a'] }), val({ kind: 'enum', names: ['a'] })];

/** Each place of a type in which another one may stand. */
const places: Readonly<Record<string, (part: Val) => Val>> = {
  'a field': (type) =>
    val({
      kind: 'record',
      fields: [
        { name: 'a', type: u8 },
        { name: 'b', type },
      ],
    }),
  'a case': (type) =>
    val({
      kind: 'variant',
      cases: [
        { name: 'a', type: undefined },
        { name: 'b', type },
      ],
    }),
  'a tuple': (part) => val({ kind: 'tuple', types: [part, u8] }),
  'the end of a tuple': (part) => val({ kind: 'tuple', types: [u8, part] }),
  'a list': (element) => val({ kind: 'list', element, length: undefined }),
  'a list of two': (element) => val({ kind: 'list', element, length: 2 }),
  'a stream': (element) => val({ kind: 'stream', element }),
  'a future': (element) => val({ kind: 'future', element }),
  'a key': (key) => val({ kind: 'map', key, value: u8 }),
  'a value': (value) => val({ kind: 'map', key: u8, value }),
  'an option': (type) => val({ kind: 'option', type }),
  ok: (ok) => val({ kind: 'result', ok, err: undefined }),
  err: (err) => val({ kind: 'result', ok: undefined, err }),
};

function substituted(type: Type, resources: [Resource, Resource][], types: [Type, Type][] = []): Type {
  const by = newSubstitution(newBudget(), new Map(resources), new Map(types));
  const [result] = substituteAll(new Map([['x', { kind: 'type', type }]]), by).values();
  assert.equal(result?.kind, 'type');
  return (result as { type: Type }).type;
}

for (const [name, make] of Object.entries(places)) {
  test(`another type in its place: ${name}`, () => {
    for (const [type, resources, types, wanted] of [
      [make(own(before)), [[before, after]], [], make(own(after))],
      [make(old), [], [[old, fresh]], make(fresh)],
      [make(make(own(before))), [[before, after]], [], make(make(own(after)))],
      [make(old), [[before, after]], [[old, fresh]], make(fresh)],
    ] as [Val, [Resource, Resource][], [Type, Type][], Val][]) {
      const result = substituted(type, resources, types);
      assert.notEqual(result, type);
      assert.deepEqual((result as Val).shape, wanted.shape);
      // Equal is not enough: which object it is says which type it is.
      assert.equal(refers(result as Val, before) || refers(result as Val, old), false);
    }
  });

  test(`what is not spoken of stays the same object: ${name}`, () => {
    const other: Resource = { rep: 'i32' };
    for (const type of [make(own(other)), make(u8), make(fresh)]) {
      assert.equal(substituted(type, [[before, after]]), type);
      assert.equal(substituted(type, [[before, after]], [[old, fresh]]), type);
      assert.equal(substituted(type, []), type);
    }
  });
}

function refers(type: unknown, to: object): boolean {
  if (type === to) return true;
  if (typeof type !== 'object' || type === null || type instanceof Map) return false;
  return Object.entries(type).some(([key, one]) => key !== 'metrics' && refers(one, to));
}

test('functions, instances and components: parameters, results, imports and exports', () => {
  const func = (type: Val, other: Val): Type => makeFunc(false, [{ name: 'p', type }], other);
  const entityOf = (type: Type) => new Map([['f', { kind: 'type', type } as const]]);
  const none = new Map();
  const shells: ((type: Type) => Type)[] = [
    (type) => makeInstance(entityOf(type), none),
    (type) => makeComponent({ imports: entityOf(type), exports: none, importedResources: none, resources: none }),
    (type) => makeComponent({ imports: none, exports: entityOf(type), importedResources: none, resources: none }),
  ];
  for (const change of [func(own(before), u8), func(u8, own(before))]) {
    const result = substituted(change, [[before, after]]);
    assert.ok(refers(result, after) && !refers(result, before));
  }
  const same = func(u8, u8);
  assert.equal(substituted(same, [[before, after]]), same);
  for (const shell of shells) {
    assert.notEqual(substituted(shell(func(own(before), u8)), [[before, after]]), undefined);
    const unchanged = shell(same);
    assert.equal(substituted(unchanged, [[before, after]]), unchanged);
    const changing = shell(func(own(before), u8));
    assert.notEqual(substituted(changing, [[before, after]]), changing);
  }
});

test('what is made counts once, and what stands in two places is made once', () => {
  const type = val({ kind: 'tuple', types: [own(before), u8] });
  const budget = newBudget();
  const { copiesLeft } = budget;
  const by = newSubstitution(budget, new Map([[before, after]]));
  const all = substituteAll(
    new Map([
      ['x', { kind: 'value', type } as const],
      ['y', { kind: 'value', type } as const],
    ]),
    by,
  );
  assert.equal(all.get('x')?.type, all.get('y')?.type);
  assert.notEqual(all.get('x')?.type, type);
  // the tuple, the handle and the reference to the resource
  assert.equal(copiesLeft - budget.copiesLeft, 3);
});
