// Strings between linear memory and JavaScript. CanonicalABI.md#loading (load_string), #storing (store_string).

import { Trap } from '../../errors.ts';
import type { StringEncoding } from '../types/string-encoding.ts';
import type { AbiContext } from './context.ts';

const MAX_STRING_BYTE_LENGTH = 2 ** 28 - 1;
const UTF16_TAG = 2 ** 31;
/** Length up to which a loop over ASCII bytes is faster than the decoder's call. */
const SHORT = 24;
/** The same length for bytes of the guest, where the decoder has to make a string. */
const VERY_SHORT = 8;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf16 = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export function loadString(cx: AbiContext, pointer: number, taggedCodeUnits: number): string {
  switch (cx.encoding) {
    case 'utf8':
      return decodeUtf8(range(cx, pointer, taggedCodeUnits, 1), taggedCodeUnits);
    case 'utf16':
      return decodeUtf16(range(cx, pointer, 2 * taggedCodeUnits, 2));
    case 'latin1+utf16':
      return taggedCodeUnits >= UTF16_TAG
        ? decodeUtf16(range(cx, pointer, 2 * (taggedCodeUnits - UTF16_TAG), 2))
        : decodeLatin1(range(cx, pointer, taggedCodeUnits, 2));
  }
}

function decodeLatin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

function range(cx: AbiContext, pointer: number, byteLength: number, align: number): Uint8Array {
  if (byteLength > MAX_STRING_BYTE_LENGTH) throw new Trap(`String of ${byteLength} bytes is too long`);
  cx.memory.check(pointer, byteLength, align);
  cx.charge(byteLength);
  return cx.memory.bytes.subarray(pointer, pointer + byteLength);
}

function decodeUtf8(bytes: Uint8Array, length: number): string {
  if (length <= VERY_SHORT) {
    let text = '';
    let index = 0;
    for (; index < length; index++) {
      const unit = bytes[index] as number;
      if (unit >= 0x80) break;
      text += String.fromCharCode(unit);
    }
    if (index === length) return text;
  }
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Trap('String is not valid UTF-8');
  }
}

function decodeUtf16(bytes: Uint8Array): string {
  try {
    return utf16.decode(bytes);
  } catch {
    throw new Trap('String is not valid UTF-16');
  }
}

/** Where a lowered string lies: [pointer, tagged code units]. */
export type StoredString = readonly [pointer: number, taggedCodeUnits: number];

/**
 * Stores a string. It follows the specification's steps for each pair of encodings, since the guest sees its realloc
 * being called. JavaScript strings of the host count as utf8; lone surrogates become U+FFFD.
 */
export function storeString(cx: AbiContext, value: string): StoredString {
  const text = value.isWellFormed() ? value : value.toWellFormed();
  const source = simpleSource(cx.sourceEncoding, text);
  switch (cx.encoding) {
    case 'utf8':
      return source === 'utf8' ? storeUtf8(cx, text) : storeToUtf8(cx, text, source === 'utf16' ? 3 : 2);
    case 'utf16':
      return source === 'utf8' ? storeUtf8ToUtf16(cx, text) : storeUtf16(cx, text, 2);
    case 'latin1+utf16':
      if (cx.sourceEncoding !== 'latin1+utf16') {
        return storeToLatin1OrUtf16(cx, text, source === 'utf8' ? Buffer.byteLength(text) : text.length);
      }
      return source === 'latin1' ? storeLatin1(cx, text) : storeProbablyUtf16(cx, text);
  }
}

/**
 * The encoding that a string had in its source. A latin1+utf16 string was latin1 there when that could hold it; the tag
 * is lost in a JavaScript string.
 */
function simpleSource(encoding: StringEncoding, text: string): 'utf8' | 'utf16' | 'latin1' {
  if (encoding !== 'latin1+utf16') return encoding;
  return isLatin1(text) ? 'latin1' : 'utf16';
}

function isLatin1(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}

function checkLength(byteLength: number): void {
  if (byteLength > MAX_STRING_BYTE_LENGTH) throw new Trap(`String of ${byteLength} bytes is too long`);
}

