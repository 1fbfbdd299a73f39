// How strings are lowered, step by step: the guest sees each call of its realloc. CanonicalABI.md#storing

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abiFixture } from '../../../test/support/abi-context.ts';
import { Trap } from '../../errors.ts';
import type { StringEncoding } from '../types/string-encoding.ts';
import { storeString } from './strings.ts';

const TAG = 2 ** 31;

interface Stored {
  /** Old size, alignment, new size of each call. */
  readonly calls: readonly (readonly [oldSize: number, align: number, size: number])[];
  readonly units: number;
  readonly bytes: Buffer;
}

function lower(from: StringEncoding, to: StringEncoding, text: string): Stored {
  const { cx, bytes, allocations } = abiFixture({ encoding: to });
  cx.sourceEncoding = from;
  const [pointer, units] = storeString(cx, text);
  // Each call hands back what the one before gave, and the string lies where the last one says.
  allocations.reduce((previous, { old, pointer: given }) => {
    assert.equal(old, previous);
    return given;
  }, 0);
  assert.equal(allocations.at(-1)?.pointer, pointer);
  return {
    calls: allocations.map(({ oldSize, align, size }) => [oldSize, align, size]),
    units,
    bytes: Buffer.from(bytes.subarray(pointer, pointer + (allocations.at(-1)?.size ?? 0))),
  };
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

const ascii = 'hello world';
const longAscii = 'x'.repeat(100);
const accents = 'héllo';
const mixed = 'hé€😋';

test('utf8 to utf8: one allocation of just the size', () => {
  for (const text of ['', 'a', ascii, longAscii, accents, mixed, 'x'.repeat(24), 'x'.repeat(25), 'é'.repeat(24)]) {
    const { length } = utf8(text);
    assert.deepEqual(lower('utf8', 'utf8', text), { calls: [[0, 1, length]], units: length, bytes: utf8(text) });
  }
});

test('utf16 or latin1 to utf8: the units, then the worst case, then what it is', () => {
  for (const text of [ascii, longAscii]) {
    const { length } = text;
    for (const from of ['utf16', 'latin1+utf16'] as const) {
      assert.deepEqual(lower(from, 'utf8', text), { calls: [[0, 1, length]], units: length, bytes: utf8(text) });
    }
  }
  assert.deepEqual(lower('utf16', 'utf8', accents), {
    calls: [
      [0, 1, 5],
      [5, 1, 15],
      [15, 1, 6],
    ],
    units: 6,
    bytes: utf8(accents),
  });
  assert.deepEqual(lower('latin1+utf16', 'utf8', accents).calls, [
    [0, 1, 5],
    [5, 1, 10],
    [10, 1, 6],
  ]);
  assert.deepEqual(lower('latin1+utf16', 'utf8', mixed).calls, [
    [0, 1, 5],
    [5, 1, 15],
    [15, 1, 10],
  ]);
  // The worst case is what it is: no call to shrink it.
  assert.deepEqual(lower('utf16', 'utf8', '€€').calls, [
    [0, 1, 2],
    [2, 1, 6],
  ]);
});

test('utf8 to utf16: the worst case, then what it is', () => {
  assert.deepEqual(lower('utf8', 'utf16', ascii), { calls: [[0, 2, 22]], units: 11, bytes: utf16(ascii) });
  assert.deepEqual(lower('utf8', 'utf16', mixed), {
    calls: [
      [0, 2, 20],
      [20, 2, 10],
    ],
    units: 5,
    bytes: utf16(mixed),
  });
});

test('utf16 or latin1 to utf16: one allocation', () => {
  for (const from of ['utf16', 'latin1+utf16'] as const) {
    for (const text of ['', ascii, accents, mixed]) {
      const bytes = utf16(text);
      assert.deepEqual(lower(from, 'utf16', text), { calls: [[0, 2, bytes.length]], units: text.length, bytes });
    }
  }
});

test('utf8 or utf16 to latin1+utf16: as bytes while they do, else as tagged units', () => {
  for (const from of ['utf8', 'utf16'] as const) {
    assert.deepEqual(lower(from, 'latin1+utf16', ascii), { calls: [[0, 2, 11]], units: 11, bytes: latin1(ascii) });
  }
  assert.deepEqual(lower('utf8', 'latin1+utf16', accents), {
    calls: [
      [0, 2, 6],
      [6, 2, 5],
    ],
    units: 5,
    bytes: latin1(accents),
  });
  assert.deepEqual(lower('utf16', 'latin1+utf16', accents), { calls: [[0, 2, 5]], units: 5, bytes: latin1(accents) });
  assert.deepEqual(lower('utf8', 'latin1+utf16', mixed), {
    calls: [
      [0, 2, 10],
      [10, 2, 20],
      [20, 2, 10],
    ],
    units: TAG + 5,
    bytes: utf16(mixed),
  });
  assert.deepEqual(lower('utf16', 'latin1+utf16', mixed), {
    calls: [
      [0, 2, 5],
      [5, 2, 10],
    ],
    units: TAG + 5,
    bytes: utf16(mixed),
  });
});

test('latin1+utf16 to itself: one allocation, tagged where it must be', () => {
  for (const text of ['', ascii, accents, 'ÿ']) {
    const { length } = text;
    assert.deepEqual(lower('latin1+utf16', 'latin1+utf16', text), {
      calls: [[0, 2, length]],
      units: length,
      bytes: latin1(text),
    });
  }
  for (const text of ['Ā', mixed]) {
    assert.deepEqual(lower('latin1+utf16', 'latin1+utf16', text), {
      calls: [[0, 2, 2 * text.length]],
      units: TAG + text.length,
      bytes: utf16(text),
    });
  }
});

/** No string of this length is made: the length is all that is looked at before the allocation. */
function longText(length: number, isLatin1: boolean): string {
  const text = { length, isWellFormed: () => true, charCodeAt: () => (isLatin1 ? 0x61 : 0x20ac) };
  return text as unknown as string;
}

test('strings that would be of 2^28 bytes or more trap before anything is allocated', () => {
  const most = 2 ** 28 - 1;
  const cases: readonly (readonly [StringEncoding, StringEncoding, longest: number])[] = [
    ['utf16', 'utf8', most],
    ['utf16', 'utf16', Math.floor(most / 2)],
    ['utf16', 'latin1+utf16', most],
  ];
  for (const [from, to, longest] of cases) {
    const { cx, allocations } = abiFixture({ encoding: to, realloc: () => 0 });
    cx.sourceEncoding = from;
    assert.throws(() => storeString(cx, longText(longest + 1, true)), /String of \d+ bytes is too long/);
    assert.equal(allocations.length, 0, `${from} ${to}`);
    assert.throws(() => storeString(cx, longText(longest, true)), /Realloc returned 0, outside the memory/);
    assert.equal(allocations.length, 1);
  }
});

test('a lone surrogate becomes U+FFFD, and realloc is not asked twice for it', () => {
  assert.deepEqual(lower('utf8', 'utf8', 'a\ud800').bytes, utf8('a\ufffd'));
  assert.deepEqual(lower('utf16', 'utf16', '\udc00a').bytes, utf16('\ufffda'));
  assert.throws(() => {
    const { cx } = abiFixture({ encoding: 'utf16', realloc: () => 65_535 });
    storeString(cx, 'a');
  }, Trap);
});
