// Makes components that forward: each function that one exports calls the import of the same name with what it was
// given, as it lies in its memory, and returns what came back. Any value type passes both ways through the ABI.
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco';
import { type FlatType, flatten, layoutOf, MAX_FLAT_PARAMS, paramTypes } from '../../src/component/types/layout.ts';
import { interfaceItems, type WitFunction } from './wit-source.ts';

export type WitEncoding = 'utf8' | 'utf16' | 'compact-utf16';
/** The interface that forwarders import and export. */
export const api = 'test:forward/api';

/** The world of a forwarder, as WIT. */
export function forwarderWit(functions: readonly WitFunction[]): string {
  return `package test:forward;
interface api {
${interfaceItems(functions)}
}
world forwarder {
  import api;
  export api;
}`;
}

export async function forwarder(functions: readonly WitFunction[], stringEncoding: WitEncoding): Promise<Uint8Array> {
  const binary = await parse(coreText(functions));
  const witSource = forwarderWit(functions);
  return componentNew(await componentEmbed({ binary, witSource, stringEncoding }), []);
}

interface Signature {
  readonly params: readonly FlatType[];
  readonly results: readonly FlatType[];
  /** Bytes of a result that goes through memory, else undefined. */
  readonly returned: number | undefined;
}

/** CanonicalABI.md#flattening: what a core function looks like from inside. */
function signatureOf({ type }: WitFunction): Signature {
  const flat = flatten(paramTypes(type));
  const params: FlatType[] = flat.length > MAX_FLAT_PARAMS ? ['i32'] : flat;
  const layout = type.result && layoutOf(type.result);
  const results = layout?.flat ?? [];
  return { params, results, returned: results.length > 1 ? layout?.size : undefined };
}

function coreText(functions: readonly WitFunction[]): string {
  return `(module
${functions.map(importText).join('\n')}
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 1024))
  (func $allocate (export "cabi_realloc") (param $old i32) (param $held i32) (param $align i32) (param $size i32)
    (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
                            (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (block $enough
      (loop $more
        (br_if $enough (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
        (drop (memory.grow (i32.const 1)))
        (br $more)))
    (memory.copy (local.get $at) (local.get $old)
      (select (local.get $held) (local.get $size) (i32.lt_u (local.get $held) (local.get $size))))
    (local.get $at))
${functions.map(exportText).join('\n')})`;
}

const list = (keyword: string, types: readonly string[]): string =>
  types.length > 0 ? `(${keyword} ${types.join(' ')})` : '';

function importText(one: WitFunction): string {
  const { params, results, returned } = signatureOf(one);
  const all = returned === undefined ? params : [...params, 'i32'];
  const result = list('result', returned === undefined ? results : []);
  return `  (import "${api}" "${one.name}" (func $${one.name} ${list('param', all)} ${result}))`;
}

function exportText(one: WitFunction): string {
  const { params, results, returned } = signatureOf(one);
  const args = params.map((_, index) => `(local.get ${index})`).join(' ');
  const head = `  (func (export "${api}#${one.name}") ${list('param', params)}`;
  if (returned === undefined) return `${head} ${list('result', results)} (call $${one.name} ${args}))`;
  const at = params.length;
  return `${head} (result i32) (local i32)
    (local.set ${at} (call $allocate (i32.const 0) (i32.const 0) (i32.const 8) (i32.const ${returned})))
    (call $${one.name} ${args} (local.get ${at}))
    (local.get ${at}))
  (func (export "cabi_post_${api}#${one.name}") (param i32) (global.set $free (i32.const 1024)))`;
}
