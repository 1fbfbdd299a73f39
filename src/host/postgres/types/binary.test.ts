// Values in the binary format of the server: what guests give goes out in its bytes, and what comes back is what they
// gave. What a type cannot hold is an error, whichever side it is on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataTypeOf, decodeValue } from './decode.ts';
import { encodeParameter, fitParameter } from './encode.ts';
import { debugName, type KnownType, knownType, oids } from './type-names.ts';
import type { ParameterValue } from './values.ts';

const hex = (body: Buffer | null): string | undefined => body?.toString('hex');
const from = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Values with their types, and their bytes. */
const values: readonly (readonly [ParameterValue, KnownType, string])[] = [
  [{ tag: 'boolean', val: true }, 'bool', '01'],
  [{ tag: 'boolean', val: false }, 'bool', '00'],
  [{ tag: 'int16', val: -2 }, 'int2', 'fffe'],
  [{ tag: 'int32', val: -(2 ** 31) }, 'int4', '80000000'],
  [{ tag: 'int64', val: 2n ** 63n - 1n }, 'int8', '7fffffffffffffff'],
  [{ tag: 'floating32', val: 1.5 }, 'float4', '3fc00000'],
  [{ tag: 'floating64', val: -0.5 }, 'float8', 'bfe0000000000000'],
  [{ tag: 'str', val: 'ä' }, 'text', 'c3a4'],
  [{ tag: 'str', val: '' }, 'varchar', ''],
  [{ tag: 'str', val: 'x' }, 'bpchar', '78'],
  [{ tag: 'binary', val: Uint8Array.of(0, 255) }, 'bytea', '00ff'],
  [{ tag: 'date', val: [2000, 1, 2] }, 'date', '00000001'],
  [{ tag: 'time', val: [0, 0, 1, 0] }, 'time', '00000000000f4240'],
  [{ tag: 'datetime', val: [1999, 12, 31, 23, 59, 59, 999_999_000] }, 'timestamp', 'ffffffffffffffff'],
  [{ tag: 'uuid', val: '01234567-89ab-cdef-0123-456789abcdef' }, 'uuid', '0123456789abcdef0123456789abcdef'],
  [{ tag: 'jsonb', val: Uint8Array.of(0x7b, 0x7d) }, 'jsonb', '017b7d'],
  [{ tag: 'decimal', val: '-1.5' }, 'numeric', '0002 0000 4000 0001 0001 1388'],
  [
    {
      tag: 'range-int32',
      val: [
        [1, 'inclusive'],
        [5, 'exclusive'],
      ],
    },
    'int4range',
    '02 00000004 00000001 00000004 00000005',
  ],
  [
    {
      tag: 'range-int32',
      val: [
        [1, 'exclusive'],
        [5, 'inclusive'],
      ],
    },
    'int4range',
    '04 00000004 00000001 00000004 00000005',
  ],
  [{ tag: 'range-int64', val: [undefined, [5n, 'exclusive']] }, 'int8range', '08 00000008 0000000000000005'],
  [{ tag: 'range-decimal', val: [['1', 'inclusive'], undefined] }, 'numrange', '12 0000000a 0001 0000 0000 0000 0001'],
  [{ tag: 'range-int32', val: [undefined, undefined] }, 'int4range', '18'],
  [{ tag: 'array-int32', val: [] }, '_int4', '00000000 00000000 00000017'],
  [{ tag: 'array-int32', val: [7] }, '_int4', '00000001 00000000 00000017 00000001 00000001 00000004 00000007'],
  [
    { tag: 'array-int64', val: [7n, undefined] },
    '_int8',
    '00000001 00000001 00000014 00000002 00000001 00000008 0000000000000007 ffffffff',
  ],
  [
    { tag: 'array-decimal', val: ['0'] },
    '_numeric',
    '00000001 00000000 000006a4 00000001 00000001 00000008 0000000000000000',
  ],
  [
    { tag: 'array-str', val: ['a', undefined, ''] },
    '_text',
    '00000001 00000001 00000019 00000003 00000001 00000001 61 ffffffff 00000000',
  ],
  [{ tag: 'array-str', val: ['a'] }, '_varchar', '00000001 00000000 00000413 00000001 00000001 00000001 61'],
  [{ tag: 'array-str', val: ['a'] }, '_bpchar', '00000001 00000000 00000412 00000001 00000001 00000001 61'],
  [{ tag: 'interval', val: { micros: 1n, days: -1, months: 2 } }, 'interval', '0000000000000001 ffffffff 00000002'],
];

