// Checks whether one definition may stand where another is asked for, and throws the reason why not.
// design/mvp/Explainer.md#type-checking, Binary.md#instance-definitions

import { type Budget, spendSteps } from './budget.ts';
import { checkCoreModule } from './core-subtype.ts';
import { invalid, withArticle } from './invalid.ts';
import {
  type Component,
  type Entity,
  type Func,
  type Instance,
  type Path,
  type Resource,
  type ResourceRef,
  shownKind,
  type Type,
  type Val,
} from './model.ts';
import { checkSameVal } from './same-value.ts';
import { newSubstitution, type Substitution, substituteAll, substituteEntity } from './substitute.ts';

export function checkEntity(actual: Entity, expected: Entity, budget: Budget): void {
  if (actual.kind !== expected.kind) {
    invalid(`Expected ${withArticle(shownKind(expected.kind))}, found ${withArticle(shownKind(actual.kind))}`);
  }
  if (actual.kind === 'core-module') checkCoreModule(actual.type, (expected as typeof actual).type);
  else checkType(actual.type, (expected as typeof actual).type, budget);
}

function checkType(actual: Type, expected: Type, budget: Budget): unknown {
  if (actual === expected) return;
  if (actual.kind !== expected.kind)
    invalid(`Expected ${withArticle(expected.kind)} type, found ${withArticle(actual.kind)} type`);
  switch (actual.kind) {
    case 'resource':
      return checkSameResource(actual, expected as ResourceRef);
    case 'value':
      return checkSameVal(actual, expected as Val);
    case 'func':
      return checkFunc(actual, expected as Func, budget);
    case 'instance':
      return checkExports(actual.exports, expected as Instance, budget);
    case 'component':
      return checkComponent(actual, expected as Component, budget);
  }
}

function checkSameResource(actual: ResourceRef, expected: ResourceRef): void {
  if (actual.resource !== expected.resource) invalid('Resource types are not the same');
}

function checkFunc(actual: Func, expected: Func, budget: Budget): void {
  spendSteps(budget, expected.params.length);
  if (actual.async !== expected.async) invalid('One function type is async, the other is not');
  if (actual.params.length !== expected.params.length) {
    invalid(`Expected ${expected.params.length} parameters, found ${actual.params.length}`);
  }
  expected.params.forEach(({ name, type }, index) => {
    const param = actual.params[index]!;
    if (param.name !== name) invalid(`Expected a parameter named "${name}", found "${param.name}"`);
    within(`parameter "${name}"`, () => checkSameVal(param.type, type));
  });
  if (!actual.result || !expected.result) {
    if (actual.result || expected.result) invalid(`Expected ${expected.result ? 'a' : 'no'} result`);
  } else within('the result', () => checkSameVal(actual.result!, expected.result!));
}

/** Checks exports; `actual` may export more. */
function checkExports(
  actual: ReadonlyMap<string, Entity>,
  expected: Pick<Instance, 'exports' | 'resources'>,
  budget: Budget,
): void {
  spendSteps(budget, expected.exports.size + expected.resources.size);
  const by = newSubstitution(budget, suppliedResources(expected.resources, actual));
  for (const [name, wanted] of substituteAll(expected.exports, by)) {
    const found = actual.get(name) ?? invalid(`Missing expected export "${name}"`);
    within(`export "${name}"`, () => checkEntity(found, wanted, budget));
  }
}

/** Checks a component; `actual` may import less and export more. */
function checkComponent(actual: Component, expected: Component, budget: Budget): void {
  const by = supply(actual, expected.imports, budget);
  checkExports(substituteAll(actual.exports, by), expected, budget);
}

/**
 * Checks that `args` satisfy the imports of `component`. The result turns the types in its exports, which speak of the
 * imported types, into types that speak of those supplied.
 */
export function supply(component: Component, args: ReadonlyMap<string, Entity>, budget: Budget): Substitution {
  spendSteps(budget, component.imports.size + component.importedResources.size);
  const resources = suppliedResources(component.importedResources, args);
  const types = new Map<Type, Type>();
  const by = newSubstitution(budget, resources);
  for (const [name, wanted] of component.imports) {
    const found = args.get(name) ?? invalid(`Missing import named "${name}"`);
    within(`import "${name}"`, () => checkEntity(found, substituteEntity(wanted, by), budget));
    noteTypes(wanted, found, types, new Set());
  }
  return newSubstitution(budget, resources, types);
}

/** Notes that imported types stand for the supplied ones from here on, also those within instances. */
function noteTypes(wanted: Entity, found: Entity, into: Map<Type, Type>, seen: Set<Type>): void {
  if (wanted.kind === 'type' && found.kind === 'type') into.set(wanted.type, found.type);
  if (wanted.kind !== 'instance' || found.kind !== 'instance' || seen.has(wanted.type)) return;
  seen.add(wanted.type);
  for (const [name, inner] of wanted.type.exports) noteTypes(inner, found.type.exports.get(name)!, into, seen);
}

/** Finds what stands in `args` at each path; a path that leads nowhere is left to the check that follows. */
export function suppliedResources(
  wanted: ReadonlyMap<Resource, Path>,
  args: ReadonlyMap<string, Entity>,
): Map<Resource, Resource> {
  const result = new Map<Resource, Resource>();
  for (const [resource, path] of wanted) {
    const found = follow(args, path);
    if (found) result.set(resource, found);
  }
  return result;
}

function follow(entities: ReadonlyMap<string, Entity>, path: Path): Resource | undefined {
  let entity: Entity | undefined;
  let space: ReadonlyMap<string, Entity> | undefined = entities;
  for (const name of path) {
    entity = space?.get(name);
    space = entity?.kind === 'instance' ? entity.type.exports : undefined;
  }
  return entity?.kind === 'type' && entity.type.kind === 'resource' ? entity.type.resource : undefined;
}

/** Runs `check`, and says in its error where the mismatch is. */
function within(where: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof Error && error.name === 'Invalid') invalid(`Type mismatch in ${where}: ${error.message}`);
    throw error;
  }
}
