// Reads numbers and texts of debug information, whose bytes are the guest's: whatever lies outside of them throws.

export class BytesFault extends Error {
  override readonly name = 'BytesFault';
}

/** The most bytes of one text. */
const MOST_TEXT = 4096;

export class ByteReader {
  readonly #bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    if (at < 0 || at > end || end > bytes.length) throw new BytesFault('outside of the section');
    this.#bytes = bytes;
    this.at = at;
    this.end = end;
  }

  u8(): number {
    if (this.at >= this.end) throw new BytesFault('the section ends too early');
    return this.#bytes[this.at++]!;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    return this.u8() | (this.u8() << 8);
  }

  u32(): number {
    return this.u16() + this.u16() * 0x1_0000;
  }

  /** An unsigned LEB128. Beyond 2^53 the value is not exact. */
  uleb(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if ((byte & 0x80) === 0) return value;
      factor *= 128;
    }
  }

  sleb(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if ((byte & 0x80) === 0) return (byte & 0x40) === 0 ? value : value - factor;
    }
  }

  skip(bytes: number): void {
    if (bytes > this.end - this.at) throw new BytesFault('the section ends too early');
    this.at += bytes;
  }

  /** A text that ends with a zero. */
  text(): string {
    const stop = this.#bytes.indexOf(0, this.at);
    if (stop < 0 || stop >= this.end) throw new BytesFault('a text has no end');
    const text = utf8.decode(this.#bytes.subarray(this.at, Math.min(stop, this.at + MOST_TEXT)));
    this.at = stop + 1;
    return text;
  }
}

const utf8 = new TextDecoder();
