// Finds the resources that types refer to without introducing them themselves.

import { type Budget, spendSteps } from './budget.ts';
import type { Component, Entity, Instance, Resource, Shape, Type, Val } from './model.ts';

/** What one walk has found. */
interface Walk {
  readonly budget: Budget;
  readonly seen: Set<Type>;
  readonly mentioned: Set<Resource>;
}

export function freeResources(type: Type, budget: Budget): ReadonlySet<Resource> {
  const walk: Walk = { budget, seen: new Set(), mentioned: new Set() };
  visit(type, walk);
  return walk.mentioned;
}

export function freeResourcesOf(entities: ReadonlyMap<string, Entity>, budget: Budget): ReadonlySet<Resource> {
  const walk: Walk = { budget, seen: new Set(), mentioned: new Set() };
  visitAll(entities, walk);
  return walk.mentioned;
}

function visitAll(entities: ReadonlyMap<string, Entity>, walk: Walk): void {
  for (const { kind, type } of entities.values()) if (kind !== 'core-module') visit(type, walk);
}

function visit(type: Type, walk: Walk): void {
  if (walk.seen.has(type) || (type.kind === 'value' && !type.metrics.hasHandle)) return;
  walk.seen.add(type);
  spendSteps(walk.budget, 1);
  switch (type.kind) {
    case 'resource':
      walk.mentioned.add(type.resource);
      break;
    case 'value':
      for (const part of partsOfShape(type.shape)) visit(part, walk);
      break;
    case 'func':
      for (const param of type.params) visit(param.type, walk);
      if (type.result) visit(type.result, walk);
      break;
    case 'instance':
      visitAll(type.exports, walk);
      bind(type.resources, walk);
      break;
    case 'component':
      visitAll(type.imports, walk);
      visitAll(type.exports, walk);
      bind(type.importedResources, walk);
      bind(type.resources, walk);
  }
}

/**
 * Removes what a type introduces. Outside of that type nothing can mention the resource: what was found of it was found
 * inside.
 */
function bind(resources: Instance['resources'] | Component['resources'], { mentioned }: Walk): void {
  for (const one of resources.keys()) mentioned.delete(one);
}

/** The types that a value type consists of. */
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
