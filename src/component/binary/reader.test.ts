// The reader takes every valid LEB128 number and name, and refuses all others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import { MAX_ITEMS, MAX_NESTING, Reader } from './reader.ts';

function over(...bytes: number[]): Reader {
  return Reader.over(Uint8Array.from(bytes), 'x.wasm', 'section "import"');
}

function failure(read: () => unknown): { message: string; offset: number | undefined } {
  try {
    read();
  } catch (error) {
    assert(error instanceof MayflyError);
    assert.equal(error.code, 'component-corrupt');
    assert.equal(error.location?.file, 'x.wasm');
    return { message: error.message, offset: error.location.offset };
  }
  return assert.fail('accepted');
}

test('u32 reads every length of LEB128 and refuses what does not fit', () => {
  assert.equal(over(0x7f).u32(), 127);
  assert.equal(over(0x80, 0x01).u32(), 128);
  assert.equal(over(0x80, 0x00).u32(), 0);
  assert.equal(over(0xff, 0xff, 0xff, 0xff, 0x0f).u32(), 0xffffffff);
  assert.deepEqual(
    failure(() => over(0xff, 0xff, 0xff, 0xff, 0x1f).u32()),
    { message: 'Integer too large', offset: 0 },
  );
  assert.deepEqual(
    failure(() => over(0x80, 0x80, 0x80, 0x80, 0x80, 0x00).u32()),
    { message: 'Integer representation too long', offset: 0 },
  );
  assert.deepEqual(
    failure(() => over(0x80).u32()),
    { message: 'Unexpected end of section "import"', offset: 1 },
  );
});

test('u64 reads up to its last bit', () => {
  assert.equal(over(...new Array(9).fill(0xff), 0x01).u64(), 2n ** 64n - 1n);
  assert.equal(failure(() => over(...new Array(9).fill(0xff), 0x02).u64()).message, 'Integer too large');
});

test('a type index is a signed LEB128 that is not negative', () => {
  assert.equal(over(0x3f).s33Index(), 63);
  assert.equal(over(0xc0, 0x00).s33Index(), 64);
  assert.equal(over(0xff, 0xff, 0xff, 0xff, 0x0f).s33Index(), 0xffffffff);
  assert.equal(failure(() => over(0x80, 0x40).s33Index()).message, 'Type index out of range');
  assert.equal(failure(() => over(0x80, 0x80, 0x80, 0x80, 0x10).s33Index()).message, 'Type index out of range');
});

test('u32Vector agrees with a vector of u32', () => {
  const bytes = [4, 0x05, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00];
  assert.deepEqual(
    [...over(...bytes).u32Vector()],
    over(...bytes).vector((reader) => reader.u32()),
  );
  assert.equal(failure(() => over(2, 1, 0x80).u32Vector()).message, 'Unexpected end of section "import"');
});

test('names are UTF-8, and nothing else', () => {
  assert.equal(over(2, 0x68, 0x69).name(), 'hi');
  assert.equal(over(3, 0xe2, 0x98, 0x83).name(), '☃');
  assert.equal(over(3, 0xef, 0xbb, 0xbf).name(), '\ufeff');
  assert.deepEqual(
    failure(() => over(2, 0xc0, 0x80).name()),
    { message: 'Malformed UTF-8 encoding', offset: 1 },
  );
  assert.equal(failure(() => over(3, 0xed, 0xa0, 0x80).name()).message, 'Malformed UTF-8 encoding');
  assert.equal(failure(() => over(5, 0x68).name()).message, 'Unexpected end of section "import"');
  assert.match(failure(() => over(0xff, 0xff, 0x7f).name()).message, /longer than/);
});

test('a vector cannot announce more elements than there are bytes', () => {
  const { message } = failure(() => over(0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2).vector((reader) => reader.byte()));
  assert.equal(message, 'Unexpected end of section "import": 4294967295 elements announced');
});

test('the vectors of one file share a budget', () => {
  const reader = over(0);
  reader.spend(MAX_ITEMS);
  assert.match(failure(() => reader.spend(1)).message, /More than/);
});

