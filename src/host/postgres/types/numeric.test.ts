// Decimals keep every digit in both directions, in the bytes that numeric_send of the server makes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeNumeric, encodeNumeric } from './numeric.ts';

const bytes = (count: number, weight: number, sign: number, scale: number, ...digits: readonly number[]): Buffer => {
  const body = Buffer.alloc(8 + 2 * digits.length);
  const words = [count, weight & 0xffff, sign, scale, ...digits];
  for (const [index, word] of words.entries()) body.writeUInt16BE(word, 2 * index);
  return body;
};

test('texts and bytes stand for each other', () => {
  for (const [text, body] of [
    ['0', bytes(0, 0, 0, 0)],
    ['0.00', bytes(0, 0, 0, 2)],
    ['1', bytes(1, 0, 0, 0, 1)],
    ['-1', bytes(1, 0, 0x4000, 0, 1)],
    ['9999', bytes(1, 0, 0, 0, 9999)],
    ['10000', bytes(1, 1, 0, 0, 1)],
    ['10001', bytes(2, 1, 0, 0, 1, 1)],
    ['12345678', bytes(2, 1, 0, 0, 1234, 5678)],
    ['100000000', bytes(1, 2, 0, 0, 1)],
    ['0.1', bytes(1, -1, 0, 1, 1000)],
    ['0.00001', bytes(1, -2, 0, 5, 1000)],
    ['0.00010', bytes(1, -1, 0, 5, 1)],
    ['-12345.6789', bytes(3, 1, 0x4000, 4, 1, 2345, 6789)],
    ['1.50000', bytes(2, 0, 0, 5, 1, 5000)],
    ['10000.0001', bytes(3, 1, 0, 4, 1, 0, 1)],
    ['NaN', bytes(0, 0, 0xc000, 0)],
    ['Infinity', bytes(0, 0, 0xd000, 0)],
    ['-Infinity', bytes(0, 0, 0xf000, 0)],
  ] as const) {
    assert.deepEqual(encodeNumeric(text), body, text);
    assert.equal(decodeNumeric(body), text);
  }
});

test('other ways to write a number are understood, and zero has no sign', () => {
  for (const [text, same] of [
    ['+5', '5'],
    ['005', '5'],
    ['5.', '5'],
    ['.5', '0.5'],
    ['-0', '0'],
    ['-0.0', '0.0'],
    ['00000.1', '0.1'],
  ] as const) {
    assert.equal(decodeNumeric(encodeNumeric(text) ?? assert.fail(text)), same);
  }
});

test('what is no number, and what is longer than the server takes, is none', () => {
  for (const text of ['', '.', '+', '-', '1e5', '1,5', ' 1', '1 ', '--1', '1.2.3', 'nan', 'infinity', '٣']) {
    assert.equal(encodeNumeric(text), undefined, text);
  }
  for (const [most, more] of [
    ['9'.repeat(131_072), '9'.repeat(131_073)],
    [`0.${'9'.repeat(16_383)}`, `0.${'9'.repeat(16_384)}`],
    [`0${'9'.repeat(131_072)}`, `0${'9'.repeat(131_073)}`],
  ] as const) {
    assert.equal(decodeNumeric(encodeNumeric(most) ?? assert.fail()), most.replace(/^0(?=\d)/, ''));
    assert.equal(encodeNumeric(more), undefined);
  }
});
