// The buffers between which streams and futures copy. CanonicalABI.md#buffer-state; those of guests are here, those of
// the host in host-buffer.ts

import { Trap } from '../../errors.ts';
import type { AbiContext } from '../abi/context.ts';
import { costOf, type LoadList, loadListRange } from '../abi/load.ts';
import { storeListRange } from '../abi/store.ts';
import { layoutOf } from '../types/layout.ts';
import type { StringEncoding } from '../types/string-encoding.ts';
import type { ValType } from '../types/val-type.ts';

const MAX_BUFFER_LENGTH = 2 ** 28 - 1;

/** A run of elements: a typed array for numbers, else an array. */
export type Items = ArrayLike<unknown>;

export interface Buffer {
  readonly remain: number;
  readonly isZeroLength: boolean;
  /** The guest's string encoding; undefined for a buffer of the host. */
  readonly encoding: StringEncoding;
  readonly isHost: boolean;
}

export interface ReadableBuffer extends Buffer {
  /** Reads the next elements. Numbers may come as a view of the buffer: use them before anything else runs. */
  read(count: number, forHost: boolean): Items;
}

export interface WritableBuffer extends Buffer {
  write(items: Items, encoding: StringEncoding): void;
}

export function transfer(from: ReadableBuffer, to: WritableBuffer): void {
  to.write(from.read(Math.min(from.remain, to.remain), to.isHost), from.encoding);
}

type NumericArray = new (buffer: ArrayBuffer, offset: number, length: number) => Items;
const numericArrays: Partial<Record<ValType['kind'], NumericArray>> = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

export function isNumber(type: ValType | undefined): boolean {
  return type === undefined || type.kind in numericArrays;
}

/** How elements of one type are read from and written to memory, made once for each type. */
export interface ElementSteps {
  readonly type: ValType | undefined;
  readonly size: number;
  readonly align: number;
  /** What reading one element counts as, in bytes. */
  readonly cost: number;
  readonly load: LoadList;
  readonly store: (cx: AbiContext, items: Items, pointer: number) => void;
}

export function elementSteps(type: ValType | undefined): ElementSteps {
  if (!type) return { type, size: 0, align: 1, cost: 0, load: (_, __, length) => ({ length }), store: () => undefined };
  const { size, align } = layoutOf(type);
  const Numeric = numericArrays[type.kind];
  return {
    type,
    size,
    align,
    cost: Numeric ? 0 : costOf(type),
    load: Numeric ? (cx, pointer, length) => new Numeric(cx.memory.bytes.buffer, pointer, length) : loadListRange(type),
    store: storeListRange(type) as unknown as ElementSteps['store'],
  };
}

/** A part of a guest's memory that the guest has lent until the copy is over. */
export class GuestBuffer implements ReadableBuffer, WritableBuffer {
  readonly #cx: AbiContext;
  readonly #steps: ElementSteps;
  readonly #pointer: number;
  readonly #length: number;
  readonly isHost = false;
  progress = 0;

  constructor(cx: AbiContext, steps: ElementSteps, pointer: number, length: number) {
    if (length > MAX_BUFFER_LENGTH) throw new Trap(`Buffer of ${length} elements is too long`);
    if (steps.type && length > 0) {
      cx.refresh();
      cx.memory.check(pointer, length * steps.size, steps.align);
    }
    this.#cx = cx;
    this.#steps = steps;
    this.#pointer = pointer;
    this.#length = length;
  }

  get remain(): number {
    return this.#length - this.progress;
  }

  get isZeroLength(): boolean {
    return this.#length === 0;
  }

  get encoding(): StringEncoding {
    return this.#cx.encoding;
  }

  get #next(): number {
    return this.#pointer + this.progress * this.#steps.size;
  }

  read(count: number, forHost: boolean): Items {
    const cx = this.#cx;
    cx.refresh();
    cx.forHost = forHost;
    cx.charge(count * this.#steps.cost);
    const items = this.#steps.load(cx, this.#next, count) as Items;
    this.progress += count;
    return items;
  }

  write(items: Items, encoding: StringEncoding): void {
    const cx = this.#cx;
    cx.refresh();
    cx.sourceEncoding = encoding;
    this.#steps.store(cx, items, this.#next);
    this.progress += items.length;
  }
}
