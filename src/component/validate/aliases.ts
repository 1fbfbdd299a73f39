// Aliases. design/mvp/Binary.md#alias-definitions

import type { AliasTarget, AnySort } from '../binary/ast.ts';
import { freeResources } from './free-resources.ts';
import { invalid } from './invalid.ts';
import { type Entity, shownKind, type Type } from './model.ts';
import { coreAt, outerScope, push, pushCore, type Scope, spaceAt } from './scope.ts';

/** Validates an alias and adds what it names to the index space of its sort. */
export function addAlias(scope: Scope, sort: AnySort, target: AliasTarget): unknown {
  switch (target.kind) {
    case 'export':
      return push(scope, exported(scope, sort, target.instance, target.name));
    case 'core-export':
      return addCoreExport(scope, sort, target.instance, target.name);
    case 'outer':
      return addOuter(scope, sort, target.count, target.index);
  }
}

/** The stricter rules inside component and instance types. */
export function checkDeclaredAlias(sort: AnySort, target: AliasTarget): void {
  const allowed = target.kind === 'outer' ? sort.sort === 'type' : !sort.core && sort.sort !== 'func';
  const typeOrInstance = sort.sort === 'type' || (target.kind === 'export' && sort.sort === 'instance');
  if (!allowed || !typeOrInstance)
    invalid('Aliases in component and instance types may only refer to types or instances');
}

function exported(scope: Scope, sort: AnySort, index: number, name: string): Entity {
  const instance = spaceAt(scope, 'instance', index);
  const entity = instance.exports.get(name) ?? invalid(`Instance ${index} has no export named "${name}"`);
  const wanted = sort.core ? `core-${sort.sort}` : sort.sort;
  if (entity.kind !== wanted) {
    invalid(`Export "${name}" of instance ${index} is not a ${shownKind(wanted)}, but a ${shownKind(entity.kind)}`);
  }
  return entity;
}

function addCoreExport(scope: Scope, sort: AnySort, index: number, name: string): void {
  const desc =
    coreAt(scope, 'instance', index).get(name) ?? invalid(`Core instance ${index} has no export named "${name}"`);
  if (desc.kind !== sort.sort) invalid(`Export "${name}" of core instance ${index} is not a ${sort.sort}`);
  pushCore(scope, desc);
}

function addOuter(scope: Scope, { core, sort }: AnySort, count: number, index: number): void {
  const target = outerScope(scope, count);
  if (core && sort === 'type') scope.core.type.push(coreAt(target, 'type', index));
  else if (core && sort === 'module') scope.core.module.push(coreAt(target, 'module', index));
  else if (sort === 'component') scope.spaces.component.push(spaceAt(target, 'component', index));
  else scope.spaces.type.push(outerType(scope, target, index));
}

/** Each instance of a component makes its resources anew, so that no type of them can be known inside another. */
function outerType(scope: Scope, target: Scope, index: number): Type {
  const type = spaceAt(target, 'type', index);
  if (leavesComponent(scope, target) && freeResources(type, scope.budget).size > 0) {
    invalid(`Type ${index} of the outer component transitively refers to resources`);
  }
  return type;
}

function leavesComponent(from: Scope, to: Scope): boolean {
  for (let scope: Scope | undefined = from; scope && scope !== to; scope = scope.outer) {
    if (scope.kind === 'component') return true;
  }
  return false;
}
