// HTTP services of WASI 0.3 written as core WebAssembly text.
import { parse } from '@bytecodealliance/jco';
import { toService } from './component-0.3.ts';

const types = 'wasi:http/types@0.3.0';
const handler = 'wasi:http/handler@0.3.0';

/** By short names. Streams and futures belong to the function in whose type they stand. */
export const imports = {
  fields: `(import "${types}" "[constructor]fields" (func $fields (result i32)))`,
  /** fields, name, value → address of result<_, header-error> */
  append: `(import "${types}" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))`,
  /** request, future of our own result → address of [stream, future of trailers] */
  consumeBody: `(import "${types}" "[static]request.consume-body" (func $consume-body (param i32 i32 i32)))`,
  resultFuture: `(import "${types}" "[future-new-0][static]request.consume-body" (func $result-future (result i64)))`,
  read: `(import "${types}" "[stream-read-1][static]request.consume-body" (func $read (param i32 i32 i32) (result i32)))`,
  readLater: `(import "${types}" "[async-lower][stream-read-1][static]request.consume-body" (func $read-later (param i32 i32 i32) (result i32)))`,
  cancelRead: `(import "${types}" "[stream-cancel-read-1][static]request.consume-body" (func $cancel-read (param i32) (result i32)))`,
  newSet: `(import "$root" "[waitable-set-new]" (func $new-set (result i32)))`,
  join: `(import "$root" "[waitable-join]" (func $join (param i32 i32)))`,
  newTrailers: `(import "${types}" "[future-new-1][static]response.new" (func $new-trailers (result i64)))`,
  /** headers, 1, stream, future of trailers → address of [response, future of its transmission] */
  newResponse: `(import "${types}" "[static]response.new" (func $new-response (param i32 i32 i32 i32 i32)))`,
  setStatus: `(import "${types}" "[method]response.set-status-code" (func $set-status (param i32 i32) (result i32)))`,
  getStatus: `(import "${types}" "[method]response.get-status-code" (func $get-status (param i32) (result i32)))`,
  newStream: `(import "${types}" "[stream-new-0][static]response.new" (func $new-stream (result i64)))`,
  write: `(import "${types}" "[stream-write-0][static]response.new" (func $write (param i32 i32 i32) (result i32)))`,
  dropWritable: `(import "${types}" "[stream-drop-writable-0][static]response.new" (func $drop-writable (param i32)))`,
  setAuthority: `(import "${types}" "[method]request.set-authority" (func $set-authority (param i32 i32 i32 i32) (result i32)))`,
  send: `(import "wasi:http/client@0.3.0" "send" (func $send (param i32 i32)))`,
  /** request → address of result<response, error-code>: what a middleware calls. */
  next: `(import "${handler}" "handle" (func $next (param i32 i32)))`,
  waitFor: `(import "wasi:clocks/monotonic-clock@0.3.0" "wait-for" (func $wait-for (param i64)))`,
  /** result<response, error-code>, flat. */
  taskReturn: `(import "[export]${handler}" "[task-return]handle" (func $task-return (param i32 i32 i32 i64 i32 i32 i32 i32)))`,
} as const;

export type ImportName = keyof typeof imports;

/**
 * `body` is that of `handle`: local $request, result for a callback function the code that tells what to do next. `data`:
 * data segments, as text.
 */
export async function service(
  style: 'callback' | 'stackful',
  names: readonly ImportName[],
  body: string,
  data = '',
): Promise<Uint8Array> {
  const lift = style === 'callback' ? '[async-lift]' : '[async-lift-stackful]';
  const result = style === 'callback' ? '(result i32)' : '';
  const callback = `(func (export "[callback][async-lift]${handler}#handle") (param i32 i32 i32) (result i32) (i32.const 0))`;
  const text = `(module
    ${names.map((name) => imports[name]).join('\n')}
    (memory (export "memory") 4)
    ${data}
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 131072))
    (func $respond (param $response i32)
      (call $task-return (i32.const 0) (local.get $response) (i32.const 0) (i64.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
    (func (export "${lift}${handler}#handle") (param $request i32) ${result} ${body})
    ${style === 'callback' ? callback : ''})`;
  return toService(await parse(text));
}
