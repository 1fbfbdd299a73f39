// Options of canonical functions. CanonicalABI.md#canonopt-validation

import type { CanonOptions } from '../binary/ast.ts';
import { sameFunc } from './core-subtype.ts';
import { invalid } from './invalid.ts';
import type { AddressType } from './model.ts';
import { coreAt, coreFuncAt, type Scope } from './scope.ts';

export interface Checked {
  /** The address type of the memory; i32 when there is none. */
  readonly address: AddressType;
  readonly async: boolean;
  readonly memory: boolean;
  readonly realloc: boolean;
  readonly callback: boolean;
}

/** Checks the options; `use` is `builtin` for everything but canon lift and canon lower. */
export function checkOptions(scope: Scope, options: CanonOptions, use: 'lift' | 'lower' | 'builtin'): Checked {
  const address = options.memory === undefined ? 'i32' : memoryAddress(scope, options.memory);
  checkRealloc(scope, options, address);
  if (options.postReturn !== undefined) {
    if (use !== 'lift') invalid('The canonical option `post-return` is only for lifting');
    if (options.async) invalid('The canonical option `post-return` cannot be used together with `async`');
  }
  checkCallback(scope, options, use);
  return {
    address,
    async: options.async,
    memory: options.memory !== undefined,
    realloc: options.realloc !== undefined,
    callback: options.callback !== undefined,
  };
}

export function memoryAddress(scope: Scope, index: number): AddressType {
  const { limits } = coreAt(scope, 'memory', index);
  if (limits.shared) invalid(`Core memory ${index} is shared, and cannot be used by canonical functions`);
  return limits.is64 ? 'i64' : 'i32';
}

function checkRealloc(scope: Scope, options: CanonOptions, address: AddressType): void {
  if (options.realloc === undefined) return;
  const expected = { params: [address, address, address, address], results: [address] };
  if (!sameFunc(coreFuncAt(scope, options.realloc), expected)) {
    invalid('The canonical option `realloc` has a core function with an incorrect signature');
  }
  if (options.memory === undefined) invalid('The canonical option `realloc` requires `memory`, too');
}

function checkCallback(scope: Scope, options: CanonOptions, use: 'lift' | 'lower' | 'builtin'): void {
  if (options.callback === undefined) return;
  if (use !== 'lift') invalid('The canonical option `callback` is only for lifting');
  if (!options.async) invalid('The canonical option `callback` requires `async`');
  if (!sameFunc(coreFuncAt(scope, options.callback), { params: ['i32', 'i32', 'i32'], results: ['i32'] })) {
    invalid('The canonical option `callback` has a core function with an incorrect signature');
  }
}

export function need(options: Checked, option: 'memory' | 'realloc', needed: boolean): void {
  if (needed && !options[option]) invalid(`The canonical option \`${option}\` is required`);
}