test('values go out in the bytes of their type, and come back as they were', () => {
  for (const [value, type, bytes] of values) {
    const body = fitParameter(encodeParameter(value), value.tag, type, 0);
    assert.equal(hex(body), bytes.replaceAll(' ', ''), `${type} ${bytes}`);
    assert.deepEqual(decodeValue(body, oids[type], 0), value, type);
    assert.deepEqual(dataTypeOf(oids[type]), { tag: value.tag });
    assert.equal(knownType(oids[type]), type);
  }
});

test('some types are only taken, or only given', () => {
  for (const [value, type, bytes] of [
    [{ tag: 'int8', val: -1 }, 'char', 'ff'],
    [{ tag: 'str', val: 'n' }, 'name', '6e'],
    [{ tag: 'str', val: 'n' }, 'unknown', '6e'],
    [{ tag: 'str', val: 'n' }, 'citext', '6e'],
    [{ tag: 'str', val: 'n' }, 'ltree', '016e'],
    [{ tag: 'jsonb', val: Uint8Array.of(0x31) }, 'json', '31'],
    [{ tag: 'timestamp', val: 946_684_801n }, 'timestamptz', '00000000000f4240'],
    [{ tag: 'uuid', val: 'urn:uuid:{0123456789ABCDEF0123456789ABCDEF}' }, 'uuid', '0123456789abcdef0123456789abcdef'],
  ] as const) {
    assert.equal(hex(fitParameter(encodeParameter(value), value.tag, type, 0)), bytes);
  }
  assert.deepEqual(decodeValue(from('0000000000000000'), oids.timestamptz, 0), {
    tag: 'datetime',
    val: [2000, 1, 1, 0, 0, 0, 0],
  });
  assert.deepEqual(decodeValue(from('6e'), oids.json, 0), { tag: 'unsupported', val: Uint8Array.of(0x6e) });
  assert.deepEqual(decodeValue(from('6e'), 99_999, 0), { tag: 'unsupported', val: Uint8Array.of(0x6e) });
  assert.deepEqual([dataTypeOf(oids.json), dataTypeOf(99_999)], [undefined, undefined]);
  assert.deepEqual(decodeValue(null, oids.int4, 0), { tag: 'db-null' });
  assert.equal(fitParameter(encodeParameter({ tag: 'db-null' }), 'db-null', 'int4', 0), null);
});

test('a value of another type is refused with both names, and its place', () => {
  for (const [value, type, postgres, rust] of [
    [{ tag: 'int32', val: 1 }, 'int8', 'Int8', 'i32'],
    [{ tag: 'str', val: '' }, '_text', 'TextArray', 'alloc::string::String'],
    [{ tag: 'array-str', val: [] }, 'text', 'Text', 'alloc::vec::Vec<core::option::Option<alloc::string::String>>'],
    [{ tag: 'range-int32', val: [undefined, undefined] }, 'numrange', 'NumRange', 'postgres_range::Range<i32>'],
    [
      { tag: 'datetime', val: [2000, 1, 1, 0, 0, 0, 0] },
      'timestamptz',
      'Timestamptz',
      'chrono::naive::datetime::NaiveDateTime',
    ],
  ] as const) {
    assert.throws(() => fitParameter(encodeParameter(value), value.tag, type, 3), {
      name: 'PgFault',
      message: `Error { kind: ToSql(3), cause: Some(WrongType { postgres: ${postgres}, rust: "${rust}" }) }`,
    });
  }
  assert.deepEqual(['int4range', 'int8range', '_int4', 'daterange'].map(debugName), [
    'Int4Range',
    'Int8Range',
    'Int4Array',
    'Daterange',
  ]);
});

