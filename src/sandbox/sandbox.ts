// One running instance of a plan. A kept sandbox goes back to its image after each request, or after as many requests
// as it may be reused for; any other is discarded after its request.

import { type HandleSnapshot, ResourceHandle } from '../component/abi/handles.ts';
import type { CallLifted } from '../component/canon/call.ts';
import type { CallContext, Instance } from '../component/canon/instance.ts';
import type { LiftedFunction } from '../component/canon/plan.ts';
import type { Activity } from '../component/tasks/activity.ts';
import { MayflyError, Trap } from '../errors.ts';
import type { HeapAccount } from './heap-account.ts';
import { type ImagedMemory, sizeOf } from './memory/imaged-memory.ts';
import type { Run } from './memory/zero-runs.ts';
import type { NumberGlobal } from './state-parts.ts';

/** What measures and limits a request. */
export interface GuestActivity extends Activity {
  /** The addresses of the pages that the guest polls; interrupt/poll-pages.ts says what they are. */
  pollPages: readonly bigint[];
  /**
   * Says that what began with `enter` was the making of a sandbox, and is done. Unlike after `leave` the guest's call has
   * yet to come, by `enter` or by `resume`.
   */
  made(): void;
}

const host = { component: undefined, encoding: 'utf8' } as const;

export interface ResetParts {
  readonly handles: readonly HandleSnapshot[] | undefined;
  readonly memories: readonly ImagedMemory[];
  readonly globals: readonly { readonly global: NumberGlobal; readonly value: number | bigint }[];
  /**
   * When set, everything is compared with the image after each reset, tables with what they held when this was made.
   */
  readonly verify?: { readonly tables: readonly TableContents[] } | undefined;
}

export interface TableContents {
  readonly table: WebAssembly.Table;
  readonly entries: readonly unknown[];
}

export function contentsOf(table: WebAssembly.Table): TableContents {
  return { table, entries: Array.from({ length: table.length }, (_, index) => table.get(index)) };
}

export class Sandbox {
  readonly instance: Instance;
  readonly pollPages: readonly bigint[];
  readonly #parts: ResetParts | undefined;
  readonly #heap: HeapAccount | undefined;
  readonly #onDiscard: (sandbox: Sandbox, isForGood: boolean) => void;
  /** The number of requests served since the sandbox was at its image. */
  #served = 0;
  #begun = 0;

  /**
   * `parts` are what is put back after a request; a sandbox without them serves one request. `onDiscard` frees its
   * memories. `heap` accounts for what it takes of the engine's heap, when it takes any.
   */
  constructor(
    instance: Instance,
    pollPages: readonly bigint[],
    parts: ResetParts | undefined,
    onDiscard: (sandbox: Sandbox, isForGood: boolean) => void = () => {},
    heap?: HeapAccount,
  ) {
    this.#heap = heap;
    this.instance = instance;
    this.pollPages = pollPages;
    this.#parts = parts;
    this.#onDiscard = onDiscard;
  }

  /** Whether the request that it serves is its first. */
  get isNew(): boolean {
    return this.#begun <= 1;
  }

  begin(context: CallContext, activity: GuestActivity | undefined): void {
    this.#begun++;
    if (activity) activity.pollPages = this.pollPages;
    this.instance.context = context;
    this.instance.activity = this.#heap ? this.#heap.watch(activity) : activity;
  }

  /** The error for a guest that was stopped since it took too much of the engine's heap; undefined for any other. */
  get heapFailure(): MayflyError | undefined {
    return this.#heap?.failure;
  }

  /**
   * Calls an export of the component. Rejects with whatever ended the guest; the sandbox must then be discarded. `gave`
   * is called at once with the result of a function that may go on after returning it.
   */
  async call(func: LiftedFunction, params: readonly unknown[], gave?: (result: unknown) => void): Promise<unknown> {
    const { instance } = this;
    const call: CallLifted = instance.lifted(func);
    if (instance.store) return call(gave ? { ...host, gave } : host, params);
    instance.activity?.enter();
    try {
      const result = call(host, params);
      return result instanceof Promise ? await result : result;
    } finally {
      instance.activity?.leave();
    }
  }

  /**
   * Runs the tasks that go on after their call has returned, and settles when none can go on any more. False when some
   * have not ended, and never will.
   */
  async finishTasks(): Promise<boolean> {
    const { store, activity } = this.instance;
    try {
      return store ? await store.idle() : true;
    } finally {
      activity?.leave();
    }
  }

  /** Ends a request that is under way: the guest fails with `reason` at the import in which it waits or that it calls. */
  cancel(reason: Error): void {
    this.instance.cancel(reason);
  }

