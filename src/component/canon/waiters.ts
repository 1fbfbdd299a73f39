// The imports of a plan that may have to wait, in one core module. Each suspends the guest only when it really has to:
// a suspending import of V8 always suspends, and costs a turn of the microtask queue even when nothing is awaited.

import {
  body,
  CODE,
  type CoreSignature,
  callFunc,
  compile,
  EXPORT,
  exportFunc,
  FUNCTION,
  funcType,
  gets,
  IMPORT,
  importFunc,
  leb,
  section,
  TYPE,
  text,
} from '../tasks/encode-module.ts';
import type { Plan } from './plan.ts';

type Call = (...args: never[]) => unknown;

export interface WaiterHost {
  /** Gives what the trampoline with this index does: it returns a promise when the guest has to wait. */
  call(index: number): Call;
  /** Called when the guest's stack is about to be suspended. */
  onSuspend(): void;
}

interface Waiting {
  readonly index: number;
  readonly signature: CoreSignature;
}

function waitingOf({ trampolines, mayWait }: Plan): Waiting[] {
  return trampolines.flatMap(({ coreType }, index) =>
    coreType && mayWait[index] ? [{ index, signature: coreType }] : [],
  );
}

const modules = new WeakMap<Plan, WebAssembly.Module>();

function moduleOf(plan: Plan, waiting: readonly Waiting[]): WebAssembly.Module {
  let module = modules.get(plan);
  if (!module) {
    module = compileWaiters(waiting);
    modules.set(plan, module);
  }
  return module;
}

const GLOBAL_I32_MUTABLE = [0x03, 0x7f, 0x01];
const GET_GLOBAL_0 = [0x23, 0x00];
const EQZ = 0x45;
const RETURN_IF = [0x0d, 0x00];
const DROP = 0x1a;

/**
 * Makes the module. Its `run n (params)` calls `try n (params)`; when that has set the global `waits`, it returns the
 * result of `wait n ()` instead.
 */
function compileWaiters(waiting: readonly Waiting[]): WebAssembly.Module {
  const types = waiting.flatMap(({ signature: { params, results } }) => [
    funcType(params, results),
    funcType([], results),
  ]);
  const imports = waiting.flatMap(({ index }, n) => [importFunc(`try${index}`, 2 * n), importFunc('wait', 2 * n + 1)]);
  const code = waiting.map(({ signature }, n) =>
    body([
      ...gets(signature),
      ...callFunc(2 * n),
      ...GET_GLOBAL_0,
      EQZ,
      ...RETURN_IF,
      ...signature.results.map(() => DROP),
      ...callFunc(2 * n + 1),
    ]),
  );
  return compile([
    section(TYPE, types),
    section(IMPORT, [...imports, [...text(''), ...text('waits'), ...GLOBAL_I32_MUTABLE]]),
    section(
      FUNCTION,
      waiting.map((_, n) => leb(2 * n)),
    ),
    section(
      EXPORT,
      waiting.map(({ index }, n) => exportFunc(`run${index}`, 2 * waiting.length + n)),
    ),
    section(CODE, code),
  ]);
}

/** Gives the core functions, named `run<index>` for the trampoline with that index. */
export function makeWaiters(plan: Plan, host: WaiterHost): Readonly<Record<string, WebAssembly.ExportValue>> {
  const waiting = waitingOf(plan);
  const waits = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
  let awaited: unknown;
  const wait = new WebAssembly.Suspending((): unknown => {
    const promise = awaited;
    awaited = undefined;
    waits.value = 0;
    host.onSuspend();
    return promise;
  });
  const attempt = (index: number, dummy: number | bigint): Call => {
    let call: Call | undefined;
    return (...args) => {
      call ??= host.call(index);
      const result = call(...args);
      if (typeof result !== 'object' || result === null) return result;
      awaited = result;
      waits.value = 1;
      return dummy;
    };
  };
  const imports: WebAssembly.ModuleImports = { wait, waits };
  for (const { index, signature } of waiting) {
    imports[`try${index}`] = attempt(index, signature.results[0] === 'i64' ? 0n : 0);
  }
  return new WebAssembly.Instance(moduleOf(plan, waiting), { '': imports }).exports;
}
