// Numbers and texts of debug information: what lies outside of its bytes throws, and long texts are cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteReader, BytesFault } from './byte-reader.ts';

const reader = (...bytes: readonly number[]): ByteReader => new ByteReader(Uint8Array.from(bytes));

test('numbers, the low byte first', () => {
  assert.equal(reader(0x01, 0x02).u16(), 0x0201);
  assert.equal(reader(0x01, 0x02, 0x03, 0xff).u32(), 0xff030201);
  assert.equal(reader(0x80).i8(), -128);
  assert.equal(reader(0xe5, 0x8e, 0x26).uleb(), 624_485);
  assert.equal(reader(0x7f).sleb(), -1);
  assert.equal(reader(0x80, 0x7f).sleb(), -128);
  assert.equal(reader(0x80, 0x01).sleb(), 128);
});

test('texts end with a zero, and what follows is read next', () => {
  const two = new ByteReader(Buffer.from('ab\0c\0'));
  assert.deepEqual([two.text(), two.text(), two.at], ['ab', 'c', 5]);
});

test('of a long text the first 4096 bytes are kept, and all of it is passed', () => {
  const long = new ByteReader(Buffer.from(`${'x'.repeat(5000)}\0y\0`));
  assert.equal(long.text().length, 4096);
  assert.equal(long.text(), 'y');
});

test('nothing is read beyond the end, also where there are more bytes', () => {
  const bytes = Uint8Array.from([1, 0x80, 0x80, 0]);
  const part = new ByteReader(bytes, 1, 3);
  assert.throws(() => part.uleb(), BytesFault);
  assert.throws(() => new ByteReader(bytes, 1, 3).text(), BytesFault);
  assert.throws(() => new ByteReader(bytes, 1, 3).skip(3), BytesFault);
  assert.throws(() => new ByteReader(bytes, 3, 2), BytesFault);
  assert.throws(() => new ByteReader(bytes, 0, 5), BytesFault);
});