  /**
   * Makes the sandbox ready for the next request with all that this one left in it. Does nothing and returns false when
   * it has served `most` requests, or when the guest holds something of the request that is over: tasks, streams,
   * futures, host resources. The next request would find these dead; some runtimes keep handles of their first request
   * for good, and then fail in the second.
   */
  reuse(most: number): boolean {
    const { instance } = this;
    this.#served++;
    if (this.#served >= most || instance.suspended || instance.isCancelled) return false;
    const kept: HandleSnapshot[] = [];
    for (const { handles } of instance.components) {
      const snapshot = handles.snapshot();
      if (!snapshot || holdsHostResource(handles)) return false;
      kept.push(snapshot);
    }
    instance.resetHostSide(kept);
    instance.activity = undefined;
    return true;
  }

  /**
   * Puts the sandbox back to the image, to the byte. False when that cannot be: the sandbox must then be discarded.
   * Throws when a verified reset left a difference.
   */
  reset(): boolean {
    const { instance } = this;
    if (!this.#parts || instance.suspended || instance.isCancelled) return false;
    for (const { global, value } of this.#parts.globals) global.value = value;
    for (const memory of this.#parts.memories) if (!memory.reset()) return false;
    instance.resetHostSide(this.#parts.handles);
    this.#heap?.reset();
    instance.activity = undefined;
    this.#served = 0;
    if (this.#parts.verify) this.#mustNotDiffer();
    return true;
  }

  #mustNotDiffer(): void {
    const difference = this.firstDifference();
    if (difference) throw new MayflyError('internal', `A sandbox differs from its image after a reset: ${difference}`);
  }

  /** Names the first thing that differs from the image, for the tests and the mode that checks every reset. */
  firstDifference(): string | undefined {
    if (!this.#parts) throw new MayflyError('internal', 'A sandbox without image has nothing to differ from');
    const global = this.#parts.globals.findIndex((one) => !Object.is(one.global.value, one.value));
    if (global >= 0) return `global ${global}`;
    for (const [index, memory] of this.#parts.memories.entries()) {
      const offset = memory.firstDifference();
      if (offset !== undefined) return `memory ${index} at ${offset}`;
    }
    return this.#tableDifference() ?? this.#handleDifference(this.#parts);
  }

  #tableDifference(): string | undefined {
    for (const [index, { table, entries }] of (this.#parts?.verify?.tables ?? []).entries()) {
      if (table.length !== entries.length) return `length of table ${index}`;
      const at = entries.findIndex((entry, place) => table.get(place) !== entry);
      if (at >= 0) return `table ${index} at ${at}`;
    }
    return undefined;
  }

  #handleDifference({ handles: kept }: ResetParts): string | undefined {
    for (const { handles, index, mayEnter, mayLeave } of this.instance.components) {
      if (!mayEnter || !mayLeave) return `entry flags of component instance ${index}`;
      if (!sameHandles(handles.snapshot(), kept?.[index])) return `handle table of component instance ${index}`;
    }
    return undefined;
  }

  /** The linear memories, in the order of the image; none for a sandbox without one. */
  get memories(): readonly WebAssembly.Memory[] {
    return this.#parts?.memories.map(({ memory }) => memory) ?? [];
  }

  /** Where the memories may differ from their images, where that is known; see `ImagedMemory.changes`. */
  get changes(): readonly (readonly Run[] | undefined)[] {
    return this.#parts?.memories.map((memory) => memory.changes()) ?? [];
  }

  /** Bytes of linear memory that the sandbox has now; 0 for one without an image, which does not know its memories. */
  get memoryBytes(): number {
    let bytes = 0;
    for (const memory of this.#parts?.memories ?? []) bytes += sizeOf(memory);
    return bytes;
  }

  /**
   * Gives the sandbox up. Host code that still reads what its guest has left behind learns that nothing more comes.
   * `isForGood`: nothing of it is kept for other sandboxes.
   */
  discard(isForGood = false): void {
    this.instance.store?.fail(new Trap('The request is over'));
    this.#heap?.close();
    this.#onDiscard(this, isForGood);
    this.instance.dispose();
  }
}

/** Whether a resource of the host is among the handles; those that an image holds are dead already and do not count. */
function holdsHostResource(handles: Iterable<object>): boolean {
  for (const handle of handles) {
    if (handle instanceof ResourceHandle && handle.type.host && !handle.isDead) return true;
  }
  return false;
}

/** Whether the tables are equal. The order of free places counts, too: it decides which indices the next guest sees. */
function sameHandles(now: HandleSnapshot | undefined, kept: HandleSnapshot | undefined): boolean {
  if (!now) return false;
  const { entries, free } = kept ?? { entries: [undefined], free: [] };
  if (now.entries.length !== entries.length || now.free.join() !== free.join()) return false;
  return now.entries.every((handle, index) => {
    const other = entries[index];
    return handle?.rep === other?.rep && handle?.type === other?.type && handle?.own === other?.own;
  });
}
