// Two tiny core modules per signature, since no JavaScript frame may stand between a promising call and a suspension:
// one calls a function and says that it returned, the other suspends only when an import really has to wait.
import type { FlatType } from '../types/layout.ts';

export interface CoreSignature {
  readonly params: readonly FlatType[];
  readonly results: readonly FlatType[];
}

const valTypes: Readonly<Record<FlatType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const TYPE = 1;
const IMPORT = 2;
const FUNCTION = 3;
const EXPORT = 7;
const CODE = 10;
const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** LEB128; all counts here stay far below 2^14. */
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const body = vector(items);
  return [id, ...leb(body.length), ...body];
}

function text(value: string): number[] {
  return [...leb(value.length), ...new TextEncoder().encode(value)];
}

function funcType(params: readonly FlatType[], results: readonly FlatType[]): number[] {
  return [0x60, ...vector(params.map((one) => [valTypes[one]])), ...vector(results.map((one) => [valTypes[one]]))];
}

function importFunc(name: string, type: number): number[] {
  return [...text(''), ...text(name), 0x00, type];
}

function body(code: readonly number[]): number[] {
  const all = [0x00, ...code, 0x0b];
  return [...leb(all.length), ...all];
}

function gets({ params }: CoreSignature): number[] {
  return params.flatMap((_, index) => [0x20, ...leb(index)]);
}

function compile(parts: readonly (readonly number[])[]): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from([...header, ...parts.flat()]));
}

const exported = (index: number): number[] => section(EXPORT, [[...text('run'), 0x00, index]]);

/** `run(params)`: calls `f(params)`, then `done(results)`. */
function compileCaller(signature: CoreSignature): WebAssembly.Module {
  const { params, results } = signature;
  return compile([
    section(TYPE, [funcType(params, results), funcType(results, []), funcType(params, [])]),
    section(IMPORT, [importFunc('f', 0), importFunc('done', 1)]),
    section(FUNCTION, [[2]]),
    exported(2),
    section(CODE, [body([...gets(signature), 0x10, 0, 0x10, 1])]),
  ]);
}

/** `run(params)`: calls `try(params)`; when that has set the global `waits`, answers `wait()` in its place. */
function compileWaiter(signature: CoreSignature): WebAssembly.Module {
  const { params, results } = signature;
  const drop = results.map(() => 0x1a);
  const global = [...text(''), ...text('waits'), 0x03, 0x7f, 0x01];
  return compile([
    section(TYPE, [funcType(params, results), funcType([], results)]),
    section(IMPORT, [importFunc('try', 0), importFunc('wait', 1), global]),
    section(FUNCTION, [[0]]),
    exported(2),
    section(CODE, [body([...gets(signature), 0x10, 0, 0x23, 0, 0x45, 0x0d, 0, ...drop, 0x10, 1])]),
  ]);
}

function cached(
  make: (signature: CoreSignature) => WebAssembly.Module,
): (signature: CoreSignature) => WebAssembly.Module {
  const modules = new Map<string, WebAssembly.Module>();
  return (signature) => {
    const key = `${signature.params.join()}:${signature.results.join()}`;
    let module = modules.get(key);
    if (!module) {
      module = make(signature);
      modules.set(key, module);
    }
    return module;
  };
}

const callerModule = cached(compileCaller);
const waiterModule = cached(compileWaiter);

type Run = (...args: (number | bigint)[]) => unknown;

/** Errors: WebAssembly.LinkError when `f` is not of this signature. */
export function makeCaller(
  signature: CoreSignature,
  f: WebAssembly.ImportValue,
  done: (result: number | bigint | undefined) => void,
): Run {
  return new WebAssembly.Instance(callerModule(signature), { '': { f, done } }).exports.run as Run;
}

export interface Waiter {
  /** A promise when the guest has to wait for the result. */
  readonly call: (...args: never[]) => unknown;
  /** The guest's stack is about to be suspended. */
  readonly onSuspend: () => void;
}

/** A core function that is suspended only when `call` returns a promise. */
export function makeWaiter(signature: CoreSignature, { call, onSuspend }: Waiter): WebAssembly.ExportValue {
  const waits = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
  const dummy = signature.results[0] === 'i64' ? 0n : 0;
  let awaited: unknown;
  const attempt = (...args: never[]): unknown => {
    const result = call(...args);
    if (typeof result !== 'object' || result === null) return result;
    awaited = result;
    waits.value = 1;
    return dummy;
  };
  const wait = new WebAssembly.Suspending((): unknown => {
    const promise = awaited;
    awaited = undefined;
    waits.value = 0;
    onSuspend();
    return promise;
  });
  const imports = { '': { try: attempt, wait, waits } };
  return new WebAssembly.Instance(waiterModule(signature), imports).exports.run as WebAssembly.ExportValue;
}
