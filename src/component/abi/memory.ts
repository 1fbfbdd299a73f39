// A linear memory as lifting and lowering see it. Growing a memory detaches its buffer, so `refresh` must be called
// before use.
import { Trap } from '../../errors.ts';

export class MemoryView {
  readonly memory: WebAssembly.Memory;
  bytes: Uint8Array<ArrayBuffer>;
  data: DataView<ArrayBuffer>;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.bytes = new Uint8Array(memory.buffer as ArrayBuffer);
    this.data = new DataView(memory.buffer as ArrayBuffer);
    windows.get(memory)?.add(this);
  }

  /** Must be called when guest code may have run since the last use. A detached buffer has length 0. */
  refresh(): void {
    if (this.bytes.length !== 0 || windows.has(this.memory)) return;
    this.bytes = new Uint8Array(this.memory.buffer as ArrayBuffer);
    this.data = new DataView(this.memory.buffer as ArrayBuffer);
  }

  /** Traps unless `[pointer, pointer + size)` lies inside and `pointer` is a multiple of `align`. */
  check(pointer: number, size: number, align: number): void {
    if (pointer % align !== 0) throw new Trap(`Pointer ${pointer} is not aligned to ${align} bytes`);
    if (pointer + size > this.bytes.length) {
      throw new Trap(`Range of ${size} bytes at ${pointer} lies outside the memory of ${this.bytes.length} bytes`);
    }
  }
}

const windows = new WeakMap<WebAssembly.Memory, MemoryWindow>();
const nothing = new ArrayBuffer(0);

/**
 * What views show of a memory of which the engine does not know the size: as many bytes of some buffer as its owner says. Views
 * that exist follow at once.
 */
export class MemoryWindow {
  bytes: Uint8Array<ArrayBuffer>;
  #data: DataView<ArrayBuffer>;
  readonly #views = new Set<MemoryView>();

  /** Shows all that the engine knows of the memory. */
  constructor(memory: WebAssembly.Memory) {
    this.bytes = new Uint8Array(memory.buffer as ArrayBuffer);
    this.#data = new DataView(memory.buffer as ArrayBuffer);
    windows.set(memory, this);
  }

  add(view: MemoryView): void {
    this.#views.add(view);
    this.#let(view);
  }

  show(buffer: ArrayBuffer, byteLength: number): void {
    this.bytes = new Uint8Array(buffer, 0, byteLength);
    this.#data = new DataView(buffer, 0, byteLength);
    for (const view of this.#views) this.#let(view);
  }

  /** Takes the memory away from all views that there are. */
  empty(): void {
    for (const view of this.#views) {
      view.bytes = new Uint8Array(nothing);
      view.data = new DataView(nothing);
    }
    this.#views.clear();
  }

  #let(view: MemoryView): void {
    view.bytes = this.bytes;
    view.data = this.#data;
  }
}
