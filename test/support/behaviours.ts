// What the comparisons of values call: a function for each kind of value and each way that it can be passed.
import assert from 'node:assert/strict';
import type { Case, PrimitiveKind, ValType } from '../../src/component/types/val-type.ts';
import { api } from './forwarder.ts';
import type { Random } from './random.ts';
import { normalized, randomValue } from './random-values.ts';
import type { Runtime } from './runtimes.ts';
import type { WitFunction } from './wit-source.ts';

const p = (kind: PrimitiveKind): ValType => ({ kind });
const list = (element: ValType): ValType => ({ kind: 'list', element });
const option = (type: ValType): ValType => ({ kind: 'option', type });
export const tuple = (...types: ValType[]): ValType => ({ kind: 'tuple', types });
const variant = (...types: (ValType | undefined)[]): ValType => ({
  kind: 'variant',
  cases: types.map((type, index): Case => ({ name: `case-${index}`, type })),
});
const record = (...types: ValType[]): ValType => ({
  kind: 'record',
  fields: types.map((type, index) => ({ name: `some-field-${index}`, type })),
});
const labels = (count: number): string[] => Array.from({ length: count }, (_, index) => `label-${index}`);
const flags = (count: number): ValType => ({ kind: 'flags', names: labels(count) });
const result = (ok?: ValType, err?: ValType): ValType => ({ kind: 'result', ok, err });

/** Behaviours: each is a function with these parameters; it answers a value of the type of the first. */
export const behaviours: Readonly<Record<string, readonly ValType[]>> = {
  bool: [p('bool')],
  's8 and u8': [p('s8'), p('u8')],
  's16 and u16': [p('s16'), p('u16')],
  's32 and u32': [p('s32'), p('u32')],
  's64 and u64': [p('s64'), p('u64')],
  f32: [p('f32')],
  f64: [p('f64')],
  char: [p('char')],
  string: [p('string'), p('string')],
  'lists of bytes': [list(p('u8')), list(p('s8'))],
  'lists of 16 and 32 bits': [list(p('u16')), list(p('s16')), list(p('u32')), list(p('s32'))],
  'lists of 64 bits': [list(p('u64')), list(p('s64'))],
  'lists of floats': [list(p('f32')), list(p('f64'))],
  'lists of bool, char and string': [list(p('bool')), list(p('char')), list(p('string'))],
  'lists of lists of lists': [list(list(list(p('u8'))))],
  'records with holes': [record(p('u8'), p('u64'), p('bool'), p('f32'), p('string'))],
  'lists of records of strings': [list(record(p('string'), p('string'), p('u8')))],
  tuples: [tuple(p('u8'), tuple(p('string'), p('f64')), p('s64'))],
  'variants whose cases share flat values of different types': [variant(p('f32'), p('u64'), undefined, p('string'))],
  'variants with floats only': [variant(p('f32'), p('f64'), p('u32'))],
  'variants in variants': [variant(variant(p('u8'), undefined), record(p('s64'), option(p('f32'))), undefined)],
  enums: [{ kind: 'enum', names: labels(5) }],
  'enums with a discriminant of two bytes': [{ kind: 'enum', names: labels(300) }],
  options: [option(p('u32')), option(p('string'))],
  'options of options': [option(option(p('u8'))), option(option(p('string')))],
  'results in a parameter': [
    tuple(result(p('u32'), p('string')), result(), result(p('u8')), result(undefined, p('u8'))),
  ],
  'flags of 1, 8 and 9 labels': [flags(1), flags(8), flags(9)],
  'flags of 16, 17 and 32 labels': [flags(16), flags(17), flags(32)],
  'exactly 16 flat parameters': Array.from({ length: 8 }, () => p('string')),
  '17 flat parameters, spilled to memory': [p('u8'), ...Array.from({ length: 8 }, () => p('string'))],
  'one large record': [record(...Array.from({ length: 30 }, (_, index) => p(index % 2 === 0 ? 'u64' : 'string')))],
  'lists of everything': [
    list(variant(list(flags(9)), record(option(p('char'))), tuple(p('string'), result(p('u8'))))),
  ],
};

export function functionOf(name: string, params: readonly ValType[], result: ValType | undefined): WitFunction {
  const named = params.map((type, index) => ({ name: `p${index}`, type }));
  return { name, type: { async: false, params: named, result } };
}

export const functions = Object.values(behaviours).map((types, index) => functionOf(`f${index}`, types, types[0]));

export interface Exchange {
  readonly args: unknown;
  readonly answer: unknown;
  /** What the import got; undefined when it was not called. */
  readonly received: unknown;
  /** What the export answered, or that it trapped. */
  readonly returned: unknown;
}

/** Calls `one` of the functions `all` with random values, in one runtime. */
export function exchangeOf(runtime: Runtime, all: readonly WitFunction[], one: WitFunction, random: Random): Exchange {
  const args = one.type.params.map(({ type }) => randomValue(random, type));
  const answer = one.type.result && randomValue(random, one.type.result);
  const others = all.map(({ name }) => [name, () => assert.fail(`${name} was called`)] as const);
  let received: unknown;
  const imported = (...given: unknown[]): unknown => {
    received = given;
    return answer;
  };
  const call = runtime.start({ [api]: { ...Object.fromEntries(others), [one.name]: imported } });
  let returned: unknown;
  try {
    returned = call(`${api}#${one.name}`, ...args);
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    returned = 'trap';
  }
  const [inputs, sent, got, back] = [args, answer, received, returned].map(normalized);
  return { args: inputs, answer: sent, received: got, returned: back };
}

/** What came back has to be what went in. */
export function exchange(runtime: Runtime, all: readonly WitFunction[], one: WitFunction, random: Random): void {
  const { args, answer, received, returned } = exchangeOf(runtime, all, one, random);
  assert.deepEqual(received, args, `${runtime.name}: parameters of ${one.name}`);
  assert.deepEqual(returned, answer, `${runtime.name}: result of ${one.name}`);
}
