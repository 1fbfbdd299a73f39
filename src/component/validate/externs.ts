// The types of imports and exports, and what declaring one does to a scope.
// design/mvp/Binary.md#import-and-export-definitions

import type { ExternDesc, ExternName } from '../binary/ast.ts';
import { checkAnnotatedName, noteResource } from './annotated-names.ts';
import { spendCopies } from './budget.ts';
import { addName, checkVersionSuffix, type ParsedName, parseExternName, parseInterfaceName } from './extern-names.ts';
import { invalid } from './invalid.ts';
import {
  type Entity,
  type Instance,
  makeInstance,
  newRef,
  type Path,
  type Resource,
  renamed,
  shownKind,
} from './model.ts';
import { coreAt, type Direction, push, type Scope, type Surface, spaceAt, typeAt } from './scope.ts';
import { newSubstitution, substituteAll } from './substitute.ts';
import { valAt } from './val-types.ts';
import { makeVisible } from './visibility.ts';

/** What an extern type describes, and the abstract resources that came with it, by their path in it. */
export interface Described {
  readonly entity: Entity;
  readonly resources: ReadonlyMap<Resource, Path>;
}

const noResources: ReadonlyMap<Resource, Path> = new Map();

export function describe(scope: Scope, desc: ExternDesc): Described {
  if (desc.kind === 'type') return describeType(scope, desc.bound);
  if (desc.kind === 'instance') {
    const { instance, resources } = open(scope, typeAt(scope, 'instance', desc.type));
    return { entity: { kind: 'instance', type: instance }, resources };
  }
  return { entity: closedEntity(scope, desc), resources: noResources };
}

function closedEntity(scope: Scope, desc: Exclude<ExternDesc, { kind: 'type' | 'instance' }>): Entity {
  switch (desc.kind) {
    case 'core-module': {
      const type = coreAt(scope, 'type', desc.type);
      if (type.kind !== 'module') invalid(`Core type ${desc.type} is not a module type`);
      return { kind: 'core-module', type: type.type };
    }
    case 'func':
      return { kind: 'func', type: typeAt(scope, 'func', desc.type) };
    case 'component':
      return { kind: 'component', type: typeAt(scope, 'component', desc.type) };
    case 'value': {
      const { bound } = desc;
      const type = bound.kind === 'eq' ? spaceAt(scope, 'value', bound.value).type : valAt(scope, bound.type);
      return { kind: 'value', type };
    }
  }
}

function describeType(scope: Scope, bound: (ExternDesc & { kind: 'type' })['bound']): Described {
  if (bound.kind === 'eq') {
    return { entity: { kind: 'type', type: renamed(spaceAt(scope, 'type', bound.type)) }, resources: noResources };
  }
  const resource: Resource = { rep: 'i32' };
  return { entity: { kind: 'type', type: newRef(resource) }, resources: new Map([[resource, []]]) };
}

/** Makes an instance of this type: each of its abstract resources becomes a fresh one. */
function open(scope: Scope, type: Instance): { instance: Instance; resources: ReadonlyMap<Resource, Path> } {
  if (type.resources.size === 0) return { instance: type, resources: noResources };
  spendCopies(scope.budget, type.resources.size);
  const fresh = new Map<Resource, Resource>();
  const resources = new Map<Resource, Path>();
  for (const [old, path] of type.resources) {
    const made: Resource = { rep: old.rep };
    fresh.set(old, made);
    resources.set(made, path);
  }
  const exports = substituteAll(type.exports, newSubstitution(scope.budget, fresh));
  return { instance: makeInstance(exports), resources };
}

/** Validates and adds an import, or an export of a component type or instance type. */
export function declare(scope: Scope, direction: Direction, name: ExternName, desc: ExternDesc): void {
  const described = describe(scope, desc);
  const into: Map<Resource, Path | undefined> =
    direction === 'import' ? scope.importedResources : scope.definedResources;
  for (const [resource, path] of described.resources) into.set(resource, [name.name, ...path]);
  expose(scope, direction, name, described.entity);
  push(scope, described.entity);
}

/** Checks name and visibility, and adds to what the scope imports or exports. */
export function expose(scope: Scope, direction: Direction, name: ExternName, entity: Entity): void {
  const surface = scope[direction];
  noteResource(name.name, entity, surface.resources);
  addNamed(surface, direction, name, entity);
  if (scope.kind === 'instance type') return; // checked once the type is used by an import or export
  // what is imported may stand in exports, too
  const into = direction === 'import' ? [scope.import.visible, scope.export.visible] : [scope.export.visible];
  if (makeVisible(entity, surface.visible, into)) return;
  invalid(
    `The ${shownKind(entity.kind)} is not valid to be used as ${direction}: it refers to a type without a name there`,
  );
}

/** Checks and adds a name; also for instances made of exports. */
export function addNamed(surface: Surface, direction: Direction, name: ExternName, entity: Entity): void {
  const parsed = parseExternName(name.name);
  checkAttributes(name, parsed, entity);
  addName(surface.names, name.name, direction);
  checkAnnotatedName(parsed, entity, surface.resources);
  surface.entities.set(name.name, entity);
}

function checkAttributes(
  { versionSuffix, implements: interfaceName }: ExternName,
  parsed: ParsedName,
  entity: Entity,
): void {
  if (versionSuffix !== undefined) checkVersionSuffix(parsed, versionSuffix);
  if (interfaceName === undefined) return;
  if (entity.kind !== 'instance') invalid('Only instances can have an `implements` attribute');
  if (parsed.kind !== 'label') invalid('The `implements` attribute needs a plain name');
  parseInterfaceName(interfaceName);
}
