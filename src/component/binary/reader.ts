// A cursor over a window of the file, with bounds, LEB128, UTF-8 and budgets. It knows nothing of components. Offsets
// are absolute, so that every error names a place in the file.

import { MayflyError } from '../../errors.ts';

/** The most elements of all vectors of one file together; it bounds what a hostile file can make us allocate. */
export const MAX_ITEMS = 1_000_000;
/** The most levels of components within components, and of types within types. */
export const MAX_NESTING = 100;
/** The most bytes of one name. */
export const MAX_NAME_LENGTH = 100_000;

/** Bytes up to which a name is first tried as ASCII, which is faster than a call of the decoder. */
const MAX_PLAIN_NAME = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What all readers of one file have in common. */
interface Shared {
  readonly bytes: Uint8Array;
  readonly file: string;
  /** The offset of `bytes` in the file. */
  readonly origin: number;
  itemsLeft: number;
  depth: number;
}

export class Reader {
  /** The position of the next byte in what {@link Reader.over} was given. */
  position: number;
  readonly end: number;
  /** The part of the file that is being read, for messages: `section "import"`. */
  readonly within: string;
  readonly #shared: Shared;

  private constructor(shared: Shared, start: number, end: number, within: string) {
    this.#shared = shared;
    this.position = start;
    this.end = end;
    this.within = within;
  }

  /** Makes a reader; `origin` is where `bytes` start in the file. */
  static over(bytes: Uint8Array, file: string, within = 'the file', origin = 0): Reader {
    return new Reader({ bytes, file, origin, itemsLeft: MAX_ITEMS, depth: 0 }, 0, bytes.length, within);
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  fail(message: string, offset = this.position): never {
    const location = { file: this.#shared.file, offset: this.#shared.origin + offset };
    throw new MayflyError('component-corrupt', message, { location });
  }

  byte(): number {
    if (this.position >= this.end) this.fail(`Unexpected end of ${this.within}`);
    return this.#shared.bytes[this.position++]!;
  }

  /** The next byte, which stays unread; undefined at the end. */
  peek(): number | undefined {
    return this.position < this.end ? this.#shared.bytes[this.position] : undefined;
  }

  /** Takes the next bytes, as a view, not a copy. */
  take(length: number): Uint8Array {
    if (length > this.remaining) this.fail(`Unexpected end of ${this.within}`);
    const start = this.position;
    this.position += length;
    return this.#shared.bytes.subarray(start, this.position);
  }

  /** A view of what was read since `start`. */
  since(start: number): Uint8Array {
    return this.#shared.bytes.subarray(start, this.position);
  }

  /** A reader of the next `length` bytes, which this reader skips. */
  window(length: number, within: string): Reader {
    const start = this.position;
    if (length > this.remaining) this.fail(`Unexpected end of ${this.within}: ${within} needs ${length} bytes`);
    this.position += length;
    return new Reader(this.#shared, start, this.position, within);
  }

  /** Runs `read` one level deeper; fails beyond {@link MAX_NESTING}. */
  nested<T>(read: () => T): T {
    if (++this.#shared.depth > MAX_NESTING) this.fail(`Nesting is deeper than ${MAX_NESTING} levels`);
    const result = read();
    this.#shared.depth--;
    return result;
  }

  finish(): void {
    if (!this.atEnd) this.fail(`Unexpected content at the end of ${this.within}`);
  }

  u32(): number {
    const first = this.peek();
    if (first !== undefined && first < 0x80) {
      this.position++;
      return first;
    }
    return this.#longU32();
  }

  #longU32(): number {
    const start = this.position;
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) this.fail(tooLong(byte), start);
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return result >>> 0;
  }

  /**
   * Reads a type index as a signed number of 33 bits; the caller has seen that it does not start with a type opcode.
   */
  s33Index(): number {
    const start = this.position;
    let result = 0;
    for (let power = 0; power < 5; power++) {
      const byte = this.byte();
      if (power === 4 && byte > 0x7f) this.fail(tooLong(byte), start);
      result += (byte & 0x7f) * 2 ** (7 * power);
      if (byte < 0x80) return this.#nonNegative(result, byte, power, start);
    }
    return result;
  }

  #nonNegative(value: number, last: number, power: number, start: number): number {
    if (last & 0x40 || (power === 4 && last > 0x0f)) this.fail('Type index out of range', start);
    return value;
  }

  u64(): bigint {
    const start = this.position;
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      if (shift === 63n && byte > 0x01) this.fail(tooLong(byte), start);
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return result;
  }

  /** Skips a LEB128 of at most `bytes` bytes, without looking at its value. */
  skipLeb(bytes: number): void {
    for (let count = 0; count < bytes; count++) if (this.byte() < 0x80) return;
    this.fail('Integer representation too long');
  }

  name(): string {
    const length = this.u32();
    if (length > MAX_NAME_LENGTH) this.fail(`Name is longer than ${MAX_NAME_LENGTH} bytes`);
    const start = this.position;
    const bytes = this.take(length);
    if (length <= MAX_PLAIN_NAME) {
      const plain = asciiText(bytes);
      if (plain !== undefined) return plain;
    }
    try {
      return utf8.decode(bytes);
    } catch {
      this.fail('Malformed UTF-8 encoding', start);
    }
  }

  vector<T>(element: (reader: Reader) => T): T[] {
    const count = this.#count();
    const result: T[] = [];
    for (let index = 0; index < count; index++) result.push(element(this));
    return result;
  }

  #count(): number {
    const start = this.position;
    const count = this.u32();
    // every element of every vector takes at least one byte
    if (count > this.remaining) this.fail(`Unexpected end of ${this.within}: ${count} elements announced`, start);
    this.spend(count, start);
    return count;
  }

  /** Reads a vector of u32 in one loop: the longest vectors of core modules are read this way. */
  u32Vector(): Uint32Array {
    const count = this.#count();
    const { bytes } = this.#shared;
    const result = new Uint32Array(count);
    for (let index = 0; index < count; index++) {
      const byte = this.position < this.end ? bytes[this.position]! : 0xff;
      if (byte < 0x80) {
        result[index] = byte;
        this.position++;
      } else result[index] = this.#longU32();
    }
    return result;
  }

  /** Takes `count` elements from what is left of {@link MAX_ITEMS}. */
  spend(count: number, offset = this.position): void {
    this.#shared.itemsLeft -= count;
    if (this.#shared.itemsLeft < 0) this.fail(`More than ${MAX_ITEMS} definitions, fields and names`, offset);
  }

  /** Reads `<T>?`: 0x00, or 0x01 and a T. */
  optional<T>(element: (reader: Reader) => T): T | undefined {
    return this.flag('presence') ? element(this) : undefined;
  }

  /** Reads a byte that must be 0 or 1. */
  flag(what: string): boolean {
    const byte = this.byte();
    if (byte > 1) this.unknown(byte, what);
    return byte === 1;
  }

  expect(wanted: number, what: string): void {
    const byte = this.byte();
    if (byte !== wanted) this.unknown(byte, what);
  }

  /** Fails because of the byte just read. */
  unknown(byte: number, what: string): never {
    this.fail(`Invalid leading byte 0x${byte.toString(16).padStart(2, '0')} for ${what}`, this.position - 1);
  }
}

function tooLong(byte: number): string {
  return byte >= 0x80 ? 'Integer representation too long' : 'Integer too large';
}

function asciiText(bytes: Uint8Array): string | undefined {
  let text = '';
  for (const byte of bytes) {
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}
