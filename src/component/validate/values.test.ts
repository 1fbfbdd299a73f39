// Value definitions have the bytes of their type, and each value is used once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import { decodeComponent } from '../binary/decode.ts';
import { validateComponent } from './validate.ts';

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
