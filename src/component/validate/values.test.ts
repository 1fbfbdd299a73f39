// Value definitions have the bytes of their type, and each value is used once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import { decodeComponent } from '../binary/decode.ts';
import { measure } from './metrics.ts';
import type { Shape, Val } from './model.ts';
import { validateComponent } from './validate.ts';
import { checkValue } from './values.ts';

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const primitives = { bool: 0x7f, s8: 0x7e, u16: 0x7b, f32: 0x76, char: 0x74, string: 0x73 } as const;

/** A component of one value of a primitive type, which is exported so that it is used. */
function check(type: keyof typeof primitives, ...bytes: number[]): void {
  const value = [1, primitives[type], bytes.length, ...bytes];
  const exported = [1, 0, 1, 0x76, 2, 0, 0];
  const all = [...PREAMBLE, 12, value.length, ...value, 11, exported.length, ...exported];
  validateComponent(decodeComponent(Uint8Array.from(all)));
}

test('values have the bytes of their type', () => {
  check('bool', 1);
  check('s8', 0xff);
  check('u16', 0xff, 0xff, 0x03);
  check('f32', 0x00, 0x00, 0xc0, 0x7f);
  check('char', 0xe2, 0x98, 0x83);
  check('string', 2, 0x68, 0x69);
});

test('and no others', () => {
  const wrong: [keyof typeof primitives, ...number[]][] = [
    ['bool', 2],
    ['u16', 0x80, 0x80, 0x04],
    ['f32', 0x01, 0x00, 0xc0, 0x7f],
    ['char', 0xed, 0xa0, 0x80],
    ['char', 0x61, 0x62],
    ['string', 3, 0x68, 0x69],
  ];
  for (const one of wrong) assert.throws(() => check(...one), MayflyError, String(one));
});

test('each value is used once', () => {
  const value = [12, 4, 1, 0x7f, 1, 1];
  assert.throws(
    () => validateComponent(decodeComponent(Uint8Array.from([...PREAMBLE, ...value]))),
    /Value 0 is never used/,
  );
});

const val = (shape: Shape): Val => ({ kind: 'value', shape, metrics: measure(shape), depth: 0 });
const of = (primitive: (Shape & { kind: 'primitive' })['primitive']): Val => val({ kind: 'primitive', primitive });
const [u8, u16, bool] = [of('u8'), of('u16'), of('bool')];
const flags = (count: number): Val => val({ kind: 'flags', names: Array.from({ length: count }, (_, i) => `f${i}`) });
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