test('what a parameter cannot be is refused in words', () => {
  const last = (2n ** 63n - 1n) / 1_000_000n + 946_684_800n;
  for (const [value, message] of [
    [{ tag: 'date', val: [2001, 2, 29] }, 'invalid date y=2001, m=2, d=29'],
    [{ tag: 'time', val: [0, 60, 0, 0] }, 'invalid time 0:60:0:0'],
    [{ tag: 'datetime', val: [2001, 2, 29, 0, 0, 0, 0] }, 'invalid date y=2001, m=2, d=29'],
    [{ tag: 'datetime', val: [2001, 1, 1, 24, 0, 0, 0] }, 'invalid time 24:0:0:0'],
    [{ tag: 'datetime', val: [300_000, 1, 1, 0, 0, 0, 0] }, 'invalid date y=300000, m=1, d=1'],
    [{ tag: 'timestamp', val: last + 1n }, `invalid epoch timestamp ${last + 1n}`],
    [{ tag: 'timestamp', val: -last }, `invalid epoch timestamp ${-last}`],
    [{ tag: 'uuid', val: '0123' }, 'invalid UUID 0123'],
    [{ tag: 'uuid', val: `${'0'.repeat(32)}0` }, `invalid UUID ${'0'.repeat(33)}`],
    [{ tag: 'decimal', val: 'x' }, 'invalid decimal x'],
    [{ tag: 'array-decimal', val: ['1', 'x'] }, 'invalid decimal x'],
    [{ tag: 'range-decimal', val: [undefined, ['x', 'inclusive']] }, 'invalid decimal x'],
  ] as const) {
    assert.throws(() => encodeParameter(value as ParameterValue), { error: { tag: 'bad-parameter', val: message } });
  }
  encodeParameter({ tag: 'timestamp', val: last });
  for (const tag of ['uint8', 'uint16', 'uint32', 'uint64'] as const) {
    assert.throws(() => encodeParameter({ tag, val: 1 } as ParameterValue), {
      error: { tag: 'value-conversion-failed', val: 'Postgres does not support unsigned integers' },
    });
  }
});

test('what guests have no form for, and bytes that are not those of their type, are errors of their column', () => {
  const other = 'its bytes are not those of its type';
  for (const [type, bytes, reason] of [
    ['date', '7fffffff', 'it is infinite'],
    ['date', '80000000', 'it is infinite'],
    ['timestamp', '7fffffffffffffff', 'it is infinite'],
    ['timestamptz', '8000000000000000', 'it is infinite'],
    ['jsonb', '027b7d', 'its version is 2'],
    ['int4range', '01', 'the range is empty'],
    ['_int4', '00000002 00000000 00000017', 'the array has 2 dimensions'],
    ['int4', '000000', other],
    ['bool', '', other],
    ['int4range', '02 00000004 0000', other],
    ['_int4', '00000001 00000000 00000017 00000002 00000001 00000004 00000007', other],
    ['numeric', '0001 0000 0000 0000', other],
  ] as const) {
    assert.throws(() => decodeValue(from(bytes), oids[type], 4), {
      error: { tag: 'value-conversion-failed', val: `error deserializing column 4: ${reason}` },
    });
  }
  assert.deepEqual(decodeValue(from('7ffffffe'), oids.date, 0).tag, 'date');
});

test('bytes for guests are a copy', () => {
  const body = Buffer.from([1, 2]);
  const value = decodeValue(body, oids.bytea, 0);
  body.fill(9);
  assert.deepEqual(value, { tag: 'binary', val: Uint8Array.of(1, 2) });
});
