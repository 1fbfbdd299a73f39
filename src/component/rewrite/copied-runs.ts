// Where the bytes of a rewritten module stood before: what the rewriter copied, as runs. So a place in the code that runs
// leads to the place in the code that was compiled.

export class CopiedRuns {
  readonly #at: number[] = [];
  readonly #from: number[] = [];
  readonly #length: number[] = [];

  /** Adds a run, behind all others: `length` bytes from `from` on were copied to `at`. */
  add(at: number, from: number, length: number): void {
    const last = this.#at.length - 1;
    // Runs that lie side by side in both are one.
    if (last >= 0 && this.#endsAt(last, at, from)) {
      this.#length[last]! += length;
      return;
    }
    this.#at.push(at);
    this.#from.push(from);
    this.#length.push(length);
  }

  #endsAt(index: number, at: number, from: number): boolean {
    const length = this.#length[index]!;
    return this.#at[index]! + length === at && this.#from[index]! + length === from;
  }

  /**
   * The offset in the original bytes for one in what was written. For what the rewriter put in it is that of the next
   * byte which was copied; undefined behind all of them.
   */
  original(at: number): number | undefined {
    let [low, high] = [0, this.#at.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at[middle]! + this.#length[middle]! > at) high = middle;
      else low = middle + 1;
    }
    if (low === this.#at.length) return undefined;
    return this.#from[low]! + Math.max(0, at - this.#at[low]!);
  }
}
