// What lifting and lowering need to know of the component instance and the canonical options they work for.
// CanonicalABI.md#lifting-and-lowering-context
import { Trap } from '../../errors.ts';
import type { HostByteBudget } from '../types/host-byte-budget.ts';
import type { StringEncoding } from '../types/string-encoding.ts';
import type { ResourceType, ValType } from '../types/val-type.ts';
import type { BorrowScope, HandleTable, ResourceHandle } from './handles.ts';
import type { MemoryView } from './memory.ts';

export type CoreValue = number | bigint;
export type CoreFunction = (...args: CoreValue[]) => CoreValue | undefined;

export type AsyncType = Extract<ValType, { kind: 'stream' | 'future' }>;

/** What values need of the tasks that they belong to. Only plans with tasks have it, and `tasks/` implements it. */
export interface AsyncValues {
  /** Counts what error contexts hold. */
  readonly hostBytes: HostByteBudget;
  /** Takes the readable end with this handle out of the guest's hands. */
  lift(cx: AbiContext, index: number, type: AsyncType): unknown;
  /** Gives the guest a handle on the readable end of `value`. */
  lower(cx: AbiContext, value: unknown, type: AsyncType): number;
}

/** The runtime state of one component instance. CanonicalABI.md#component-instances */
export interface ComponentState {
  readonly handles: HandleTable;
  readonly parent: ComponentState | undefined;
  /** Number of the component instance in its plan: the one that a resource type names as its implementer. */
  readonly index: number;
  mayEnter: boolean;
  mayLeave: boolean;
}

/**
 * The most bytes that one parameter or result list may take. Its lists are counted with what they cost in JavaScript:
 * lists in the guest's memory may overlap, and so mean far more than that memory holds.
 */
const MAX_LIFTED_BYTES = 2 ** 27;
/** Bytes that an element which is no number costs beyond its own. */
export const ELEMENT_COST = 64;

export class AbiContext {
  readonly instance: ComponentState;
  readonly encoding: StringEncoding;
  readonly #memory: MemoryView | undefined;
  readonly #realloc: CoreFunction | undefined;
  /** The encoding of the strings that are being lowered: the caller's, or utf8 for the host's own. */
  sourceEncoding: StringEncoding = 'utf8';
  /** Whether what is lifted goes to the host: representations of components' resources are then wrapped. */
  forHost = false;
  /** The handles that were lent to the call under way. CanonicalABI.md: Subtask.lenders */
  #loans: ResourceHandle[] = [];
  /** The call for which borrowed handles are lowered. */
  scope: BorrowScope | undefined;
  readonly #asyncValues: AsyncValues | undefined;

  #lifted = 0;

  constructor(
    instance: ComponentState,
    encoding: StringEncoding,
    memory: MemoryView | undefined,
    realloc: CoreFunction | undefined,
    asyncValues: AsyncValues | undefined,
  ) {
    this.instance = instance;
    this.encoding = encoding;
    this.#memory = memory;
    this.#realloc = realloc;
    this.#asyncValues = asyncValues;
  }

  get memory(): MemoryView {
    if (!this.#memory) throw new Trap('The canonical options name no memory');
    return this.#memory;
  }

  get asyncValues(): AsyncValues {
    if (!this.#asyncValues) throw new TypeError('Streams and futures need a plan with tasks');
    return this.#asyncValues;
  }

  /** Must be called before lifting or lowering, when guest code may have run and grown the memory. */
  refresh(): void {
    this.#lifted = 0;
    this.#memory?.refresh();
  }

  /** The number of bytes lifted since `refresh`. */
  get lifted(): number {
    return this.#lifted;
  }

  /** Counts bytes that are lifted. Errors: more than allowed since `refresh`. */
  charge(bytes: number): void {
    this.#lifted += bytes;
    if (this.#lifted > MAX_LIFTED_BYTES) throw new Trap(`Limit reached: lifted bytes (${MAX_LIFTED_BYTES})`);
  }

  /** Calls the guest's realloc, which must not call out, and checks what it returns. */
  reallocate(old: number, oldSize: number, align: number, size: number): number {
    if (!this.#realloc) throw new Trap('The canonical options name no realloc');
    this.instance.mayLeave = false;
    const pointer = Number(this.#realloc(old, oldSize, align, size)) >>> 0;
    this.instance.mayLeave = true;
    const memory = this.memory;
    memory.refresh();
    if (pointer % align !== 0) throw new Trap(`Realloc returned ${pointer}, which is not aligned to ${align} bytes`);
    if (pointer + size > memory.bytes.length) throw new Trap(`Realloc returned ${pointer}, outside the memory`);
    return pointer;
  }

  allocate(align: number, size: number): number {
    return this.reallocate(0, 0, align, size);
  }

  /** Makes a context for a call that may be suspended while others use the same function. */
  fork(): AbiContext {
    const copy = new AbiContext(this.instance, this.encoding, this.#memory, this.#realloc, this.#asyncValues);
    copy.sourceEncoding = this.sourceEncoding;
    copy.forHost = this.forHost;
    return copy;
  }

  /** Whether this instance defines the resource type. */
  implements(type: ResourceType): boolean {
    return type.definedBy === this.instance.index;
  }

  lend(handle: ResourceHandle): void {
    handle.lends++;
    this.#loans.push(handle);
  }

  /** Frees the handles that were lent to a call, when it has returned. */
  endLoans(): void {
    const loans = this.#loans;
    if (loans.length === 0) return;
    endLoans(loans);
    loans.length = 0;
  }

  /**
   * Hands over the handles that were lent to a call which goes on while others use this context; they are freed with
   * `endLoans`.
   */
  takeLoans(): readonly ResourceHandle[] {
    const loans = this.#loans;
    this.#loans = [];
    return loans;
  }
}

export function endLoans(loans: readonly ResourceHandle[]): void {
  for (const handle of loans) handle.lends--;
}
