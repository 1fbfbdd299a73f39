// The core types in sight while decoding: module types are decoded with the function types that they refer to.
// ../validate/ and ../link/ have all other index spaces.

import type { AliasTarget, AnySort, CoreType } from './ast.ts';
import type { Reader } from './reader.ts';

/** A component, component type, instance type or module type. */
export interface Scope {
  readonly coreTypes: CoreType[];
  readonly outer: Scope | undefined;
}

export function enterScope(outer: Scope | undefined): Scope {
  return { coreTypes: [], outer };
}

export function coreTypeAt(reader: Reader, scope: Scope, index: number): CoreType {
  return scope.coreTypes[index] ?? reader.fail(`Unknown core type ${index}: core type index out of bounds`);
}

/** Follows `alias outer count index` from `scope`; a count of 0 is the scope itself. */
export function outerCoreType(reader: Reader, scope: Scope, count: number, index: number): CoreType {
  let target: Scope | undefined = scope;
  for (let hops = 0; hops < count && target; hops++) target = target.outer;
  if (!target) reader.fail(`Invalid outer alias count of ${count}`);
  return coreTypeAt(reader, target, index);
}

/** Notes an outer alias of a core type, which adds to the space of core types. */
export function noteAlias(reader: Reader, scope: Scope, sort: AnySort, target: AliasTarget): void {
  if (!sort.core || sort.sort !== 'type' || target.kind !== 'outer') return;
  scope.coreTypes.push(outerCoreType(reader, scope, target.count, target.index));
}
