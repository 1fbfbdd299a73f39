// The definitions of a component, one after another. design/mvp/Binary.md

import { MayflyError } from '../../errors.ts';
import type { Component, Definition } from '../binary/ast.ts';
import { readCoreModuleType } from '../binary/core-module.ts';
import { addAlias } from './aliases.ts';
import { addCanon } from './canon.ts';
import { checkCoreModuleNames, checkCoreType } from './core-types.ts';
import { addExport } from './exports.ts';
import { declare } from './externs.ts';
import { finishComponent } from './finish.ts';
import { coreInstance, instance } from './instances.ts';
import { Invalid } from './invalid.ts';
import type { Component as ComponentType } from './model.ts';
import { newScope, type Scope } from './scope.ts';
import { addStart, checkValuesUsed } from './start.ts';
import { defineType } from './types.ts';
import { valAt } from './val-types.ts';
import { checkValue } from './values.ts';

/** Validates the definitions. Errors: component-corrupt, with the offset of the definition that is wrong. */
export function validateDefinitions(component: Component, outer: Scope | undefined, file: string): ComponentType {
  const scope = newScope('component', outer, file);
  for (const definition of component.definitions)
    located(file, definition.offset, () => addDefinition(scope, definition));
  return located(file, component.offset, () => {
    checkValuesUsed(scope);
    return finishComponent(scope);
  });
}

function located<T>(file: string, offset: number, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new MayflyError('component-corrupt', error.message, { location: { file, offset } });
  }
}

function addDefinition(scope: Scope, definition: Definition): void {
  switch (definition.kind) {
    case 'core-module': {
      const type = readCoreModuleType(definition.bytes, scope.file, definition.offset);
      checkCoreModuleNames(type);
      scope.core.module.push(type);
      break;
    }
    case 'core-instance':
      scope.core.instance.push(coreInstance(scope, definition.expr));
      break;
    case 'core-type':
      checkCoreType(definition.type);
      scope.core.type.push(definition.type);
      break;
    case 'component':
      scope.spaces.component.push(validateDefinitions(definition.component, scope, scope.file));
      break;
    case 'instance':
      scope.spaces.instance.push(instance(scope, definition.expr));
      break;
    case 'alias':
      addAlias(scope, definition.sort, definition.target);
      break;
    case 'type':
      scope.spaces.type.push(defineType(scope, definition.type));
      break;
    case 'canon':
      addCanon(scope, definition.canon);
      break;
    case 'start':
      addStart(scope, definition);
      break;
    case 'import':
      declare(scope, 'import', definition.name, definition.desc);
      break;
    case 'export':
      addExport(scope, definition);
      break;
    case 'value': {
      const type = valAt(scope, definition.type);
      checkValue(type, definition.bytes, scope.file, definition.offset);
      scope.spaces.value.push({ type, used: false });
    }
  }
}