function storeUtf8(cx: AbiContext, text: string): StoredString {
  const length = text.length <= SHORT ? asciiLength(text) : Buffer.byteLength(text);
  checkLength(length);
  const pointer = cx.allocate(1, length);
  const { bytes } = cx.memory;
  if (length === text.length && length <= SHORT) {
    for (let index = 0; index < length; index++) bytes[pointer + index] = text.charCodeAt(index);
  } else writeUtf8(text, bytes.subarray(pointer, pointer + length));
  return [pointer, length];
}

/**
 * Fills `target`, which has exactly the room that `text` needs. Node 26.10 leaves the last character out when a string
 * of more than 256 holds Latin-1 only and ends outside ASCII; what was left out is written in a second go.
 */
function writeUtf8(text: string, target: Uint8Array): void {
  const { read, written } = encoder.encodeInto(text, target);
  if (written < target.length) encoder.encodeInto(text.slice(read), target.subarray(written));
}

/** The length of an ASCII text in bytes. It is a loop, since most short strings are ASCII. */
function asciiLength(text: string): number {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return Buffer.byteLength(text);
  return text.length;
}

function storeToUtf8(cx: AbiContext, text: string, worstFactor: number): StoredString {
  const units = text.length;
  checkLength(units);
  let pointer = cx.allocate(1, units);
  const length = Buffer.byteLength(text);
  if (length !== units) {
    const worst = units * worstFactor;
    pointer = cx.reallocate(pointer, units, 1, worst);
    writeUtf8(text, cx.memory.bytes.subarray(pointer, pointer + length));
    if (worst > length) pointer = cx.reallocate(pointer, worst, 1, length);
    return [pointer, length];
  }
  writeUtf8(text, cx.memory.bytes.subarray(pointer, pointer + length));
  return [pointer, length];
}

function storeUtf16(cx: AbiContext, text: string, align: number): StoredString {
  checkLength(2 * text.length);
  const pointer = cx.allocate(align, 2 * text.length);
  writeUtf16(cx, text, pointer);
  return [pointer, text.length];
}

function storeUtf8ToUtf16(cx: AbiContext, text: string): StoredString {
  const worst = 2 * Buffer.byteLength(text);
  checkLength(worst / 2);
  let pointer = cx.allocate(2, worst);
  writeUtf16(cx, text, pointer);
  if (2 * text.length < worst) pointer = cx.reallocate(pointer, worst, 2, 2 * text.length);
  return [pointer, text.length];
}

function storeToLatin1OrUtf16(cx: AbiContext, text: string, sourceUnits: number): StoredString {
  checkLength(sourceUnits);
  let pointer = cx.allocate(2, sourceUnits);
  if (isLatin1(text)) {
    writeLatin1(cx, text, pointer);
    if (text.length < sourceUnits) pointer = cx.reallocate(pointer, sourceUnits, 2, text.length);
    return [pointer, text.length];
  }
  const worst = 2 * sourceUnits;
  pointer = cx.reallocate(pointer, sourceUnits, 2, worst);
  writeUtf16(cx, text, pointer);
  if (worst > 2 * text.length) pointer = cx.reallocate(pointer, worst, 2, 2 * text.length);
  return [pointer, text.length + UTF16_TAG];
}

function storeLatin1(cx: AbiContext, text: string): StoredString {
  checkLength(text.length);
  const pointer = cx.allocate(2, text.length);
  writeLatin1(cx, text, pointer);
  return [pointer, text.length];
}

function storeProbablyUtf16(cx: AbiContext, text: string): StoredString {
  const [pointer, units] = storeUtf16(cx, text, 2);
  return [pointer, units + UTF16_TAG];
}

function writeUtf16(cx: AbiContext, text: string, pointer: number): void {
  const { data } = cx.memory;
  for (let index = 0; index < text.length; index++) data.setUint16(pointer + 2 * index, text.charCodeAt(index), true);
}

function writeLatin1(cx: AbiContext, text: string, pointer: number): void {
  const { bytes } = cx.memory;
  for (let index = 0; index < text.length; index++) bytes[pointer + index] = text.charCodeAt(index);
}
