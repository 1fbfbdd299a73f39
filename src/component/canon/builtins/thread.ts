// thread.*: cooperative threads inside a task. CanonicalABI.md#canon-threadindex and following.

import { Trap } from '../../../errors.ts';
import type { CoreItem } from '../../abi/options.ts';
import { type CoreCall, makeCoreCall } from '../../tasks/core-call.ts';
import type { CoreSignature } from '../../tasks/encode-module.ts';
import { Thread } from '../../tasks/thread.ts';
import { type Builtin, type BuiltinDef, type BuiltinSite, blocking, builtin } from './builtin.ts';

export const threadIndex = builtin(0, 1, (site) => () => {
  site.component.checkMayLeave();
  return site.thread().index;
});

/** Makes thread.new-indirect. The start function's one parameter has the pointer type. */
export function threadNewIndirect(def: BuiltinDef): Builtin {
  const start: CoreSignature = { params: [def.valType], results: [] };
  return {
    signature: { params: ['i32', def.valType], results: ['i32'] },
    blocks: false,
    make(site) {
      const calls = new WeakMap<object, CoreCall>();
      return (index: number, context: number | bigint) => {
        site.component.checkMayLeave();
        const f = tableFunction(site, def.table as CoreItem, index >>> 0);
        const call = calls.get(f) ?? startCall(site, f, start);
        calls.set(f, call);
        return newThread(site, call, context);
      };
    },
  };
}

function tableFunction({ instance }: BuiltinSite, item: CoreItem, index: number): CallableFunction {
  const table = instance.importValue(item) as unknown as WebAssembly.Table;
  const f: unknown = index < table.length ? table.get(index) : undefined;
  if (typeof f !== 'function') throw new Trap(`Table element ${index} is not a function`);
  return f as CallableFunction;
}

function startCall({ instance, store, owner }: BuiltinSite, f: CallableFunction, signature: CoreSignature): CoreCall {
  // The function is called through a small module, without which nothing would check its signature.
  try {
    return makeCoreCall(store, f, signature, instance.plan.suspends[owner] === true, true);
  } catch (error) {
    if (error instanceof WebAssembly.LinkError) throw new Trap('The start function of a thread has another type');
    throw error;
  }
}

function newThread(site: BuiltinSite, call: CoreCall, context: number | bigint): number {
  const { task } = site.thread();
  if (task.isOutside) throw new Trap('Threads belong to a task');
  const thread = new Thread(task);
  site.store.prepare(thread, () => {
    thread.onReturn = () => task.exitThread(thread);
    call([context]);
  });
  task.registerThread(thread);
  return thread.index;
}

function otherThread({ component }: BuiltinSite, index: number): Thread {
  return component.threads.get(index >>> 0) as Thread;
}

function suspendedThread(site: BuiltinSite, index: number): Thread {
  const other = otherThread(site, index);
  if (!other.suspended) throw new Trap(`Thread ${index >>> 0} is not suspended`);
  return other;
}

export const threadResumeLater = builtin(1, 0, (site) => (index: number) => {
  site.component.checkMayLeave();
  site.store.startWaiting(suspendedThread(site, index), () => true);
});

/** Stops the current thread; `yields` says that it stops only until its turn comes again. */
function stop(site: BuiltinSite, cancellable: boolean, yields: boolean, next?: Thread): unknown {
  const thread = site.thread();
  if (yields) site.store.startWaiting(thread, () => true, true);
  return site.store.block(thread, cancellable, Number, next);
}

type Next = (site: BuiltinSite, index: number) => Thread | undefined;

function stopping(yields: boolean, params: 0 | 1, next: Next): Builtin {
  return blocking(params, 1, (site, { cancellable }) => (index: number) => {
    site.component.checkMayLeave();
    const { task } = site.thread();
    const other = next(site, index);
    if (task.deliverPendingCancel(cancellable)) return 1;
    return stop(site, cancellable, yields, other && promoted(site, other));
  });
}

function promoted({ store }: BuiltinSite, other: Thread): Thread | undefined {
  if (other.ready === undefined) return other;
  if (!other.isReady) return undefined;
  store.promote(other);
  return other;
}

const nobody: Next = () => undefined;
/** Finds a thread that may be promoted: it need not be suspended, nor ready. */
const waitingThread: Next = (site, index) => {
  const other = otherThread(site, index);
  return other.isReady ? other : undefined;
};

export const threadYield = stopping(true, 0, nobody);
export const threadSuspend = stopping(false, 0, nobody);
export const threadSuspendThenResume = stopping(false, 1, suspendedThread);
export const threadYieldThenResume = stopping(true, 1, suspendedThread);
export const threadSuspendThenPromote = stopping(false, 1, waitingThread);
export const threadYieldThenPromote = stopping(true, 1, waitingThread);