test('nesting has an end', () => {
  const reader = over(0);
  const nest = (levels: number): unknown => (levels === 0 ? 'bottom' : reader.nested(() => nest(levels - 1)));
  assert.equal(nest(MAX_NESTING), 'bottom');
  assert.match(failure(() => nest(MAX_NESTING + 1)).message, /Nesting/);
});

test('a window ends where it should, and its reader speaks of offsets in the file', () => {
  const reader = over(9, 9, 1, 2, 3);
  reader.take(2);
  const window = reader.window(2, 'section "type"');
  assert.equal(reader.remaining, 1);
  assert.deepEqual([...window.take(2)], [1, 2]);
  assert.deepEqual(
    failure(() => window.byte()),
    { message: 'Unexpected end of section "type"', offset: 4 },
  );
  assert.equal(
    failure(() => reader.window(2, 'section "canon"')).message,
    'Unexpected end of section "import": section "canon" needs 2 bytes',
  );
});

test('an origin shifts the offsets of errors', () => {
  const reader = Reader.over(Uint8Array.of(1), 'x.wasm', 'the core module', 100);
  reader.byte();
  assert.equal(failure(() => reader.byte()).offset, 101);
});

test('a window ends where it ends: nothing behind it is read or looked at', () => {
  const reader = over(1, 2, 3, 4);
  const window = reader.window(2, 'a part');
  assert.deepEqual([window.remaining, window.peek(), window.byte(), window.byte()], [2, 1, 1, 2]);
  assert.deepEqual([window.peek(), window.atEnd, window.remaining], [undefined, true, 0]);
  assert.deepEqual(
    failure(() => window.byte()),
    { message: 'Unexpected end of a part', offset: 2 },
  );
  assert.equal(reader.byte(), 3);
  assert.match(failure(() => reader.window(2, 'more')).message, /more needs 2 bytes/);
  assert.equal(reader.window(1, 'the rest').byte(), 4);
  reader.finish();
});

test('a byte that is not the one wanted is named, with its place', () => {
  const reader = over(0, 7, 1);
  reader.expect(0, 'a beginning');
  assert.deepEqual(
    failure(() => reader.expect(0, 'an end')),
    { message: 'Invalid leading byte 0x07 for an end', offset: 1 },
  );
  assert.equal(reader.flag('a flag'), true);
  assert.deepEqual(
    failure(() => over(2).flag('a flag')),
    { message: 'Invalid leading byte 0x02 for a flag', offset: 0 },
  );
});

test('offsets start where the bytes start in the file', () => {
  const reader = Reader.over(Uint8Array.of(9), 'x.wasm', 'a value', 100);
  assert.equal(failure(() => reader.expect(8, 'it')).offset, 100);
  assert.equal(failure(() => reader.byte()).offset, 101);
});

test('what was read since a place is a view of just that', () => {
  const reader = over(1, 2, 3, 4);
  reader.byte();
  const start = reader.position;
  assert.deepEqual([...reader.take(2)], [2, 3]);
  assert.deepEqual([...reader.since(start)], [2, 3]);
  assert.match(failure(() => reader.take(2)).message, /Unexpected end/);
  assert.deepEqual([...reader.take(1)], [4]);
});

test('LEB128s are skipped up to their longest form', () => {
  const reader = over(0x80, 0x80, 0x00, 5);
  reader.skipLeb(3);
  assert.equal(reader.byte(), 5);
  assert.equal(failure(() => over(0x80, 0x80, 0x80, 0).skipLeb(3)).message, 'Integer representation too long');
  assert.equal(over(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00).u64(), 0n);
  assert.equal(
    failure(() => over(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0).u64()).message,
    'Integer representation too long',
  );
  assert.equal(failure(() => over(0x80, 0x80, 0x80, 0x80, 0x80).s33Index()).message, 'Integer representation too long');
});

test('names of any length, ASCII or not', () => {
  for (const text of ['', 'a', 'x'.repeat(64), 'x'.repeat(65), `${'x'.repeat(63)}é`, 'é'.repeat(100)]) {
    const bytes = Buffer.from(text);
    const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
    assert.equal(over(...length, ...bytes).name(), text);
  }
});
