// What kind of core module a file is, and what to tell people about those that cannot run as they are.
import { MayflyError } from '../../errors.ts';
import type { CoreFuncType } from '../binary/ast.ts';
import type { CoreExport, CoreImport, CoreModuleInfo } from '../rewrite/core-module.ts';
import { isComponentType } from './core-world.ts';
import type { HostRegistry } from './host-registry.ts';

const WRAP = 'Make a component of it: jco new module.wasm -o component.wasm';

/** Throws `component-is-module` with what to do, unless the module is a command that can run by itself. */
export function checkCommand(info: CoreModuleInfo): void {
  if (!isStart(exported(info, '_start', 'func'), info)) throw noCommand(info);
}

/** Throws when the memory that imports work on is not there, or is not one that they can work on. */
export function checkMemory(info: CoreModuleInfo): void {
  const memory = exported(info, 'memory', 'memory');
  if (memory && info.memories[memory.index]?.is64) {
    throw new MayflyError('component-unsupported', 'The module uses a 64-bit memory');
  }
  if (!memory && info.imports.length > 0) {
    throw new MayflyError('component-is-module', 'The core module exports no "memory", which its imports work on', {
      hint: 'Export the memory: the linker does so for commands',
    });
  }
}

/** Whether the module is one half of a component: wit-bindgen and its like then leave a world in it. */
export function hasWorld({ layout }: CoreModuleInfo): boolean {
  return layout.sections.some(({ name }) => isComponentType(name));
}

export function printCoreType({ params, results }: CoreFuncType): string {
  return `(${params.join(' ')}) -> (${results.join(' ')})`;
}

function exported({ exports }: CoreModuleInfo, name: string, kind: CoreExport['kind']): CoreExport | undefined {
  return exports.find((one) => one.name === name && one.kind === kind);
}

function isStart(start: CoreExport | undefined, { funcTypes }: CoreModuleInfo): boolean {
  const type = start && funcTypes[start.index];
  return type !== undefined && type.params.length === 0 && type.results.length === 0;
}

function noCommand(info: CoreModuleInfo): MayflyError {
  const old = info.exports.find(({ name }) => /^(canonical_abi_|spin_http)/.test(name));
  if (old) {
    const message = `The core module exports "${old.name}": it was made for an interface of before components`;
    return new MayflyError('component-is-module', message, { hint: 'Build it again with a current SDK' });
  }
  const reactor = exported(info, '_initialize', 'func') !== undefined;
  const what = reactor ? 'is a reactor (it exports "_initialize")' : 'exports no "_start" without parameters';
  return new MayflyError('component-is-module', `The core module ${what}, and nothing says which function to call`, {
    hint: `Build it as a command, with a main function, or for the world of a component. ${WRAP}`,
  });
}

export function coreImportMissing({ module, name }: CoreImport, info: CoreModuleInfo, host: HostRegistry): MayflyError {
  const known = host.coreModule(module);
  const others = [...new Set(info.imports.map((one) => one.module))].filter((one) => !host.coreModule(one));
  const hint = known
    ? `The host has: ${Object.keys(known.functions).join(', ')}`
    : `Core modules may import ${host.coreModuleNames.map((one) => `"${one}"`).join(', ')}; this one also wants ${others.map((one) => `"${one}"`).join(', ')}`;
  return new MayflyError('component-import-missing', `Import "${module}" "${name}" is nothing that the host has`, {
    hint,
  });
}
