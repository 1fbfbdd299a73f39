// The host's side of a copy: the host owns what it has read, and what it writes is not copied before the guest takes
// it.
import { copyBytes } from '../types/byte-buffers.ts';
import type { Items, ReadableBuffer, WritableBuffer } from './buffer.ts';

/** A chunk of a stream in JavaScript: a typed array for numbers, else an array. */
export type Chunk<T> = ArrayLike<T>;

interface Sliceable {
  slice(start: number, end: number): Items;
  subarray?(start: number, end: number): Items;
}

export class HostSource implements ReadableBuffer {
  readonly #items: Items & Sliceable;
  readonly isHost = true;
  readonly encoding = 'utf8';
  progress = 0;

  constructor(items: Items) {
    this.#items = items as Items & Sliceable;
  }

  get remain(): number {
    return this.#items.length - this.progress;
  }

  get isZeroLength(): boolean {
    return this.#items.length === 0;
  }

  read(count: number): Items {
    const start = this.progress;
    this.progress += count;
    const items = this.#items;
    if (start === 0 && count === items.length) return items;
    return items.subarray ? items.subarray(start, start + count) : items.slice(start, start + count);
  }
}

export class HostSink implements WritableBuffer {
  readonly #length: number;
  readonly isHost = true;
  readonly encoding = 'utf8';
  readonly isZeroLength = false;
  /** The elements that were read; one copy fills this. */
  items: Items | undefined;

  constructor(length: number) {
    this.#length = length;
  }

  get remain(): number {
    return this.items ? 0 : this.#length;
  }

  write(items: Items): void {
    if (items instanceof Uint8Array) this.items = copyBytes(items, 0, items.length);
    else if (ArrayBuffer.isView(items)) this.items = (items as unknown as Sliceable).slice(0, items.length);
    else this.items = Array.isArray(items) ? items : Array.from(items);
  }
}
