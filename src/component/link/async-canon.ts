// Canonical functions of the asynchronous ABI as trampolines. A plan without any of them keeps to the synchronous code.

import { MayflyError, Trap } from '../../errors.ts';
import type { CoreItem, ResolvedOptions } from '../abi/options.ts';
import type { Canon } from '../binary/ast.ts';
import { findBuiltin } from '../canon/builtins/all.ts';
import type { BuiltinDef } from '../canon/builtins/builtin.ts';
import type { FuncItem } from '../canon/func-item.ts';
import { makeLowered } from '../canon/lower.ts';
import { makeLowerGuest } from '../canon/lower-guest.ts';
import { makeLowerHost } from '../canon/lower-host.ts';
import { makeLowerSteps } from '../canon/lower-in-task.ts';
import type { RunningInstance, Trampoline } from '../canon/plan.ts';
import type { ComponentTasks } from '../tasks/component-tasks.ts';
import type { Store } from '../tasks/store.ts';
import type { ValType } from '../types/val-type.ts';
import type { Scope } from './items.ts';
import { resolveOptions } from './resolve-options.ts';
import { at, resolveRef } from './resolve-types.ts';

/** Makes the trampoline of canon lower; whether the plan has tasks is known only when its instances are made. */
export function lowered(func: FuncItem, options: ResolvedOptions, owner: number): Trampoline {
  const synchronous = makeLowered(func, options, owner);
  const steps = makeLowerSteps(func.type, options.async);
  const mayStaySynchronous = func.kind === 'host' && !options.async && !func.func.suspends;
  return {
    ...synchronous,
    callee: func.kind === 'host' && options.async ? undefined : synchronous.callee,
    blocks: func.kind === 'lifted' && func.type.async && !options.async,
    coreType: steps.signature,
    make(instance: RunningInstance) {
      const { store } = instance;
      if (!store || mayStaySynchronous) return synchronous.make(instance);
      return func.kind === 'host'
        ? makeLowerHost(instance, store, func, options, owner, steps)
        : makeLowerGuest(instance, store, func, options, owner, steps);
    },
  };
}

/** Makes the trampoline of a call that always traps: its callee is entered as long as its caller runs. */
export function refused(owner: number): Trampoline {
  const call = (): never => {
    throw new Trap('Cannot enter component instance');
  };
  return { name: 'canon lower of a function of a parent or child', callee: undefined, owner, make: () => call };
}

type BuiltinCanon = Extract<Canon, { kind: 'builtin' }>;

export function builtinTrampoline(canon: BuiltinCanon, scope: Scope): Trampoline {
  const find = findBuiltin(canon.name);
  if (!find) throw new MayflyError('component-unsupported', `Component uses the canonical built-in "${canon.name}"`);
  const def = resolve(canon, scope);
  const { signature, blocks, make } = find(def);
  const owner = scope.instance;
  return {
    name: `canon ${canon.name}`,
    callee: undefined,
    owner,
    blocks,
    coreType: signature,
    make(instance: RunningInstance) {
      const store = instance.store as Store;
      const component = store.components[owner] as ComponentTasks;
      return make({ instance, store, component, owner, thread: () => store.thread(owner) }, def);
    },
  };
}

function resolve(canon: BuiltinCanon, scope: Scope): BuiltinDef {
  const { name, options, memory, table, async, cancellable, slot } = canon;
  return {
    name,
    type: valueType(canon, scope),
    options: options && resolveOptions(options, scope),
    memory: memory === undefined ? undefined : at<CoreItem>(scope.coreMemories, memory, 'core memory'),
    table: table === undefined ? undefined : at<CoreItem>(scope.coreTables, table, 'core table'),
    async,
    cancellable,
    slot: slot ?? 0,
    valType: pointerType(canon, scope),
  };
}

function valueType({ name, type, result }: BuiltinCanon, scope: Scope): ValType | undefined {
  if (result) return resolveRef(result, scope);
  if (type === undefined || !/^(stream|future)\./.test(name)) return undefined;
  const found = resolveRef({ kind: 'index', index: type }, scope);
  if (found.kind === 'stream' || found.kind === 'future') return found.element;
  throw new MayflyError('component-corrupt', `Type ${type} is neither a stream nor a future`);
}

/** The pointer type of context.*, and of thread.new-indirect, where it is that of the start function's parameter. */
function pointerType({ name, valType, type }: BuiltinCanon, scope: Scope): 'i32' | 'i64' {
  if (valType === 'i64') return 'i64';
  if (name !== 'thread.new-indirect' || type === undefined) return 'i32';
  const start = scope.coreTypes[type];
  return start?.kind === 'func' && start.type.params[0] === 'i64' ? 'i64' : 'i32';
}
