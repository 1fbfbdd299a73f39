// The part of DER (X.690) that keys are written in: spki (RFC 5280) and pkcs8 (RFC 5958).
import { concat, fault, fromInteger, isEqual, toInteger } from './bytes.js';

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const NULL = 0x05;
const OBJECT_ID = 0x06;
const SEQUENCE = 0x30;

function write(tag, ...parts) {
  const content = concat(...parts);
  const size = content.length < 0x80 ? undefined : fromInteger(BigInt(content.length));
  const head = size ? [tag, 0x80 | size.length, ...size] : [tag, content.length];
  return concat(Uint8Array.from(head), content);
}

export const sequence = (...parts) => write(SEQUENCE, ...parts);
export const octets = (bytes) => write(OCTET_STRING, bytes);
export const bits = (bytes) => write(BIT_STRING, Uint8Array.of(0), bytes);
export const nothing = () => write(NULL);
/** A part of its own tag, as optional ones have: [0], [1]. */
export const tagged = (number, part) => write(0xa0 | number, part);

export function integer(value) {
  const bytes = fromInteger(value);
  return write(INTEGER, bytes[0] >= 0x80 ? concat(Uint8Array.of(0), bytes) : bytes);
}

/** An object identifier by its bytes as hexadecimal digits. */
export const objectId = (hex) => write(OBJECT_ID, Uint8Array.fromHex(hex));

/** Reads one part after the other. Throws a DataError for what is not there. */
export class DerReader {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  get isAtEnd() {
    return this.#at === this.#bytes.length;
  }

  #read(tag) {
    const bytes = this.#bytes;
    const wrong = () => fault('DataError', `The key is no DER as it should be, at byte ${this.#at}`);
    if (bytes[this.#at] !== tag) throw wrong();
    let start = this.#at + 2;
    let length = bytes[this.#at + 1] ?? 0;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4) throw wrong();
      length = Number(toInteger(bytes.subarray(start, start + count)));
      start += count;
    }
    if (start + length > bytes.length) throw wrong();
    this.#at = start + length;
    return bytes.subarray(start, this.#at);
  }

  sequence() {
    return new DerReader(this.#read(SEQUENCE));
  }

  octets() {
    return this.#read(OCTET_STRING);
  }

  bits() {
    const content = this.#read(BIT_STRING);
    if (content[0] !== 0) throw fault('DataError', 'The key has bits that are no bytes');
    return content.subarray(1);
  }

  integer() {
    return toInteger(this.#read(INTEGER));
  }

  /** Throws a DataError for another identifier than this one. */
  objectId(hex, what) {
    if (!isEqual(this.#read(OBJECT_ID), Uint8Array.fromHex(hex)))
      throw fault('DataError', `The key is none of ${what}`);
  }
}
