// Which resources a type refers to without introducing them itself.

import type { Component, Entity, Func, Instance, Resource, Shape, Type, Val } from './model.ts';

const none: ReadonlySet<Resource> = new Set();
/** Types are immutable, so what is known of them stays true. */
const known = new WeakMap<Type, ReadonlySet<Resource>>();

export function freeResources(type: Type): ReadonlySet<Resource> {
  let free = known.get(type);
  if (!free) {
    free = compute(type);
    known.set(type, free);
  }
  return free;
}

export function freeResourcesOf(entities: ReadonlyMap<string, Entity>): Set<Resource> {
  const result = new Set<Resource>();
  for (const { kind, type } of entities.values()) if (kind !== 'core-module') addAll(result, freeResources(type));
  return result;
}

function addAll(into: Set<Resource>, from: ReadonlySet<Resource>): void {
  for (const one of from) into.add(one);
}

function compute(type: Type): ReadonlySet<Resource> {
  switch (type.kind) {
    case 'resource':
      return new Set([type.resource]);
    case 'value':
    case 'func':
      return union(parts(type));
    case 'instance':
      return without(freeResourcesOf(type.exports), type.resources);
    case 'component':
      return closed(type);
  }
}

function closed(type: Component): ReadonlySet<Resource> {
  const result = freeResourcesOf(type.imports);
  addAll(result, freeResourcesOf(type.exports));
  return without(without(result, type.importedResources), type.resources);
}

function without(from: Set<Resource>, bound: Instance['resources']): Set<Resource> {
  for (const one of bound.keys()) from.delete(one);
  return from;
}

function union(types: readonly Type[]): ReadonlySet<Resource> {
  const sets = types.map(freeResources).filter(({ size }) => size > 0);
  if (sets.length < 2) return sets[0] ?? none;
  const result = new Set<Resource>();
  for (const set of sets) addAll(result, set);
  return result;
}

/** The types that a value or function type consists of. */
function parts(type: Val | Func): Type[] {
  if (type.kind === 'value') return partsOfShape(type.shape);
  const types = type.params.map((param) => param.type);
  return type.result ? [...types, type.result] : types;
}

export function partsOfShape(shape: Shape): (Val | Type)[] {
  switch (shape.kind) {
    case 'record':
      return shape.fields.map(({ type }) => type);
    case 'variant':
      return shape.cases.flatMap(({ type }) => type ?? []);
    case 'tuple':
      return [...shape.types];
    case 'list':
      return [shape.element];
    case 'map':
      return [shape.key, shape.value];
    case 'option':
      return [shape.type];
    case 'result':
      return [shape.ok, shape.err].filter((type) => type !== undefined);
    case 'own':
    case 'borrow':
      return [shape.resource];
    case 'stream':
    case 'future':
      return shape.element ? [shape.element] : [];
    default:
      return [];
  }
}
