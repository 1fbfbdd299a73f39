// Type definitions: function, resource, component and instance types; value types are in val-types.ts.
// design/mvp/Binary.md#type-definitions
import type { Declaration, DefType } from '../binary/ast.ts';
import { addAlias, checkDeclaredAlias } from './aliases.ts';
import { sameFunc } from './core-subtype.ts';
import { checkCoreType } from './core-types.ts';
import { checkLabels } from './extern-names.ts';
import { declare } from './externs.ts';
import { finishComponent } from './finish.ts';
import { invalid } from './invalid.ts';
import {
  type Component,
  type Func,
  type Instance,
  makeFunc,
  makeInstance,
  newRef,
  type Path,
  type Resource,
  type ResourceRef,
  renamed,
  type Type,
} from './model.ts';
import { coreFuncAt, newScope, type Scope } from './scope.ts';
import { defineShape, makeVal, optionalValAt, primitive, valAt } from './val-types.ts';

/** The most parameters of one function; signatures are computed anew for each use of it. */
const MAX_PARAMS = 1000;

export function defineType(scope: Scope, type: DefType): Type {
  switch (type.kind) {
    case 'func':
      return defineFunc(scope, type);
    case 'component':
    case 'instance':
      return validateDeclarations(scope, type);
    case 'resource':
      return defineResource(scope, type);
    case 'primitive':
      return renamed(primitive(type.primitive));
    default:
      return makeVal(defineShape(scope, type));
  }
}

function defineFunc(scope: Scope, type: DefType & { kind: 'func' }): Func {
  if (type.params.length > MAX_PARAMS) invalid(`A function cannot have more than ${MAX_PARAMS} parameters`);
  checkLabels(
    type.params.map(({ name }) => name),
    'function parameter name',
  );
  const params = type.params.map((param) => ({ name: param.name, type: valAt(scope, param.type) }));
  const result = optionalValAt(scope, type.result);
  if (result?.metrics.hasBorrow) invalid('A function result cannot contain a `borrow` type');
  return makeFunc(type.async, params, result);
}

function defineResource(scope: Scope, type: DefType & { kind: 'resource' }): ResourceRef {
  if (scope.kind !== 'component') invalid('Resources can only be defined within a concrete component');
  if (type.dtor !== undefined && !sameFunc(coreFuncAt(scope, type.dtor), { params: [type.rep], results: [] })) {
    invalid(`Core func ${type.dtor} has the wrong signature for a destructor`);
  }
  const resource: Resource = { rep: type.rep };
  scope.definedResources.set(resource, undefined);
  scope.localResources.add(resource);
  return newRef(resource);
}

function validateDeclarations(outer: Scope, type: DefType & { kind: 'component' | 'instance' }): Component | Instance {
  const scope = newScope(type.kind === 'component' ? 'component type' : 'instance type', outer, outer.file);
  for (const declaration of type.declarations) addDeclaration(scope, declaration);
  if (type.kind === 'component') return finishComponent(scope);
  // in an instance type every resource comes from an export, which is its path
  return makeInstance(scope.export.entities, scope.definedResources as Map<Resource, Path>);
}

function addDeclaration(scope: Scope, declaration: Declaration): void {
  switch (declaration.kind) {
    case 'core-type':
      checkCoreType(declaration.type);
      scope.core.type.push(declaration.type);
      break;
    case 'type':
      scope.spaces.type.push(defineType(scope, declaration.type));
      break;
    case 'alias':
      checkDeclaredAlias(declaration.sort, declaration.target);
      addAlias(scope, declaration.sort, declaration.target);
      break;
    case 'import':
    case 'export':
      declare(scope, declaration.kind, declaration.name, declaration.desc);
  }
}
