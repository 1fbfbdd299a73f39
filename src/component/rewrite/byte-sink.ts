// The rewriter's output: bytes appended to one buffer that grows geometrically. It knows LEB128 and sections, no more.

/** Bytes of a run up to which it is copied byte by byte, which costs less than a view. */
const SHORT_RUN = 24;
/** Bytes in which a size is written, so that it can be filled in afterwards. */
const SIZE_BYTES = 5;

const utf8 = new TextEncoder();

/** Is told of each run that is copied from `source`. */
export interface CopyRecorder {
  readonly source: Uint8Array;
  add(at: number, from: number, length: number): void;
}

export class ByteSink {
  private bytes: Uint8Array<ArrayBuffer>;
  private length = 0;
  private readonly recorder: CopyRecorder | undefined;

  constructor(capacity: number, recorder?: CopyRecorder) {
    this.bytes = new Uint8Array(capacity);
    this.recorder = recorder;
  }

  /** What was written, as a view, not a copy. */
  result(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  bytesOf(...values: readonly number[]): void {
    for (const value of values) this.byte(value);
  }

  /** Copies bytes `from` to `to` of `source`. */
  copy(source: Uint8Array, from = 0, to = source.length): void {
    this.reserve(to - from);
    if (this.recorder?.source === source) this.recorder.add(this.length, from, to - from);
    if (to - from >= SHORT_RUN) {
      this.bytes.set(source.subarray(from, to), this.length);
    } else {
      for (let i = from, at = this.length; i < to; ) this.bytes[at++] = source[i++]!;
    }
    this.length += to - from;
  }

  u32(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Writes a signed LEB128. */
  i32(value: number): void {
    let rest = value;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  u64(value: bigint): void {
    let rest = value;
    while (rest >= 0x80n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  name(text: string): void {
    const encoded = utf8.encode(text);
    this.u32(encoded.length);
    this.copy(encoded);
  }

  /** Starts a section; the result has to be given to `endSized`. */
  beginSection(id: number): number {
    this.byte(id);
    return this.beginSized();
  }

  /** Leaves room for the size of what follows; the result has to be given to `endSized`. */
  beginSized(): number {
    this.reserve(SIZE_BYTES);
    this.length += SIZE_BYTES;
    return this.length;
  }

  endSized(start: number): void {
    let size = this.length - start;
    for (let i = SIZE_BYTES; i > 0; i--) {
      this.bytes[start - i] = i > 1 ? (size & 0x7f) | 0x80 : size & 0x7f;
      size >>>= 7;
    }
  }
}
