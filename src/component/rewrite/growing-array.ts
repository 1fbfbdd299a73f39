// Typed arrays that grow geometrically: lists of numbers without an object per entry.

const INITIAL = 1024;

export class GrowingWords {
  private items: Uint32Array = new Uint32Array(INITIAL);
  length = 0;

  push(value: number): void {
    this.set(this.length, value);
  }

  /** Writes at any index; the elements between the old length and it become 0. */
  set(index: number, value: number): void {
    if (index >= this.items.length) {
      const larger = new Uint32Array(Math.max(this.items.length * 2, index + 1));
      larger.set(this.items);
      this.items = larger;
    }
    this.items[index] = value;
    if (index >= this.length) this.length = index + 1;
  }

  /** The element at an index; 0 where nothing was written. */
  at(index: number): number {
    return this.items[index] ?? 0;
  }

  /** A view of what was written. */
  view(): Uint32Array {
    return this.items.subarray(0, this.length);
  }
}

export class GrowingBytes {
  private items: Uint8Array = new Uint8Array(INITIAL);
  length = 0;

  push(value: number): void {
    if (this.length === this.items.length) {
      const larger = new Uint8Array(this.items.length * 2);
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length++] = value;
  }

  set(index: number, value: number): void {
    this.items[index] = value;
  }

  at(index: number): number {
    return this.items[index] ?? 0;
  }

  view(): Uint8Array {
    return this.items.subarray(0, this.length);
  }
}
