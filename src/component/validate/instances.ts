// Instances: of core modules, of components, and made of exports. design/mvp/Binary.md#instance-definitions

import type {
  AnySort,
  CoreExternDesc,
  CoreInlineExport,
  CoreInstanceExpr,
  CoreInstantiateArg,
  CoreModuleType,
  InlineExport,
  InstanceExpr,
  InstantiateArg,
} from '../binary/ast.ts';
import { spendCopies, spendSteps } from './budget.ts';
import { checkCoreEntity } from './core-subtype.ts';
import { addNamed } from './externs.ts';
import { invalid } from './invalid.ts';
import { type Entity, type Instance, makeInstance, type Resource } from './model.ts';
import { type CoreInstance, coreAt, newSurface, type Scope, spaceAt, useValue } from './scope.ts';
import { newSubstitution, substituteAll } from './substitute.ts';
import { supply } from './subtype.ts';

export function coreInstance(scope: Scope, expr: CoreInstanceExpr): CoreInstance {
  return expr.kind === 'exports' ? coreExports(scope, expr.exports) : instantiateModule(scope, expr.module, expr.args);
}

function coreExports(scope: Scope, exports: readonly CoreInlineExport[]): CoreInstance {
  const result = new Map<string, CoreExternDesc>();
  for (const { name, sort, index } of exports) {
    if (result.has(name)) invalid(`Export name "${name}" is already defined`);
    if (sort === 'module' || sort === 'instance' || sort === 'type') invalid(`A core instance cannot export a ${sort}`);
    result.set(name, coreAt(scope, sort, index));
  }
  return result;
}

function instantiateModule(scope: Scope, index: number, args: readonly CoreInstantiateArg[]): CoreInstance {
  const module = coreAt(scope, 'module', index);
  const supplied = new Map<string, CoreInstance>();
  for (const { name, instance } of args) {
    if (supplied.has(name)) invalid(`Duplicate argument "${name}" of a core module`);
    supplied.set(name, coreAt(scope, 'instance', instance));
  }
  spendSteps(scope.budget, module.imports.length);
  for (const { module: from, name, desc } of module.imports) {
    const instance = supplied.get(from) ?? invalid(`Missing argument "${from}" of a core module`);
    const actual = instance.get(name) ?? invalid(`Argument "${from}" does not export an item named "${name}"`);
    checkCoreEntity(actual, desc, `import "${from}" "${name}"`);
  }
  return exportsOf(module);
}

const exportMaps = new WeakMap<CoreModuleType, CoreInstance>();

/** The exports of a module's instances, made once for each module, however often it is instantiated. */
function exportsOf(module: CoreModuleType): CoreInstance {
  let exports = exportMaps.get(module);
  if (!exports) {
    exports = new Map(module.exports.map(({ name, desc }) => [name, desc]));
    exportMaps.set(module, exports);
  }
  return exports;
}

export function instance(scope: Scope, expr: InstanceExpr): Instance {
  return expr.kind === 'exports' ? inlineExports(scope, expr.exports) : instantiate(scope, expr.component, expr.args);
}

/**
 * Makes an instance of exports. They give types no new names, so that no constructor, method or static function can
 * stand among them.
 */
function inlineExports(scope: Scope, exports: readonly InlineExport[]): Instance {
  const surface = newSurface();
  for (const { name, sort, index } of exports) addNamed(surface, 'export', name, entityAt(scope, sort, index));
  return makeInstance(surface.entities);
}

function instantiate(scope: Scope, index: number, args: readonly InstantiateArg[]): Instance {
  const component = spaceAt(scope, 'component', index);
  const supplied = new Map<string, Entity>();
  for (const { name, sort, index: arg } of args) {
    if (supplied.has(name)) invalid(`Argument "${name}" conflicts with a previous argument`);
    supplied.set(name, entityAt(scope, sort, arg));
  }
  const by = supply(component, supplied, scope.budget);
  const resources = new Map([...by.resources, ...freshResources(scope, component.resources.keys())]);
  return makeInstance(substituteAll(component.exports, newSubstitution(scope.budget, resources, by.types)));
}

/** Makes fresh resource types: they are generative, and each instantiation makes its own. */
function freshResources(scope: Scope, old: Iterable<Resource>): Map<Resource, Resource> {
  const fresh = new Map<Resource, Resource>();
  for (const one of old) {
    const made: Resource = { rep: one.rep };
    fresh.set(one, made);
    scope.definedResources.set(made, undefined);
  }
  spendCopies(scope.budget, fresh.size);
  return fresh;
}

/** The definition that is being exported or handed to an instantiation. Using a value uses it up. */
export function entityAt(scope: Scope, { core, sort }: AnySort, index: number): Entity {
  if (core) {
    if (sort !== 'module') invalid(`A core ${sort} cannot cross the boundary of a component`);
    return { kind: 'core-module', type: coreAt(scope, 'module', index) };
  }
  switch (sort) {
    case 'func':
      return { kind: sort, type: spaceAt(scope, sort, index) };
    case 'value':
      return { kind: sort, type: useValue(scope, index) };
    case 'type':
      return { kind: sort, type: spaceAt(scope, sort, index) };
    case 'component':
      return { kind: sort, type: spaceAt(scope, sort, index) };
    case 'instance':
      return { kind: sort, type: spaceAt(scope, sort, index) };
  }
}
