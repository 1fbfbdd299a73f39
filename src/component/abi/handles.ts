// The handle table of a component instance. CanonicalABI.md#table-state, #resource-state.
import { Trap } from '../../errors.ts';
import type { ResourceType } from '../types/val-type.ts';
import { HandleQuota } from './handle-quota.ts';

export class ResourceHandle {
  readonly type: ResourceType;
  /**
   * What stands for the resource: a number for resources that a component defines, the host's object for the host's.
   */
  readonly rep: unknown;
  readonly own: boolean;
  /** The call that lent a borrowed handle; it may not end while the handle lives. */
  readonly scope: BorrowScope | undefined;
  lends = 0;

  constructor(type: ResourceType, rep: unknown, own: boolean, scope: BorrowScope | undefined) {
    this.type = type;
    this.rep = rep;
    this.own = own;
    this.scope = scope;
  }

  /** Whether the handle comes from an image: what the host had behind it is gone, and it can only be dropped. */
  get isDead(): boolean {
    return this.rep === dead;
  }

  imaged(): ResourceHandle {
    return new ResourceHandle(this.type, this.type.host ? dead : this.rep, this.own, undefined);
  }
}

const dead = Symbol('an object of the host that ended before the image was taken');

/** The handles in an image: those that a guest keeps from its initialisation or from a warm-up request. */
export interface HandleSnapshot {
  readonly entries: readonly (ResourceHandle | undefined)[];
  readonly free: readonly number[];
}

const empty: HandleSnapshot = { entries: [undefined], free: [] };

/** Counts the borrowed handles that a call has given to its callee. */
export interface BorrowScope {
  borrows: number;
}

/** Resource handles, waitables and the like share one index space; index 0 is never given out. */
export class HandleTable {
  #entries: (object | undefined)[] = [undefined];
  #free: number[] = [];
  readonly #quota: HandleQuota;

  /** `quota` counts the handles of all tables of a sandbox. */
  constructor(quota: HandleQuota = new HandleQuota()) {
    this.#quota = quota;
  }

  get(index: number): object {
    const entry = this.#entries[index];
    if (entry === undefined) throw new Trap(`Unknown handle index ${index}`);
    return entry;
  }

  add(entry: object): number {
    this.#quota.take(1);
    const free = this.#free.pop();
    if (free !== undefined) {
      this.#entries[free] = entry;
      return free;
    }
    const index = this.#entries.length;
    this.#quota.place(1);
    this.#entries.push(entry);
    return index;
  }

  remove(index: number): object {
    const entry = this.get(index);
    this.#entries[index] = undefined;
    this.#free.push(index);
    this.#quota.giveBack(1);
    return entry;
  }

  resource(index: number, type: ResourceType): ResourceHandle {
    const handle = this.get(index);
    if (!(handle instanceof ResourceHandle)) throw new Trap(`Handle index ${index} is not a resource`);
    if (handle.type !== type) {
      throw new Trap(`Handle index ${index} is a resource "${handle.type.name}", not "${type.name}"`);
    }
    return handle;
  }

  /** Live entries, in no order. */
  *[Symbol.iterator](): IterableIterator<object> {
    for (const entry of this.#entries) if (entry !== undefined) yield entry;
  }

  get live(): number {
    return this.#entries.length - 1 - this.#free.length;
  }

  /**
   * The handles as they are now. Undefined when the table holds more than resources: tasks and streams cannot be kept.
   */
  snapshot(): HandleSnapshot | undefined {
    const entries = this.#entries.map((entry) => (entry instanceof ResourceHandle ? entry.imaged() : entry));
    if (entries.some((entry) => entry !== undefined && !(entry instanceof ResourceHandle))) return undefined;
    return { entries: entries as (ResourceHandle | undefined)[], free: [...this.#free] };
  }

  /**
   * Puts the table back to the snapshot, or to the empty table in which every instance starts. Throws what
   * `HandleQuota.take` throws where the snapshot holds more than the table.
   */
  restore(snapshot: HandleSnapshot | undefined): void {
    if (snapshot === undefined && this.#entries.length === 1) return;
    const { entries, free } = snapshot ?? empty;
    this.#quota.place(entries.length - this.#entries.length);
    this.#quota.giveBack(this.live);
    this.#quota.take(entries.length - 1 - free.length);
    this.#entries = entries.map((entry) => entry?.imaged());
    this.#free = [...free];
  }
}
