// Limits how many handles all tables of one sandbox may hold together, whatever component instance they belong to.
import { Trap } from '../../errors.ts';
import { type HostMemory, processHostMemory } from '../types/host-memory.ts';

/** CanonicalABI.md: Table.MAX_LENGTH. Hosts set a far lower limit. */
export const MAX_TABLE_LENGTH = 2 ** 28 - 1;

/**
 * Bytes that a handle counts for, with the object of the host behind it: a pollable whose timer runs takes most, 1,380,
 * a number 80.
 */
export const BYTES_PER_HANDLE = 1024;
/** The number of handles that are charged to the process's account at once: most guests hold fewer. */
const STEP = 64;

export class HandleQuota {
  readonly limit: number;
  readonly #what: string;
  readonly #memory: HostMemory;
  #live = 0;
  #places = 0;
  /** The number of handles that are charged to the process's account. */
  #charged = 0;

  /** `what` is the name of the limit in messages. */
  constructor(limit: number = MAX_TABLE_LENGTH, what = 'handles', memory: HostMemory = processHostMemory()) {
    this.limit = Math.min(limit, MAX_TABLE_LENGTH);
    this.#what = what;
    this.#memory = memory;
  }

  get live(): number {
    return this.#live;
  }

  /** The number of places in all tables, including those of handles that are gone. */
  get places(): number {
    return this.#places;
  }

  /**
   * Adds handles. Throws a Trap that names the limit, and 'sandbox-exhausted' when the process keeps too much for all
   * guests.
   */
  take(handles: number): void {
    const live = this.#live + handles;
    if (live > this.limit) throw this.#reached();
    if (live > this.#charged) this.#charge(live);
    this.#live = live;
  }

  giveBack(handles: number): void {
    this.#live -= handles;
  }

  /**
   * Says that a table has more or fewer places. It keeps those of handles that are gone; otherwise a guest that fills
   * one table after the other would have the host keep many times its limit. Throws what `take` throws.
   */
  place(more: number): void {
    if (more > 0 && this.#places + more > 2 * this.limit) throw this.#reached();
    this.#places += more;
  }

  /** Charges the process's account with the handles that are live now, not the most that there were. */
  settle(): void {
    const charged = upToStep(this.#live);
    this.#memory.giveBack((this.#charged - charged) * BYTES_PER_HANDLE);
    this.#charged = charged;
  }

  #charge(live: number): void {
    const charged = upToStep(live);
    this.#memory.take((charged - this.#charged) * BYTES_PER_HANDLE);
    this.#charged = charged;
  }

  #reached(): Trap {
    return new Trap(`Limit reached: ${this.#what} (${this.limit})`, { name: this.#what, value: this.limit });
  }
}

function upToStep(handles: number): number {
  return Math.ceil(handles / STEP) * STEP;
}
