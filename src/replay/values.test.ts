// Values of every type become what a recording has, and that becomes the same values; what is none of its type is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ValType } from '../component/types/val-type.ts';
import { render, unrender } from './rendered.ts';
import { Secrets } from './secrets.ts';
import { BadValue, decodeValue, encodeValue, type Numbering, type Raw, Unrecordable } from './values.ts';

const things: readonly object[] = [{ a: 1 }, { b: 2 }];
const numbering: Numbering = {
  numberOf: (object) => things.indexOf(object as object),
  objectOf: (number) => things[number],
};
const resource = { name: 'thing' };
const u8: ValType = { kind: 'u8' };
const text: ValType = { kind: 'string' };

const values: readonly (readonly [type: ValType, value: unknown, json: unknown])[] = [
  [{ kind: 'bool' }, true, true],
  [{ kind: 's8' }, -128, -128],
  [{ kind: 'u32' }, 4_294_967_295, 4_294_967_295],
  [{ kind: 'u64' }, 18_446_744_073_709_551_615n, '18446744073709551615'],
  [{ kind: 's64' }, -1n, '-1'],
  [{ kind: 'f64' }, 1.5, 1.5],
  [{ kind: 'f64' }, Number.NaN, 'NaN'],
  [{ kind: 'f32' }, Number.NEGATIVE_INFINITY, '-Infinity'],
  [{ kind: 'f64' }, -0, '-0'],
  [{ kind: 'char' }, '😀', '😀'],
  [text, 'ä', 'ä'],
  [{ kind: 'list', element: u8 }, new Uint8Array([104, 105]), { $text: 'hi' }],
  [{ kind: 'list', element: u8 }, new Uint8Array([0, 255]), { $base64: 'AP8=' }],
  [{ kind: 'list', element: text }, ['a', 'b'], ['a', 'b']],
  [{ kind: 'list', element: { kind: 'u16' } }, new Uint16Array([1, 2]), [1, 2]],
  [{ kind: 'list', element: { kind: 's64' } }, new BigInt64Array([-1n]), ['-1']],
  [{ kind: 'record', fields: [{ name: 'a-b', type: text }] }, { aB: 'x' }, { 'a-b': 'x' }],
  [{ kind: 'tuple', types: [text, u8] }, ['x', 1], ['x', 1]],
  [{ kind: 'enum', names: ['one', 'two'] }, 'two', 'two'],
  [{ kind: 'flags', names: ['a-b', 'c'] }, { aB: true, c: false }, ['a-b']],
  [{ kind: 'variant', cases: [{ name: 'none', type: undefined }] }, { tag: 'none' }, 'none'],
  [{ kind: 'variant', cases: [{ name: 'some', type: u8 }] }, { tag: 'some', val: 7 }, { some: 7 }],
  [{ kind: 'option', type: u8 }, undefined, null],
  [{ kind: 'option', type: u8 }, 7, 7],
  [{ kind: 'option', type: { kind: 'option', type: u8 } }, { tag: 'some', val: undefined }, { some: null }],
  [{ kind: 'option', type: { kind: 'option', type: u8 } }, { tag: 'none' }, null],
  [{ kind: 'result', ok: text, err: undefined }, { tag: 'ok', val: 'x' }, { ok: 'x' }],
  [{ kind: 'result', ok: undefined, err: u8 }, { tag: 'err', val: 1 }, { err: 1 }],
  [{ kind: 'own', resource }, things[1], '#1'],
  [{ kind: 'borrow', resource }, things[0], '#0'],
];

test('values of every type there and back', () => {
  for (const [type, value, expected] of values) {
    const json = render(encodeValue(type, value, numbering), { secrets: new Secrets(), compared: false });
    assert.deepEqual(json, expected, type.kind);
    assert.deepEqual(decodeValue(type, unrender(JSON.parse(JSON.stringify(json))), numbering), value, type.kind);
  }
});

test('what is no value of its type is refused', () => {
  const bad: readonly (readonly [ValType, Raw | undefined])[] = [
    [{ kind: 'bool' }, 1],
    [u8, 256],
    [u8, -1],
    [u8, 1.5],
    [{ kind: 's16' }, 32_768],
    [{ kind: 'u64' }, '18446744073709551616'],
    [{ kind: 'u64' }, '-1'],
    [{ kind: 'u64' }, 1],
    [{ kind: 's64' }, '9223372036854775808'],
    [{ kind: 'f64' }, 'much'],
    [{ kind: 'char' }, 'ab'],
    [{ kind: 'char' }, '\ud800'],
    [text, '\ud800'],
    [text, null],
    [text, undefined],
    [{ kind: 'list', element: u8 }, [1]],
    [{ kind: 'list', element: text }, 'ab'],
    [{ kind: 'list', element: text }, [1]],
    [{ kind: 'record', fields: [{ name: 'a', type: text }] }, {}],
    [{ kind: 'record', fields: [{ name: 'a', type: text }] }, []],
    [{ kind: 'tuple', types: [text] }, []],
    [{ kind: 'enum', names: ['one'] }, 'constructor'],
    [{ kind: 'variant', cases: [{ name: 'some', type: u8 }] }, 'toString'],
    [
      { kind: 'variant', cases: [{ name: 'some', type: u8 }] },
      { some: 1, more: 2 },
    ],
    [{ kind: 'variant', cases: [{ name: 'some', type: u8 }] }, {}],
    [{ kind: 'result', ok: u8, err: u8 }, { other: 1 }],
    [{ kind: 'flags', names: ['a'] }, 'a'],
    [{ kind: 'own', resource }, 1],
    [{ kind: 'own', resource }, '#-1'],
    [{ kind: 'own', resource }, '#1e3'],
  ];
  for (const [type, raw] of bad) {
    assert.throws(() => decodeValue(type, raw, numbering), BadValue, `${type.kind} ${JSON.stringify(raw)}`);
  }
});

test('an error-context is not recorded', () => {
  assert.throws(() => encodeValue({ kind: 'error-context' }, {}, numbering), Unrecordable);
});

test('a long parameter is written as its digest and its beginning', () => {
  const secrets = new Secrets();
  const long = new Uint8Array(513).fill(97);
  const json = render(long, { secrets, compared: true }) as { readonly length: number; readonly $text: string };
  assert.equal(json.length, 513);
  assert.equal(json.$text, 'a'.repeat(64));
  assert.deepEqual(render(long.subarray(1), { secrets, compared: true }), { $text: 'a'.repeat(512) });
  assert.deepEqual(render(long, { secrets, compared: false }), { $text: 'a'.repeat(513) });
});
