// Guests of every version that give one answer, as core WebAssembly text: what they say is written into them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco';
import { type ImportName, service } from './service-0.3.ts';

export interface Said {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** The guest traps when it has written that; otherwise it finishes its body. */
  readonly traps: boolean;
}

export const versions: Readonly<Record<string, (said: Said) => Promise<Uint8Array>>> = {
  'WASI 0.2': guest02,
  'WASI 0.3': guest03,
  CGI: program,
};

const TEXT = 4096;

/** Text at addresses from TEXT on, and where each lies. */
function layOut(texts: readonly string[]): { data: string; at: (index: number) => string } {
  const starts = texts.map((_, index) => TEXT + texts.slice(0, index).join('').length);
  return {
    data: `(data (i32.const ${TEXT}) "${escaped(texts.join(''))}")`,
    at: (index) => `(i32.const ${starts[index]}) (i32.const ${texts[index]?.length})`,
  };
}

const escaped = (text: string): string => text.replaceAll(/[^ -!#-[\]-~]/g, (char) => `\\${hex(char)}`);
const hex = (char: string): string => char.charCodeAt(0).toString(16).padStart(2, '0');

const types02 = 'wasi:http/types@0.2.12';
const streams02 = 'wasi:io/streams@0.2.12';

/** What the guest's SDK would do: a refused status or header, or a write that fails, is the end of it. */
async function guest02({ status, headers, body, traps }: Said): Promise<Uint8Array> {
  const { data, at } = layOut([...headers.flat(), body]);
  const append = (index: number): string => `
    (call $append (local.get $fields) ${at(index * 2)} ${at(index * 2 + 1)} (i32.const 16))
    (if (i32.load8_u (i32.const 16)) (then unreachable))`;
  const ok = '(i32.const 0) (local.get $response) (i32.const 0) (i64.const 0)';
  const text = `(module
    (import "${types02}" "[constructor]fields" (func $fields (result i32)))
    (import "${types02}" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
    (import "${types02}" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
    (import "${types02}" "[method]outgoing-response.set-status-code" (func $status (param i32 i32) (result i32)))
    (import "${types02}" "[method]outgoing-response.body" (func $body (param i32 i32)))
    (import "${types02}" "[method]outgoing-body.write" (func $stream (param i32 i32)))
    (import "${types02}" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
    (import "${types02}" "[static]response-outparam.set"
      (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    (import "${streams02}" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
    (import "${streams02}" "[resource-drop]output-stream" (func $drop (param i32)))
    (memory (export "memory") 4)
    ${data}
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 131072))
    (func (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
      (local $fields i32) (local $response i32) (local $body i32) (local $stream i32)
      (local.set $fields (call $fields))
      ${headers.map((_, index) => append(index)).join('')}
      (local.set $response (call $response (local.get $fields)))
      (if (call $status (local.get $response) (i32.const ${status})) (then unreachable))
      (call $body (local.get $response) (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then unreachable))
      (local.set $body (i32.load (i32.const 20)))
      (call $set (local.get $out) ${ok} (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (call $stream (local.get $body) (i32.const 16))
      (local.set $stream (i32.load (i32.const 20)))
      (call $write (local.get $stream) ${at(headers.length * 2)} (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then unreachable))
      ${traps ? 'unreachable' : ''}
      (call $drop (local.get $stream))
      (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then unreachable))))`;
  return toComponent(await parse(text));
}

const world02 = `package mayfly:test;
world service {
  import wasi:http/types@0.2.12;
  export wasi:http/incoming-handler@0.2.12;
}
`;

async function toComponent(binary: Uint8Array): Promise<Uint8Array> {
  const folder = join(import.meta.dirname, '../../node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12');
  const packages = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name, 'package.wit'), 'utf8')),
  );
  const nested = packages.map((wit) => `${wit.replace(/^package ([^;]+);/m, 'package $1 {')}\n}`);
  const witSource = [world02, ...nested].join('\n');
  return componentNew(await componentEmbed({ binary, witSource, world: 'service', features: { tag: 'all' } }), []);
}

async function guest03({ status, headers, body, traps }: Said): Promise<Uint8Array> {
  const { data, at } = layOut([...headers.flat(), body]);
  const append = (index: number): string => `
    (call $append (local.get $fields) ${at(index * 2)} ${at(index * 2 + 1)} (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))`;
  const code = `(local $res i64) (local $ends i64) (local $out i32) (local $fields i32)
    (local.set $fields (call $fields))
    ${headers.map((_, index) => append(index)).join('')}
    (local.set $res (call $result-future))
    (call $consume-body (local.get $request) (i32.wrap_i64 (local.get $res)) (i32.const 16))
    (local.set $ends (call $new-stream))
    (local.set $out (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    (call $new-response (local.get $fields) (i32.const 1) (i32.wrap_i64 (local.get $ends)) (i32.load (i32.const 20))
      (i32.const 32))
    (if (call $set-status (i32.load (i32.const 32)) (i32.const ${status})) (then unreachable))
    (call $respond (i32.load (i32.const 32)))
    (drop (call $write (local.get $out) ${at(headers.length * 2)}))
    ${traps ? 'unreachable' : ''}
    (call $drop-writable (local.get $out))`;
  const names: ImportName[] = ['fields', 'append', 'consumeBody', 'resultFuture', 'newResponse', 'newStream', 'write'];
  return service('stackful', [...names, 'dropWritable', 'setStatus', 'taskReturn'], code, data);
}

async function program({ status, headers, body, traps }: Said): Promise<Uint8Array> {
  const fields = [['status', String(status)], ...headers].map((field) => `${field.join(': ')}\n`);
  const { data, at } = layOut([`${fields.join('')}\n${body}`]);
  const [start, length] = at(0).match(/\(i32[^)]*\)/g) as [string, string];
  return parse(`(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 4)
    ${data}
    (func (export "_start")
      (i32.store (i32.const 16) ${start})
      (i32.store (i32.const 20) ${length})
      (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))
      ${traps ? 'unreachable' : ''}))`);
}
