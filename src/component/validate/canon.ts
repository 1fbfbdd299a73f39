// Canonical functions: lift, lower and the resource functions. CanonicalABI.md#canonical-definitions

import type { Canon, CoreFuncType } from '../binary/ast.ts';
import { spendSteps } from './budget.ts';
import { builtinType } from './canon-builtins.ts';
import { checkOptions, need } from './canon-options.ts';
import { sameFunc, showFunc } from './core-subtype.ts';
import { flattenFunc, MAX_FLAT_ASYNC_PARAMS, MAX_FLAT_RESULTS, paramTypes, resultTypes } from './flatten-func.ts';
import { invalid } from './invalid.ts';
import { flatten, MAX_FLAT } from './metrics.ts';
import type { Func, Val } from './model.ts';
import { coreFuncAt, resourceAt, type Scope, spaceAt, typeAt } from './scope.ts';

/** Validates a canonical function and adds it: lift adds a function, everything else a core function. */
export function addCanon(scope: Scope, canon: Canon): void {
  if (canon.kind === 'lift') scope.spaces.func.push(lift(scope, canon));
  else scope.core.func.push({ kind: 'func', type: coreType(scope, canon) });
}

function coreType(scope: Scope, canon: Exclude<Canon, { kind: 'lift' }>): CoreFuncType {
  switch (canon.kind) {
    case 'lower':
      return lower(scope, canon);
    case 'resource.new':
      return { params: [localRep(scope, canon.resource)], results: ['i32'] };
    case 'resource.rep':
      return { params: ['i32'], results: [localRep(scope, canon.resource)] };
    case 'resource.drop':
      resourceAt(scope, canon.resource);
      return { params: ['i32'], results: [] };
    case 'builtin':
      return builtinType(scope, canon);
  }
}

function localRep(scope: Scope, index: number): 'i32' | 'i64' {
  const { resource } = resourceAt(scope, index);
  if (!scope.localResources.has(resource)) invalid(`Type ${index} is not a local resource`);
  return resource.rep;
}

function lift(scope: Scope, canon: Canon & { kind: 'lift' }): Func {
  const type = typeAt(scope, 'func', canon.type);
  spendSteps(scope.budget, type.params.length);
  const core = coreFuncAt(scope, canon.coreFunc);
  const options = checkOptions(scope, canon.options, 'lift');
  if (options.async && !type.async) invalid('The `async` canonical option requires an async function type');
  const expected = flattenFunc(type, options, 'lift');
  if (!sameFunc(core, expected)) {
    invalid(`Core func ${canon.coreFunc} is ${showFunc(core)}, lifting it needs ${showFunc(expected)}`);
  }
  checkPostReturn(scope, canon.options.postReturn, core);
  const flatParams = flatten(paramTypes(type), options.address);
  const needsRealloc = flatParams.length > MAX_FLAT || anyList(paramTypes(type));
  const maxResults = options.async ? MAX_FLAT : MAX_FLAT_RESULTS;
  const flatResults = flatten(resultTypes(type), options.address);
  need(options, 'memory', needsRealloc || flatResults.length > maxResults || anyList(resultTypes(type)));
  need(options, 'realloc', needsRealloc);
  return type;
}

function checkPostReturn(scope: Scope, index: number | undefined, core: CoreFuncType): void {
  if (index === undefined) return;
  if (!sameFunc(coreFuncAt(scope, index), { params: core.results, results: [] })) {
    invalid('The canonical option `post-return` has a core function with an incorrect signature');
  }
}

function lower(scope: Scope, canon: Canon & { kind: 'lower' }): CoreFuncType {
  const type = spaceAt(scope, 'func', canon.func);
  spendSteps(scope.budget, type.params.length);
  const options = checkOptions(scope, canon.options, 'lower');
  if (options.async && !type.async) invalid('The `async` canonical option requires an async function type');
  const maxParams = options.async ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT;
  const maxResults = options.async ? 0 : MAX_FLAT_RESULTS;
  const spilled =
    flatten(paramTypes(type), options.address).length > maxParams ||
    flatten(resultTypes(type), options.address).length > maxResults;
  // the reference tests lower async functions without memory where nothing passes through it
  need(options, 'memory', spilled || anyList(paramTypes(type)) || anyList(resultTypes(type)));
  need(options, 'realloc', anyList(resultTypes(type)));
  return flattenFunc(type, options, 'lower');
}

function anyList(types: readonly Val[]): boolean {
  return types.some(({ metrics }) => metrics.hasList);
}
