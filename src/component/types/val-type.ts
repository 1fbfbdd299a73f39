// Value types of the Component Model with all references resolved. https://component-model.bytecodealliance.org
// design/mvp/Explainer.md#type-definitions. Plain readonly data; sizes and flattening stand in layout.ts.

export type PrimitiveKind =
  | 'bool'
  | 's8'
  | 'u8'
  | 's16'
  | 'u16'
  | 's32'
  | 'u32'
  | 's64'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'char'
  | 'string'
  | 'error-context';

/** A resource type. Its identity is the object: two resource types are equal only if they are the same object. */
export interface ResourceType {
  readonly name: string;
  /** Set for resources that the host implements, absent for those that a component defines. */
  readonly host?: HostResource;
  /** The number of the component instance in its plan that defines the resource; absent for resources of the host. */
  readonly definedBy?: number;
}

export interface Field {
  readonly name: string;
  readonly type: ValType;
}
export interface Case {
  readonly name: string;
  readonly type: ValType | undefined;
}

export type ValType =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: 'list'; readonly element: ValType; readonly length?: number }
  | { readonly kind: 'record'; readonly fields: readonly Field[] }
  | { readonly kind: 'tuple'; readonly types: readonly ValType[] }
  | { readonly kind: 'variant'; readonly cases: readonly Case[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly type: ValType }
  | { readonly kind: 'result'; readonly ok: ValType | undefined; readonly err: ValType | undefined }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'own'; readonly resource: ResourceType }
  | { readonly kind: 'borrow'; readonly resource: ResourceType }
  | { readonly kind: 'stream'; readonly element: ValType | undefined }
  | { readonly kind: 'future'; readonly element: ValType | undefined };

export interface FuncType {
  readonly async: boolean;
  readonly params: readonly Field[];
  readonly result: ValType | undefined;
}

/**
 * How values look in JavaScript (the same as in jco's output, so that the two can be compared):
 *
 * | WIT | JavaScript |
 * |---|---|
 * | bool | boolean |
 * | s8…u32, f32, f64 | number |
 * | s64, u64 | bigint |
 * | char, string, enum | string |
 * | list<u8> … list<f64> | Uint8Array … Float64Array (a copy, never a view of guest memory; its `buffer` may be larger) |
 * | list<T> | Array |
 * | record | object, keys in camelCase |
 * | tuple | Array |
 * | variant | { tag: 'kebab-case', val } (no val for a case without payload) |
 * | option<T> | T or undefined; { tag: 'some', val } or { tag: 'none' } when T is itself an option |
 * | result<T, E> | { tag: 'ok', val } or { tag: 'err', val } |
 * | flags | object of booleans, keys in camelCase |
 * | stream<T> | from a guest a HostReadable; to a guest a HostReadable, of `hostStream()` or from a guest |
 * | future<T> | from a guest a HostFuture; to a guest a HostFuture or a promise, which ends the guest if it rejects |
 * | error-context | ErrorContext, with `debugMessage` |
 * | own<R>, borrow<R> | for a resource of the host: the object that the host gave out; else a GuestResource |
 */
export type Value = unknown;

/**
 * A function that the host offers. The first argument is the state of the service for this sandbox, then come the
 * WIT parameters; a method gets `self` as its first WIT parameter. Throwing anything ends the guest with a trap.
 */
export type HostCall = (state: never, ...args: never[]) => unknown;

export interface HostFunction {
  readonly call: HostCall;
  /**
   * May return a promise: the guest is then suspended until it settles; one that called it asynchronously goes on. When
   * such a guest calls off its call, the promise's method `cancel` is called if it has one. A function without
   * `suspends` must never return a promise.
   */
  readonly suspends: boolean;
  /**
   * Called with the result and the WIT parameters when the guest has its copy of the result, so that buffers in it can
   * serve others. It must not throw.
   */
  readonly lowered?: (result: never, ...args: never[]) => void;
  /**
   * Gives what stands in the place of the function for a component that imports it, when that is linked: it is told the
   * name, with the interface before it, and the type. It suspends if the function does.
   */
  readonly typed?: (name: string, type: FuncType) => HostFunction;
}

export interface HostResource {
  readonly name: string;
  /** Called when the guest drops its own handle, with the state of the service and the object. */
  readonly drop?: (state: never, object: never) => void;
}

/** One interface that the host offers, for a whole version track: 0.2.12 here serves guests of any 0.2.x. */
export interface HostInterface {
  /** The name without version: `wasi:io/streams`. */
  readonly name: string;
  /** The newest version that the interface covers: `0.2.12`; undefined for interfaces without one. */
  readonly version: string | undefined;
  /**
   * The functions by their names in the binary: `now`, `[method]pollable.ready`, `[static]fields.from-list`,
   * `[constructor]fields`.
   */
  readonly functions: Readonly<Record<string, HostFunction>>;
  readonly resources: Readonly<Record<string, HostResource>>;
  /**
   * The type of each function, as printFuncType of types/print.ts writes it, with resources by their full name
   * (`wasi:io/streams/input-stream`). Linking checks a guest's import against it; a function without one is not
   * checked.
   */
  readonly signatures?: Readonly<Record<string, string>> | undefined;
  /** The name of the host service whose per-sandbox state the functions get. */
  readonly service: string;
}

export type Ok<T> = { readonly tag: 'ok'; readonly val: T };
export type Err<E> = { readonly tag: 'err'; readonly val: E };
export type Result<T, E> = Ok<T> | Err<E>;

export function ok(): Ok<undefined>;
export function ok<T>(val: T): Ok<T>;
export function ok<T>(val?: T): Ok<T | undefined> {
  return { tag: 'ok', val };
}
export function err<E>(val: E): Err<E> {
  return { tag: 'err', val };
}
