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
  }

  /** Must be called when guest code may have run since the last use. A detached buffer has length 0. */
  refresh(): void {
    if (this.bytes.length !== 0) return;
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
