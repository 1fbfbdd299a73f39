// Validates start definitions, and that each value is used once. design/mvp/Binary.md#start-definitions

import type { Definition } from '../binary/ast.ts';
import { invalid } from './invalid.ts';
import { checkSameVal } from './same-value.ts';
import { type Scope, spaceAt, useValue } from './scope.ts';

export function addStart(scope: Scope, { func, args, results }: Definition & { kind: 'start' }): void {
  const type = spaceAt(scope, 'func', func);
  if (type.params.length !== args.length) invalid(`The start function has ${type.params.length} parameters`);
  for (const [position, index] of args.entries()) checkSameVal(useValue(scope, index), type.params[position]!.type);
  const returned = type.result ? [type.result] : [];
  if (returned.length !== results) invalid(`The start function has ${returned.length} results`);
  for (const one of returned) scope.spaces.value.push({ type: one, used: false });
}

/** Checks after the last definition that all values were used. */
export function checkValuesUsed({ spaces }: Scope): void {
  const unused = spaces.value.findIndex(({ used }) => !used);
  if (unused >= 0) invalid(`Value ${unused} is never used`);
}
