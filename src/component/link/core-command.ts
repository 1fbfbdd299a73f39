// core module → plan: links a command (`_start`, with imports such as wasi_snapshot_preview1) as if it were a component
// that exports wasi:cli/run. What the host's functions mean is not known here.

import { MayflyError } from '../../errors.ts';
import type { MemoryView } from '../abi/memory.ts';
import type { CoreItem } from '../abi/options.ts';
import { uncatchable } from '../abi/uncatchable.ts';
import type { LiftedFunction, Plan, PlannedExport, RunningInstance, Trampoline } from '../canon/plan.ts';
import type { CoreImport, CoreModuleInfo } from '../rewrite/core-module.ts';
import type { CoreSignature } from '../tasks/encode-module.ts';
import type { CoreParam, FinishCoreCall, HostCoreFunction } from '../types/core-host.ts';
import { checkCommand, checkMemory, coreImportMissing, printCoreType } from './core-module-kind.ts';
import type { HostRegistry } from './host-registry.ts';
import { own } from './own.ts';
import { findSuspending } from './suspends.ts';

const MEMORY: CoreItem = { kind: 'export', slot: 0, name: 'memory' };
/** The interface under which the host finds the entry, the same as in a component. */
export const RUN_INTERFACE = 'wasi:cli/run@0.2.0';

/**
 * Links the module. Throws `component-is-module` for modules that are no commands, `component-import-missing` and
 * `component-import-type` for what they import.
 */
export function linkCoreCommand(bytes: Uint8Array, info: CoreModuleInfo, host: HostRegistry): Plan {
  checkCommand(info);
  const services: string[] = [];
  const slotOf = (service: string): number => {
    const found = services.indexOf(service);
    return found >= 0 ? found : services.push(service) - 1;
  };
  const trampolines = info.imports.map((one) => coreTrampoline(one, info, host, slotOf));
  checkMemory(info);
  const run: LiftedFunction = {
    index: 0,
    owner: 0,
    core: { kind: 'export', slot: 0, name: '_start' },
    type: { params: [], result: undefined, async: false },
    options: noOptions,
  };
  const { suspends, mayWait } = findSuspending(1, trampolines);
  return {
    modules: [bytes],
    steps: [{ slot: 0, module: 0, imports: info.imports.map(importOf) }],
    instances: [{ parent: undefined }],
    suspends,
    mayWait,
    trampolines,
    asynchronous: false,
    lifted: [run],
    exports: new Map<string, PlannedExport>([
      [
        RUN_INTERFACE,
        { kind: 'instance', exports: new Map<string, PlannedExport>([['run', { kind: 'func', func: run }]]) },
      ],
    ]),
    services,
    imports: [...new Set(info.imports.map(({ module }) => module))],
  };
}

const noOptions = {
  encoding: 'utf8',
  memory: undefined,
  realloc: undefined,
  postReturn: undefined,
  async: false,
  callback: undefined,
} as const;

function importOf({ module, name }: CoreImport, index: number): Plan['steps'][number]['imports'][number] {
  return { module, name, item: { kind: 'trampoline', index } };
}

/** The module that calls a function: the number of its component instance, and its memory. */
export interface CoreOwner {
  readonly owner: number;
  readonly memory: CoreItem;
}

/** Makes the trampoline of one function of `wasi_snapshot_preview1` or its like. */
export function coreTrampoline(
  one: CoreImport,
  info: CoreModuleInfo,
  host: HostRegistry,
  slotOf: (service: string) => number,
  { owner, memory }: CoreOwner = { owner: 0, memory: MEMORY },
): Trampoline {
  const { module, name } = one;
  const offered = host.coreModule(module);
  const func = offered && own(offered.functions, name);
  if (!offered || !func) throw coreImportMissing(one, info, host);
  const coreType = coreTypeOf(func);
  checkType(one, coreType);
  const slot = slotOf(offered.service);
  const label = `${module} ${name}`;
  return {
    name: label,
    callee: undefined,
    owner,
    blocks: func.suspends,
    coreType,
    guardsItself: true,
    make: (instance) => makeCall(instance, slot, label, func, memory),
  };
}

function makeCall(
  instance: RunningInstance,
  slot: number,
  label: string,
  func: HostCoreFunction,
  item: CoreItem,
): ReturnType<Trampoline['make']> {
  const { params, suspends } = func;
  let memory: MemoryView | undefined;
  const run = (args: (number | bigint)[]): unknown => {
    const state = instance.hostState(slot, label);
    memory ??= instance.memory(item);
    memory.refresh();
    for (let at = 0; at < args.length; at++) args[at] = toHost(params[at] as CoreParam, args[at] as number | bigint);
    const result = func.call(state, memory, ...args);
    if (!(suspends && result instanceof Promise)) return result;
    const view = memory;
    return instance.wait(result, (finish) => {
      view.refresh();
      return (finish as FinishCoreCall)();
    });
  };
  return (...args: (number | bigint)[]) => {
    try {
      return run(args);
    } catch (error) {
      throw uncatchable(error);
    }
  };
}

function toHost(param: CoreParam, value: number | bigint): number | bigint {
  if (param === 'u32') return (value as number) >>> 0;
  return param === 'u64' ? BigInt.asUintN(64, value as bigint) : value;
}

function coreTypeOf({ params, hasResult }: HostCoreFunction): CoreSignature {
  return { params: params.map((param) => (param === 'u32' ? 'i32' : 'i64')), results: hasResult ? ['i32'] : [] };
}

/** Checks the type of an import: a function of another type would get values that it was not written for. */
function checkType(one: CoreImport, expected: CoreSignature): void {
  const wanted = printCoreType(expected);
  const declared = one.kind === 'func' ? printCoreType(one.type) : `a ${one.kind}`;
  if (declared === wanted) return;
  throw new MayflyError('component-import-type', `Import "${one.module}" "${one.name}" is declared as ${declared}`, {
    hint: `The host has ${wanted}`,
  });
}
