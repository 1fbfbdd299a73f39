// Reads the primitive values of the core binary format, with every read checked against the end of its section. It
// knows no sections and no instructions (walk-code.ts skips these itself, faster).
import { MayflyError } from '../../errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Makes the one error of this folder for bytes that break the format. `offset` counts from the start of the core
 * module.
 */
export function corrupt(offset: number, what: string): MayflyError {
  const message = `Core module is corrupt at byte 0x${offset.toString(16)}: ${what}`;
  return new MayflyError('component-corrupt', message, { location: { file: 'core module', offset } });
}

/** A position in `bytes` that never passes `end`. Throws `component-corrupt`. */
export class Cursor {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  byte(): number {
    if (this.position >= this.end) throw corrupt(this.position, 'unexpected end');
    return this.bytes[this.position++]!;
  }

  /** Reads an unsigned LEB128 of at most 32 bits. */
  u32(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) throw corrupt(start, 'integer does not fit 32 bits');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw corrupt(start, 'integer does not fit 32 bits');
  }

  /** Reads an unsigned LEB128 of at most 64 bits. */
  u64(): bigint {
    const start = this.position;
    let value = 0n;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      if (shift === 63 && byte > 1) throw corrupt(start, 'integer does not fit 64 bits');
      value |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte < 0x80) return value;
    }
    throw corrupt(start, 'integer does not fit 64 bits');
  }

  /** Passes over a LEB128 of up to `maximumBytes` bytes, signed or not. */
  skipLeb(maximumBytes: number): void {
    const start = this.position;
    while (this.byte() >= 0x80) {
      if (this.position - start >= maximumBytes) throw corrupt(start, 'integer is too long');
    }
  }

  /** Reads the number of elements of a vector, each of which takes at least `leastBytes` bytes of what is left. */
  count(leastBytes: number): number {
    const start = this.position;
    const count = this.u32();
    if (count * leastBytes > this.end - this.position) throw corrupt(start, `${count} entries do not fit the section`);
    return count;
  }

  /** Passes over `length` bytes and returns where they start. */
  skip(length: number): number {
    const start = this.position;
    if (length > this.end - start) throw corrupt(start, 'unexpected end');
    this.position = start + length;
    return start;
  }

  name(): string {
    const length = this.u32();
    const start = this.skip(length);
    try {
      return utf8.decode(this.bytes.subarray(start, start + length));
    } catch {
      throw corrupt(start, 'name is not UTF-8');
    }
  }
}
