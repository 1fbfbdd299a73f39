// Where active segments go: offsets are signed numbers in the file, and addresses of 32 bits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cursor } from './cursor.ts';
import { activeSegments, readDataSegments } from './data-segments.ts';

/** The offset of one active segment whose `i32.const` has these bytes. */
function offsetOf(...leb: readonly number[]): unknown {
  const bytes = Uint8Array.from([1, 0, 0x41, ...leb, 0x0b, 1, 7]);
  const section = { start: 0, end: bytes.length } as Parameters<typeof activeSegments>[1];
  return activeSegments(bytes, section)?.[0]?.offset;
}

test('numbers of all lengths, negative ones as high addresses', () => {
  assert.equal(offsetOf(0x00), 0);
  assert.equal(offsetOf(0x3f), 63);
  assert.equal(offsetOf(0x7f), 0xffff_ffff);
  assert.equal(offsetOf(0x40), 0xffff_ffc0);
  assert.equal(offsetOf(0xc0, 0x00), 64);
  assert.equal(offsetOf(0x80, 0x80, 0x80, 0x80, 0x78), 0x8000_0000);
  assert.equal(offsetOf(0xff, 0xff, 0xff, 0xff, 0x07), 0x7fff_ffff);
  assert.equal(offsetOf(0xfe, 0xff, 0xff, 0xff, 0x7f), 0xffff_fffe);
});

test('an offset that is a global is known by its number; one that is computed is not', () => {
  const of = (...code: readonly number[]): unknown => {
    const bytes = Uint8Array.from([1, 0, ...code, 0x0b, 0]);
    return activeSegments(bytes, { start: 0, end: bytes.length } as Parameters<typeof activeSegments>[1]);
  };
  assert.deepEqual((of(0x23, 5) as { offset: unknown }[])[0]?.offset, { global: 5 });
  assert.equal(of(0x41, 1, 0x41, 2, 0x6a), undefined);
});

test('segments of a kind that there is not, and of a memory that there is not, are corrupt', () => {
  const read = (...bytes: readonly number[]): void => readDataSegments(new Cursor(Uint8Array.from([1, ...bytes])), 1);
  const zero = [0x41, 0, 0x0b];
  read(0, ...zero, 0);
  read(1, 0);
  read(2, 0, ...zero, 0);
  assert.throws(() => read(3, ...zero, 0), { code: 'component-corrupt', message: /unknown kind 3/ });
  assert.throws(() => read(2, 1, ...zero, 0), { code: 'component-corrupt', message: /no memory 1/ });
});
