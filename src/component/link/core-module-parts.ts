// Small parts of linking a core module that was made for a world: types of its functions, its own resources, and what is
// said of a module that does not fit its world.

import { MayflyError } from '../../errors.ts';
import { valuesLayout } from '../abi/values.ts';
import type { CoreFuncType } from '../binary/ast.ts';
import type { LiftedFunction, Trampoline } from '../canon/plan.ts';
import { makeResourceDrop, makeResourceNew, makeResourceRep } from '../canon/resource.ts';
import type { CoreImport } from '../rewrite/core-module.ts';
import { layoutOf, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, paramTypes } from '../types/layout.ts';
import type { FuncType } from '../types/val-type.ts';
import { printCoreType } from './core-module-kind.ts';
import type { WorldInterface } from './core-world.ts';
import type { HostRegistry } from './host-registry.ts';
import type { Item } from './items.ts';

/** The bytes of `(module (import "" "f" (func)) (start 0))`, which calls what it is given when it is instantiated. */
export const startModule = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  ...[0x02, 0x06, 0x01, 0x00, 0x01, 0x66, 0x00, 0x00],
  ...[0x08, 0x01, 0x00],
]);

export function itemOf(lifted: LiftedFunction): Item {
  return { kind: 'func', item: { kind: 'lifted', lifted, type: lifted.type } };
}

export function dropOf(name: string): string | undefined {
  return /^\[resource-drop\](.+)$/.exec(name)?.[1];
}

/** The built-ins for resources that the module itself implements. */
export function ownResource(one: CoreImport, { resources }: WorldInterface, owner: number): Trampoline | undefined {
  const [, builtin, key] = /^\[resource-(new|rep|drop)\](.+)$/.exec(one.name) ?? [];
  const type = resources.get(key ?? '');
  if (!type) return undefined;
  checkCoreType(one, { params: ['i32'], results: builtin === 'drop' ? [] : ['i32'] });
  if (builtin === 'drop') return makeResourceDrop(type, owner, -1);
  return builtin === 'new' ? makeResourceNew(type, owner) : makeResourceRep(type, owner);
}

/** Defers the making of a function: functions are made before the module whose memory they work on. */
export function whenMemoryIsThere(trampoline: Trampoline): Trampoline {
  return {
    ...trampoline,
    make(instance) {
      let made: ((...args: never[]) => unknown) | undefined;
      return (...args) => {
        made ??= trampoline.make(instance);
        return made(...args);
      };
    },
  };
}

export function liftedSignature(type: FuncType): CoreFuncType {
  const results = type.result ? layoutOf(type.result).flat : [];
  return {
    params: valuesLayout(paramTypes(type), MAX_FLAT_PARAMS).flat,
    results: results.length > MAX_FLAT_RESULTS ? ['i32'] : results,
  };
}

export function checkCoreType(one: CoreImport, expected: CoreFuncType): void {
  const actual = one.kind === 'func' ? printCoreType(one.type) : `a ${one.kind}`;
  if (actual === printCoreType(expected)) return;
  throw corrupt(`imports "${one.module}" "${one.name}" as ${actual} instead of ${printCoreType(expected)}`);
}

const WRAP = 'Make a component of it: jco new module.wasm -o component.wasm';

export function refuseAsync(type: FuncType, name: string): void {
  if (!type.async) return;
  throw new MayflyError('component-unsupported', `"${name}" is asynchronous, and the module is no component yet`, {
    hint: WRAP,
  });
}

export function unknownImport({ module, name }: CoreImport, registry: HostRegistry): MayflyError {
  const has = `its world, nor in ${registry.coreModuleNames.join(', ')}`;
  const message = `Import "${module}" "${name}" of the core module is neither in ${has}`;
  return new MayflyError('component-import-missing', message, { hint: WRAP });
}

export function corrupt(what: string): MayflyError {
  return new MayflyError('component-corrupt', `The core module ${what}`);
}
