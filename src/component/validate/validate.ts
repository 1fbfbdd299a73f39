// Checks that the parts of a decoded component fit together: indices, types, names, instantiations, canonical
// functions. This runs once, at load. Core code is not looked at: V8 validates it when it compiles.
// design/mvp/Binary.md, Explainer.md

import type { Component } from '../binary/ast.ts';
import { validateDefinitions } from './definitions.ts';

/**
 * Validates a component. `file` is its name in errors. Errors: component-corrupt, with the offset of the definition
 * that is wrong.
 */
export function validateComponent(component: Component, file = 'component'): void {
  validateDefinitions(component, undefined, file);
}
