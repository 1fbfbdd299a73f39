// Which types may stand in imports and exports: every part of them that needs a name has one there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measure } from './metrics.ts';
import type { Entity, Instance, ResourceRef, Shape, Type, Val } from './model.ts';
import { makeVisible, noVisibleTypes, type VisibleTypes } from './visibility.ts';

const val = (shape: Shape): Val => ({ kind: 'value', shape, metrics: measure(shape), depth: 0 });
const u8 = val({ kind: 'primitive', primitive: 'u8' });
const nominal = val({ kind: 'enum', names: ['a'] });
const resource: ResourceRef = { kind: 'resource', resource: { rep: 'i32' }, alias: { refs: new Map() }, depth: 0 };
const func = (params: readonly Val[], result?: Val): Type => ({
  kind: 'func',
  async: false,
  params: params.map((type, index) => ({ name: `p${index}`, type })),
  result,
  depth: 0,
});
const instance = (exports: Readonly<Record<string, Entity>>): Instance => ({
  kind: 'instance',
  exports: new Map(Object.entries(exports)),
  resources: new Map(),
  depth: 0,
});
const entityOf = (type: Type): Entity => ({ kind: type.kind, type }) as Entity;
const named = (...types: Type[]): VisibleTypes => ({ named: new Set(types), passed: new Set() });

/** Types without names of their own, by what they are made of. */
const made: Readonly<Record<string, (part: Val) => Val>> = {
  'the first of a tuple': (part) => val({ kind: 'tuple', types: [part, u8] }),
  'the last of a tuple': (part) => val({ kind: 'tuple', types: [u8, part] }),
  list: (element) => val({ kind: 'list', element, length: undefined }),
  stream: (element) => val({ kind: 'stream', element }),
  future: (element) => val({ kind: 'future', element }),
  'key of a map': (key) => val({ kind: 'map', key, value: u8 }),
  'value of a map': (value) => val({ kind: 'map', key: u8, value }),
  option: (type) => val({ kind: 'option', type }),
  ok: (ok) => val({ kind: 'result', ok, err: undefined }),
  err: (err) => val({ kind: 'result', ok: u8, err }),
};
/** Types that need a name, by what they are made of: while they get it, their parts must have theirs. */
const nominals: Readonly<Record<string, (part: Val) => Val>> = {
  'the first field': (type) =>
    val({
      kind: 'record',
      fields: [
        { name: 'a', type },
        { name: 'b', type: u8 },
      ],
    }),
  'the last field': (type) =>
    val({
      kind: 'record',
      fields: [
        { name: 'a', type: u8 },
        { name: 'b', type },
      ],
    }),
  case: (type) =>
    val({
      kind: 'variant',
      cases: [
        { name: 'a', type: undefined },
        { name: 'b', type },
      ],
    }),
};

for (const [name, make] of Object.entries(made)) {
  test(`the part of a type has a name or the type has none: ${name}`, () => {
    for (const [type, isNamed] of [
      [make(nominal), true],
      [make(val({ kind: 'own', resource })), true],
      [make(val({ kind: 'enum', names: ['a'] })), false],
      [make(make(nominal)), true],
      [make(make(val({ kind: 'flags', names: ['a'] }))), false],
      [make(u8), true],
    ] as const) {
      for (const entity of [
        { kind: 'value', type },
        { kind: 'func', type: func([u8, type]) },
        { kind: 'func', type: func([], type) },
        { kind: 'type', type },
        { kind: 'type', type: func([type, u8]) },
      ] as Entity[]) {
        const visible = named(nominal, resource);
        assert.equal(makeVisible(entity, visible, [visible]), isNamed, entity.kind);
        assert.equal(makeVisible(entity, visible, [visible]), isNamed, 'the second time');
      }
    }
  });
}

for (const [name, make] of Object.entries(nominals)) {
  test(`a type with parts may be named when these are, and only then be used: ${name}`, () => {
    const type = make(nominal);
    const visible = named(nominal);
    const into = noVisibleTypes();
    assert.equal(makeVisible({ kind: 'value', type }, visible, [visible]), false);
    assert.equal(makeVisible(entityOf(func([type])), visible, [visible]), false);
    assert.equal(makeVisible({ kind: 'type', type }, visible, [visible, into]), true);
    assert.equal(makeVisible({ kind: 'value', type }, visible, [visible]), true);
    assert.equal(into.named.has(type), true);
    const without = noVisibleTypes();
    assert.equal(makeVisible({ kind: 'type', type }, without, [without]), false);
    assert.equal(without.named.has(type), false);
  });
}

test('handles: the resource has a name', () => {
  for (const kind of ['own', 'borrow'] as const) {
    const entity: Entity = { kind: 'value', type: val({ kind, resource }) };
    assert.equal(makeVisible(entity, named(resource), []), true);
    assert.equal(makeVisible(entity, noVisibleTypes(), []), false);
  }
  const visible = noVisibleTypes();
  assert.equal(makeVisible({ kind: 'type', type: resource }, visible, [visible]), true);
  assert.equal(makeVisible({ kind: 'value', type: val({ kind: 'own', resource }) }, visible, []), true);
});

test('an instance brings its types one after the other: what comes later may use what came before', () => {
  const type = nominals.case?.(nominal) as Val;
  const brings = instance({ a: { kind: 'type', type: nominal }, b: { kind: 'type', type }, c: entityOf(func([type])) });
  const visible = noVisibleTypes();
  const into = noVisibleTypes();
  assert.equal(makeVisible({ kind: 'instance', type: brings }, visible, [visible, into]), true);
  assert.deepEqual([...into.named], [nominal, type]);
  assert.equal(into.passed.has(brings), true);
  const wrongOrder = instance({ b: { kind: 'type', type }, a: { kind: 'type', type: nominal } });
  const others = noVisibleTypes();
  assert.equal(makeVisible({ kind: 'instance', type: wrongOrder }, others, [others]), false);
  assert.equal(others.passed.has(wrongOrder), false);
});

test('an instance type that is named: each of its exports is looked at, and none gets a name', () => {
  const wrong: Readonly<Record<string, Entity>> = {
    type: { kind: 'type', type: made.list?.(nominal) as Val },
    func: entityOf(func([nominal])),
    value: { kind: 'value', type: nominal },
    instance: { kind: 'instance', type: instance({ f: entityOf(func([nominal])) }) },
  };
  for (const [name, entity] of Object.entries(wrong)) {
    const type = instance({ first: { kind: 'value', type: u8 }, [name]: entity });
    const without = noVisibleTypes();
    assert.equal(makeVisible({ kind: 'type', type }, without, [without]), false, name);
    const visible = named(nominal);
    assert.equal(makeVisible({ kind: 'type', type }, visible, [visible]), true, name);
    assert.deepEqual([...visible.named], [nominal, type], name);
  }
});
