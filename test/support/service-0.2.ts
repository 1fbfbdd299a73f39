// HTTP handlers of WASI 0.2 written as core WebAssembly text, with the WIT that jco carries.
import { parse } from '@bytecodealliance/jco';
import { toHandler } from './component-0.3.ts';

const version = '0.2.12';
const types = `wasi:http/types@${version}`;
const streams = `wasi:io/streams@${version}`;

/** By short names. Results that are no numbers go to the address in the last parameter. */
const imports = {
  fields: `(import "${types}" "[constructor]fields" (func $fields (result i32)))`,
  append: `(import "${types}" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))`,
  newResponse: `(import "${types}" "[constructor]outgoing-response" (func $new-response (param i32) (result i32)))`,
  body: `(import "${types}" "[method]outgoing-response.body" (func $body (param i32 i32)))`,
  stream: `(import "${types}" "[method]outgoing-body.write" (func $stream (param i32 i32)))`,
  finish: `(import "${types}" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))`,
  /** outparam, result<response, error-code>, flat. */
  set: `(import "${types}" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))`,
  write: `(import "${streams}" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))`,
  dropStream: `(import "${streams}" "[resource-drop]output-stream" (func $drop-stream (param i32)))`,
  after: `(import "wasi:clocks/monotonic-clock@${version}" "subscribe-duration" (func $after (param i64) (result i32)))`,
  block: `(import "wasi:io/poll@${version}" "[method]pollable.block" (func $block (param i32)))`,
} as const;

/** `body` is that of `handle`, with the locals $request and $out; `data`: what stands in its memory at address 0. */
export async function handler(body: string, data: string): Promise<Uint8Array> {
  const text = `(module
    ${Object.values(imports).join('\n')}
    (memory (export "memory") 4)
    (data (i32.const 0) "${data}")
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 131072))
    (func $respond (param $out i32) (param $response i32)
      (call $set (local.get $out) (i32.const 0) (local.get $response) (i32.const 0) (i64.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
    (func (export "wasi:http/incoming-handler@${version}#handle") (param $request i32) (param $out i32) ${body}))`;
  return toHandler(await parse(text), version);
}
