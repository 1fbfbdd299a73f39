// Canonical options of the binary → core items of the plan.
import type { CoreItem, ResolvedOptions } from '../abi/options.ts';
import type { CanonOptions } from '../binary/ast.ts';
import type { Scope } from './items.ts';
import { at } from './resolve-types.ts';

export function resolveOptions(options: CanonOptions, scope: Scope): ResolvedOptions {
  const func = (index: number | undefined): CoreItem | undefined =>
    index === undefined ? undefined : at(scope.coreFuncs, index, 'core function');
  return {
    encoding: options.encoding,
    memory: options.memory === undefined ? undefined : at(scope.coreMemories, options.memory, 'core memory'),
    realloc: func(options.realloc),
    postReturn: func(options.postReturn),
    async: options.async,
    callback: func(options.callback),
  };
}
