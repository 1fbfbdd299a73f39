// Core types in components, and what the Component Model asks of core modules.
// design/mvp/Binary.md#type-definitions, Explainer.md#type-definitions

import type { CoreExternDesc, CoreLimits, CoreModuleType, CoreType } from '../binary/ast.ts';
import { invalid } from './invalid.ts';

const MAX_PAGES_32 = 2n ** 16n;
const MAX_PAGES_64 = 2n ** 48n;
const PAGE_SIZE_LOG2 = 16;

export function checkCoreType(type: CoreType): void {
  if (type.kind !== 'module') return;
  checkCoreModuleNames(type.type);
  for (const { desc } of [...type.type.imports, ...type.type.exports]) checkDesc(desc);
}

/** Checks that the two-level names of imports and the names of exports are unique: they become names of one level. */
export function checkCoreModuleNames({ imports, exports }: CoreModuleType): void {
  const seen = new Set<string>();
  for (const { module, name } of imports) {
    const key = `${module}\0${name}`;
    if (seen.has(key)) invalid(`Duplicate import name "${module}" "${name}" of a core module`);
    seen.add(key);
  }
  const exported = new Set<string>();
  for (const { name } of exports) {
    if (exported.has(name)) invalid(`Export name "${name}" of a core module is already defined`);
    exported.add(name);
  }
}

function checkDesc(desc: CoreExternDesc): void {
  if (desc.kind === 'memory') checkMemory(desc.limits);
  if (desc.kind === 'table') checkOrder(desc.limits, 'table');
  if (desc.kind === 'tag' && desc.type.results.length > 0) invalid('A tag cannot have results');
}

function checkMemory(limits: CoreLimits): void {
  const pageSizeLog2 = limits.pageSizeLog2 ?? PAGE_SIZE_LOG2;
  if (pageSizeLog2 !== PAGE_SIZE_LOG2 && pageSizeLog2 !== 0) invalid('The page size must be 1 or 65,536 bytes');
  const pages = (limits.is64 ? MAX_PAGES_64 : MAX_PAGES_32) << BigInt(PAGE_SIZE_LOG2 - pageSizeLog2);
  if (limits.min > pages || (limits.max ?? 0n) > pages) invalid(`The memory size must be at most ${pages} pages`);
  if (limits.shared && limits.max === undefined) invalid('A shared memory must have a maximum');
  checkOrder(limits, 'memory');
}

function checkOrder({ min, max }: CoreLimits, what: string): void {
  if (max !== undefined && min > max) invalid(`The minimum of a ${what} is greater than its maximum`);
}
