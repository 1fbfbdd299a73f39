// Counts the bytes that the host keeps for one request, over all that its guest has it remember: header fields, bodies,
// strings, datagrams, read-ahead, error messages. Each of these has a limit of its own or none; this one bounds their
// sum.
import { Trap } from '../../errors.ts';
import { limitKinds } from '../../limits.ts';
import { type HostMemory, processHostMemory } from './host-memory.ts';

/**
 * The number of bytes that are charged to the process's account at once, and the most that stay charged there though
 * they are not used any more.
 */
const STEP = 4096;
const MOST_UNUSED = 131_072;

export class HostByteBudget {
  /** The most bytes. */
  readonly limit: number;
  readonly #memory: HostMemory;
  #bytes = 0;
  /** Bytes that are charged to the process's account: at least as many as are used. */
  #charged = 0;
  #closed = false;

  constructor(limit: number = limitKinds.heldBytes.default, memory: HostMemory = processHostMemory()) {
    this.limit = limit;
    this.#memory = memory;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds bytes. Throws a Trap that names the limit, and 'sandbox-exhausted' when the process keeps too much for all
   * guests. A negative number gives bytes back.
   */
  add(bytes: number): void {
    if (this.#closed) return;
    const total = this.#bytes + bytes;
    if (bytes > 0 && total > this.limit) {
      throw new Trap(`Limit reached: held (${this.limit} bytes)`, { name: 'held', value: this.limit });
    }
    if (total > this.#charged && !this.#charge(total)) throw this.#memory.exhausted();
    this.#set(total);
  }

  /**
   * Adds bytes that come from outside, where no guest can be trapped: false when there is no room, and nothing was
   * added.
   */
  tryAdd(bytes: number): boolean {
    if (this.#closed) return true;
    const total = this.#bytes + bytes;
    if (total > this.limit || (total > this.#charged && !this.#charge(total))) return false;
    this.#set(total);
    return true;
  }

  #charge(total: number): boolean {
    const more = total - this.#charged;
    for (const bytes of [Math.ceil(more / STEP) * STEP, more]) {
      if (!this.#memory.tryTake(bytes)) continue;
      this.#charged += bytes;
      return true;
    }
    return false;
  }

  #set(total: number): void {
    this.#bytes = total;
    const unused = this.#charged - total;
    if (unused <= MOST_UNUSED) return;
    this.#memory.giveBack(unused);
    this.#charged = total;
  }

  /** Ends the count when the request is over: everything that was counted is given back. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#memory.giveBack(this.#charged);
    this.#charged = 0;
    this.#bytes = 0;
  }
}

/** The bytes of one object of the host in the budget: a number that changes, and goes with the object. */
export class HeldBytes {
  readonly #budget: HostByteBudget | undefined;
  #bytes = 0;

  /** Without a budget, as where no request is served, nothing is counted. */
  constructor(budget: HostByteBudget | undefined) {
    this.#budget = budget;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Sets the number of bytes. Throws what `HostByteBudget.add` throws, and then leaves the number as it was. */
  set(bytes: number): void {
    const more = bytes - this.#bytes;
    if (more === 0) return;
    this.#budget?.add(more);
    this.#bytes = bytes;
  }

  /** Sets the number of bytes. False when there is no room, and the number is as it was. */
  trySet(bytes: number): boolean {
    const more = bytes - this.#bytes;
    if (more > 0 && this.#budget?.tryAdd(more) === false) return false;
    if (more < 0) this.#budget?.add(more);
    this.#bytes = bytes;
    return true;
  }

  release(): void {
    this.set(0);
  }
}

const beyondLatin1 = /[^\0-\xff]/;

/** Bytes of a string in the engine: one for each unit of a string that is all Latin-1, else two. */
export function bytesOfText(text: string | undefined): number {
  if (text === undefined) return 0;
  return beyondLatin1.test(text) ? 2 * text.length : text.length;
}
