// The table of functions of the guests in test/guests/calls: C source with an import, an adapter and a row for each
// function of some interfaces, and the world that has them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CoreType, flatten, parseSignature, pipesIn, type Signature } from './signature.ts';
import { type Interfaces, splitName } from './wit-of-signatures.ts';

const host = join(import.meta.dirname, '../../../src/host');
const MAX_FLAT_PARAMS = 16;

/** Functions of the host: all of the interface, or those that `only` matches. */
export interface Wanted {
  /** With the version under which the guest imports it. */
  readonly name: string;
  /** Folder in src/host whose signatures have it; `wasi` for WASI 0.2. */
  readonly service: string;
  /** The version in the signatures, where it is a newer one. */
  readonly from?: string;
  readonly only?: RegExp;
}

export function interfacesOf(wanted: readonly Wanted[]): Interfaces {
  return Object.fromEntries(
    wanted.map(({ name, service, from, only = /./ }) => {
      const file = join(host, service, service === 'wasi' ? 'signatures-0.2.json' : 'signatures.json');
      const all = JSON.parse(readFileSync(file, 'utf8')) as Interfaces;
      const found = all[service === 'wasi' ? name.replace(/@.*/, '') : (from ?? name)];
      if (found === undefined) throw new Error(`${file} has no ${name}`);
      return [name, Object.fromEntries(Object.entries(found).filter(([label]) => only.test(label)))];
    }),
  );
}

const cTypes: Readonly<Record<CoreType, string>> = { i32: 'uint32_t', i64: 'uint64_t', f32: 'float', f64: 'double' };

/** C source: the table `functions` of calls.h. */
export function tableOf(interfaces: Interfaces): string {
  const parts: string[] = ['#include "calls.h"'];
  const rows: string[] = [];
  for (const [name, functions] of Object.entries(interfaces)) {
    for (const [label, type] of Object.entries(functions)) {
      const id = rows.length;
      const signature = parseSignature(type);
      parts.push(adapter(id, name, label, signature));
      const pipes = pipesIn(signature.result);
      if (pipes.length > 0) parts.push(...pipes.map(({ kind }, at) => pipe(id, at, kind, name, label)));
      const list = pipes.map((_, at) => `{read${id}_${at}, drop${id}_${at}}`).join(', ');
      if (pipes.length > 0) parts.push(`static const struct pipe pipes${id}[] = {${list}};`);
      rows.push(`{"${name}#${label}", "${type}", run${id}, ${pipes.length > 0 ? `pipes${id}` : 'NULL'}},`);
    }
    for (const resource of resourcesOf(name, functions)) {
      const id = rows.length;
      parts.push(`${imported(name, `[resource-drop]${resource}`)} void f${id}(uint32_t);`);
      parts.push(`static void run${id}(uint64_t *s) { f${id}(s[0]); }`);
      rows.push(`{"${name}#[resource-drop]${resource}", "func(u32)", run${id}, NULL},`);
    }
  }
  const table = `const struct function functions[] = {\n${rows.join('\n')}\n};`;
  return `${[...parts, table].join('\n')}\nconst size_t function_count = sizeof functions / sizeof functions[0];\n`;
}

const imported = (module: string, name: string): string =>
  `__attribute__((import_module("${module}"), import_name("${name}")))`;

/** The function, and what passes slots to it. */
function adapter(id: number, name: string, label: string, { params, result }: Signature): string {
  const all = params.flatMap(flatten);
  const flat: CoreType[] = all.length > MAX_FLAT_PARAMS ? ['i32'] : all;
  const answer = result === undefined ? [] : flatten(result);
  const given = answer.length > 1 ? [...flat, 'i32' as const] : flat;
  const [single] = answer.length === 1 ? answer : [];
  const back = single === undefined ? 'void' : cTypes[single];
  const passed = given.map((core, at) => (core.startsWith('f') ? `*(${cTypes[core]} *)&s[${at}]` : `s[${at}]`));
  const call = `f${id}(${passed.join(', ')})`;
  const kept = single === undefined ? call : single.startsWith('f') ? `*(${back} *)s = ${call}` : `s[0] = ${call}`;
  return `${imported(name, label)} ${back} f${id}(${given.map((core) => cTypes[core]).join(', ') || 'void'});
static void run${id}(uint64_t *s) { (void)s; ${kept}; }`;
}

/** How the stream or future with this number in the function's result is read. */
function pipe(id: number, at: number, kind: string, name: string, label: string): string {
  const suffix = `-${at}]${label}`;
  const isStream = kind === 'stream';
  const params = isStream ? 'uint32_t, void *, uint32_t' : 'uint32_t, void *';
  return `${imported(name, `[${kind}-read${suffix}`)} uint32_t r${id}_${at}(${params});
static uint32_t read${id}_${at}(uint32_t end, void *into, uint32_t count) { (void)count; return r${id}_${at}(end, into${isStream ? ', count' : ''}); }
${imported(name, `[${kind}-drop-readable${suffix}`)} void drop${id}_${at}(uint32_t);`;
}

function resourcesOf(name: string, functions: Readonly<Record<string, string>>): string[] {
  const own = splitName(name).interface;
  const text = Object.values(functions).join('\n');
  const named = [...text.matchAll(/(?:own|borrow)<([^>]+)>/g)].map(([, one = '']) => one.split('/'));
  return [...new Set(named.filter(([, owner]) => owner === own).map(([, , resource = '']) => resource))];
}
