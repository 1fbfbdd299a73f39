// Whether a core definition may stand where another is asked for.
// https://webassembly.github.io/spec/core/valid/matching.html; types by index are left to V8, which links them

import type { CoreExternDesc, CoreFuncType, CoreLimits, CoreModuleType, CoreValType } from '../binary/ast.ts';
import { invalid } from './invalid.ts';

export function checkCoreEntity(actual: CoreExternDesc, expected: CoreExternDesc, where: string): void {
  if (actual.kind !== expected.kind)
    invalid(`Type mismatch in ${where}: expected ${expected.kind}, found ${actual.kind}`);
  const problem = compare(actual, expected);
  if (problem) invalid(`Type mismatch in ${where}: ${problem}`);
}

/** Why `actual` does not match; undefined when it does. */
function compare(actual: CoreExternDesc, expected: CoreExternDesc): string | undefined {
  if ((actual.kind === 'func' || actual.kind === 'tag') && actual.kind === expected.kind) {
    const same = sameFunc(actual.type, expected.type);
    return same ? undefined : `expected ${showFunc(expected.type)}, found ${showFunc(actual.type)}`;
  }
  if (actual.kind === 'table' && expected.kind === 'table') {
    if (!sameVal(actual.element, expected.element)) {
      return `expected elements of type ${showVal(expected.element)}, found ${showVal(actual.element)}`;
    }
    return compareLimits(actual.limits, expected.limits);
  }
  if (actual.kind === 'memory' && expected.kind === 'memory') return compareLimits(actual.limits, expected.limits);
  if (actual.kind === 'global' && expected.kind === 'global') {
    if (actual.mutable !== expected.mutable) return 'one is mutable, the other is not';
    const same = sameVal(actual.type, expected.type);
    return same ? undefined : `expected ${showVal(expected.type)}, found ${showVal(actual.type)}`;
  }
  return undefined;
}

function compareLimits(actual: CoreLimits, expected: CoreLimits): string | undefined {
  if (actual.shared !== expected.shared) return 'one is shared, the other is not';
  if (actual.is64 !== expected.is64) return 'one has 64-bit addresses, the other has not';
  if ((actual.pageSizeLog2 ?? 16) !== (expected.pageSizeLog2 ?? 16)) return 'page sizes differ';
  if (actual.min < expected.min) return `expected a minimum of ${expected.min}, found ${actual.min}`;
  if (expected.max === undefined) return undefined;
  if (actual.max === undefined || actual.max > expected.max) {
    return `expected a maximum of ${expected.max}, found ${actual.max ?? 'none'}`;
  }
  return undefined;
}

export function sameFunc(a: CoreFuncType, b: CoreFuncType): boolean {
  return sameVals(a.params, b.params) && sameVals(a.results, b.results);
}

function sameVals(a: readonly CoreValType[], b: readonly CoreValType[]): boolean {
  return a.length === b.length && a.every((type, index) => sameVal(type, b[index]!));
}

function sameVal(a: CoreValType, b: CoreValType): boolean {
  return typeof a === 'object' || typeof b === 'object' ? typeof a === typeof b || isRef(a, b) : a === b;
}

/**
 * Whether the short one of two names is that of a reference: it may well match a reference of the GC proposal, and V8
 * decides.
 */
function isRef(a: CoreValType, b: CoreValType): boolean {
  const short = typeof a === 'string' ? a : b;
  return short === 'funcref' || short === 'externref';
}

export function showFunc({ params, results }: CoreFuncType): string {
  return `[${params.map(showVal).join(' ')}] -> [${results.map(showVal).join(' ')}]`;
}

function showVal(type: CoreValType): string {
  return typeof type === 'string' ? type : 'ref';
}

/** Checks a module type; `actual` may import less and export more than `expected`. */
export function checkCoreModule(actual: CoreModuleType, expected: CoreModuleType): void {
  const supplied = new Map(expected.imports.map((one) => [`${one.module}\0${one.name}`, one.desc]));
  for (const { module, name, desc } of actual.imports) {
    const given = supplied.get(`${module}\0${name}`) ?? invalid(`Missing expected import "${module}" "${name}"`);
    checkCoreEntity(given, desc, `import "${module}" "${name}"`);
  }
  const offered = new Map(actual.exports.map(({ name, desc }) => [name, desc]));
  for (const { name, desc } of expected.exports) {
    checkCoreEntity(offered.get(name) ?? invalid(`Missing expected export "${name}"`), desc, `export "${name}"`);
  }
}
