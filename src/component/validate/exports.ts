// Export definitions of concrete components. design/mvp/Binary.md#import-and-export-definitions

import type { Definition, ExternDesc } from '../binary/ast.ts';
import { describe, expose } from './externs.ts';
import { entityAt } from './instances.ts';
import { type Entity, renamed } from './model.ts';
import { push, type Scope } from './scope.ts';
import { newSubstitution, substituteEntity } from './substitute.ts';
import { checkEntity, suppliedResources } from './subtype.ts';

export function addExport(scope: Scope, definition: Definition & { kind: 'export' }): void {
  const actual = entityAt(scope, definition.sort, definition.index);
  const entity = definition.desc ? ascribe(scope, actual, definition.desc) : named(actual);
  expose(scope, 'export', definition.name, entity);
  push(scope, entity);
  markUsed(scope, entity);
}

function named(entity: Entity): Entity {
  return entity.kind === 'type' ? { kind: 'type', type: renamed(entity.type) } : entity;
}

/**
 * Gives the export the type `desc`, which `actual` must satisfy, as it looks from outside; its abstract resources are
 * new ones.
 */
function ascribe(scope: Scope, actual: Entity, desc: ExternDesc): Entity {
  const { entity, resources } = describe(scope, desc);
  const found = suppliedResources(
    new Map(Array.from(resources, ([resource, path]) => [resource, ['', ...path]])),
    new Map([['', actual]]),
  );
  checkEntity(actual, substituteEntity(entity, newSubstitution(scope.budget, found)), scope.budget);
  for (const resource of resources.keys()) scope.definedResources.set(resource, undefined);
  return entity;
}

/** Marks an exported value as used; the index that the export adds needs no further use. */
function markUsed(scope: Scope, entity: Entity): void {
  if (entity.kind === 'value') scope.spaces.value.at(-1)!.used = true;
}
