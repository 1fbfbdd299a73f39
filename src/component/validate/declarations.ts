// Component types and instance types. design/mvp/Binary.md#type-definitions

import type { Declaration, DefType } from '../binary/ast.ts';
import { addAlias, checkDeclaredAlias } from './aliases.ts';
import { checkCoreType } from './core-types.ts';
import { declare } from './externs.ts';
import { finishComponent } from './finish.ts';
import { type Component, type Instance, makeInstance, type Path, type Resource } from './model.ts';
import { newScope, type Scope } from './scope.ts';
import { defineType } from './types.ts';

export function validateDeclarations(
  outer: Scope,
  type: DefType & { kind: 'component' | 'instance' },
): Component | Instance {
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
