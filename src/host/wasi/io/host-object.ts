// What the host keeps behind a guest's handle. It knows its parent and its children, and closes what it holds. It does
// not know the handle table, which belongs to the component runtime.
import type { HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { Trap } from '../../../errors.ts';

/** Keeps the objects that a guest can reach, so that the end of the request closes what is left. */
export interface ObjectOwner {
  readonly open: Set<HostObject>;
  /** Counts what the host keeps for the guest; absent where no request is served. */
  readonly hostBytes?: HostByteBudget | undefined;
}

/**
 * A resource of the host. A child (the pollable of a stream, the stream of a body) has to be dropped before its parent:
 * the WIT documents of wasi:io and wasi:http allow a trap otherwise, and nothing else keeps a child from outliving its
 * parent.
 */
export abstract class HostObject {
  children = 0;
  readonly #owner: ObjectOwner;
  readonly #parent: HostObject | undefined;
  #released = false;

  constructor(owner: ObjectOwner, parent?: HostObject) {
    this.#owner = owner;
    this.#parent = parent;
    if (parent !== undefined) parent.children++;
    owner.open.add(this);
  }

  /**
   * Closes what the object holds. It is called once at most, when the guest drops the object or the request ends, and
   * must not throw.
   */
  protected abstract close(): void;

  /** Called when the guest drops its handle. Traps while children live. */
  drop(): void {
    if (this.children > 0) throw new Trap(`resource has children: cannot drop it before they are dropped`);
    this.release();
  }

  /** Closes the object, whether or not a handle was ever dropped. Idempotent. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    if (this.#parent !== undefined) this.#parent.children--;
    this.#owner.open.delete(this);
    this.close();
  }

  get released(): boolean {
    return this.#released;
  }
}

/** Closes everything that is still open. Children come before their parents, since they were made later. */
export function releaseAll(owner: ObjectOwner): void {
  if (owner.open.size === 0) return;
  for (const object of [...owner.open].reverse()) object.release();
}
