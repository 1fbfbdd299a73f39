// Makes the type of a finished component, or component type, out of its scope.

import { freeResourcesOf } from './free-resources.ts';
import { invalid } from './invalid.ts';
import { type Component, type Entity, makeComponent, type Path, type Resource, type Type } from './model.ts';
import type { Scope } from './scope.ts';

export function finishComponent(scope: Scope): Component {
  const { import: imports, export: exports, importedResources, definedResources } = scope;
  for (const resource of freeResourcesOf(imports.entities, scope.budget)) {
    if (definedResources.has(resource)) invalid('An import refers to a resource type that this component defines');
  }
  return makeComponent({
    imports: imports.entities,
    exports: exports.entities,
    importedResources,
    resources: exportedResources(scope),
  });
}

/** The defined resources that exports mention: an export must show each. */
function exportedResources({ export: exports, definedResources, budget }: Scope): ReadonlyMap<Resource, Path> {
  const free = [...freeResourcesOf(exports.entities, budget)].filter((resource) => definedResources.has(resource));
  const result = new Map<Resource, Path>();
  if (free.length === 0) return result;
  const paths = new Map<Resource, Path>();
  collectPaths(exports.entities, [], paths, new Set());
  for (const resource of free) {
    const path = paths.get(resource) ?? invalid('An export refers to a resource type that is not exported itself');
    result.set(resource, path);
  }
  return result;
}

/** Finds the first path to each resource. */
function collectPaths(
  entities: ReadonlyMap<string, Entity>,
  prefix: Path,
  into: Map<Resource, Path>,
  seen: Set<Type>,
): void {
  for (const [name, entity] of entities) {
    const path = [...prefix, name];
    if (entity.kind === 'type' && entity.type.kind === 'resource' && !into.has(entity.type.resource)) {
      into.set(entity.type.resource, path);
    }
    if (entity.kind !== 'instance' || seen.has(entity.type)) continue;
    seen.add(entity.type);
    collectPaths(entity.type.exports, path, into, seen);
  }
}