/** Bytes that are a value each, and bytes that are none. */
const shapes: Readonly<Record<string, { type: Val; fits: number[][]; not: number[][] }>> = {
  u8: { type: u8, fits: [[0], [255]], not: [[], [0, 0]] },
  u32: { type: of('u32'), fits: [[0x80, 1]], not: [[0x80], [0xff, 0xff, 0xff, 0xff, 0x1f]] },
  u64: { type: of('u64'), fits: [[...Array(9).fill(0xff), 1]], not: [[...Array(9).fill(0xff), 2]] },
  s16: { type: of('s16'), fits: [[0], [0xff, 0xff, 0x01]], not: [[0x80, 0x80, 0x80, 0x00], []] },
  s32: { type: of('s32'), fits: [[0x80, 0x80, 0x80, 0x80, 0x78]], not: [[0x80, 0x80, 0x80, 0x80, 0x80, 0x00]] },
  s64: { type: of('s64'), fits: [[...Array(9).fill(0x80), 0x7f]], not: [[...Array(10).fill(0x80), 0]] },
  f32: {
    type: of('f32'),
    fits: [
      [0, 0, 0x80, 0x7f],
      [0, 0, 0x80, 0xff],
    ],
    not: [[1, 0, 0x80, 0x7f], [0, 0, 0xc0, 0xff], zeros(3), zeros(5)],
  },
  f64: {
    type: of('f64'),
    fits: [
      [...zeros(6), 0xf8, 0x7f],
      [...zeros(6), 0xf0, 0x7f],
      [...zeros(6), 0xf0, 0xff],
      [1, ...zeros(7)],
    ],
    not: [[1, ...zeros(5), 0xf0, 0x7f], [...zeros(6), 0xf8, 0xff], [1, ...zeros(5), 0xf8, 0x7f], zeros(7), zeros(9)],
  },
  char: {
    type: of('char'),
    fits: [[0x7f], [0xc2, 0x80], [0xdf, 0xbf], [0xe0, 0xa0, 0x80], [0xef, 0xbf, 0xbd], [0xf0, 0x9f, 0x98, 0x80]],
    not: [[0x80], [0xc2], [0xc2, 0x80, 0x80], [0xe0, 0xa0], [0xf0, 0x9f, 0x98], [0xf5, 0x80, 0x80, 0x80]],
  },
  record: {
    type: val({
      kind: 'record',
      fields: [
        { name: 'a', type: u8 },
        { name: 'b', type: bool },
      ],
    }),
    fits: [[9, 1]],
    not: [[9], [9, 2], [9, 1, 0]],
  },
  tuple: { type: val({ kind: 'tuple', types: [bool, u8] }), fits: [[1, 9]], not: [[1], [2, 9], [1, 9, 0]] },
  list: {
    type: val({ kind: 'list', element: bool, length: undefined }),
    fits: [[0], [2, 1, 0]],
    not: [[], [2, 1], [1, 2], [1, 1, 1]],
  },
  'list of three': {
    type: val({ kind: 'list', element: bool, length: 3 }),
    fits: [[1, 0, 1]],
    not: [
      [1, 0],
      [1, 0, 1, 0],
      [1, 0, 2],
    ],
  },
  map: {
    type: val({ kind: 'map', key: u8, value: bool }),
    fits: [[0], [2, 9, 1, 8, 0]],
    not: [
      [1, 9],
      [1, 9, 2],
      [1, 9, 1, 0],
    ],
  },
  'eight flags': { type: flags(8), fits: [[0xff]], not: [[], [0, 0]] },
  'nine flags': { type: flags(9), fits: [[0xff, 1]], not: [[0], [0, 0, 0]] },
  enum: { type: val({ kind: 'enum', names: ['a', 'b'] }), fits: [[0], [1]], not: [[2], [], [1, 0]] },
  variant: {
    type: val({
      kind: 'variant',
      cases: [
        { name: 'a', type: undefined },
        { name: 'b', type: u16 },
      ],
    }),
    fits: [[0], [1, 0xff, 0xff, 3]],
    not: [[2], [0, 0], [1], [1, 0x80, 0x80, 4]],
  },
  option: { type: val({ kind: 'option', type: bool }), fits: [[0], [1, 1]], not: [[1], [0, 0], [2], [1, 2]] },
  result: {
    type: val({ kind: 'result', ok: bool, err: u16 }),
    fits: [
      [0, 1],
      [1, 2],
    ],
    not: [[0], [0, 2], [1], [2, 0], [1, 0x80, 0x80, 4]],
  },
  'result without payloads': {
    type: val({ kind: 'result', ok: undefined, err: undefined }),
    fits: [[0], [1]],
    not: [[2], [0, 0]],
  },
  stream: { type: val({ kind: 'stream', element: undefined }), fits: [], not: [[], [0]] },
  'error-context': { type: of('error-context'), fits: [], not: [[], [0]] },
};

for (const [name, { type, fits, not }] of Object.entries(shapes)) {
  test(`values of type ${name}: what fits, and what does not by a byte`, () => {
    for (const bytes of fits) checkValue(type, Uint8Array.from(bytes), 'x.wasm', 0);
    for (const bytes of not) {
      const check = (): void => checkValue(type, Uint8Array.from(bytes), 'x.wasm', 0);
      assert.throws(check, { code: 'component-corrupt' }, String(bytes));
    }
  });
}

test('of two values each has its own type', () => {
  const bool = [12, 4, 1, 0x7f, 1, 1];
  const text = [12, 4, 1, 0x73, 1, 0];
  /** Exports the two, under types of their own. */
  const exported = (first: number, second: number): number[] => {
    const of = (name: number, index: number, type: number): number[] => [0, 1, name, 2, index, 1, 2, 1, type];
    const both = [2, ...of(0x61, 0, first), ...of(0x62, 1, second)];
    return [11, both.length, ...both];
  };
  const check = (...sections: number[][]): void =>
    validateComponent(decodeComponent(Uint8Array.from([...PREAMBLE, ...sections.flat()])));
  check(bool, text, exported(0x7f, 0x73));
  assert.throws(() => check(bool, text, exported(0x73, 0x7f)), { code: 'component-corrupt' });
});
