// What the two ends of a stream or future share. CanonicalABI.md#stream-state, #future-state
import { Trap } from '../../errors.ts';
import type { ValType } from '../types/val-type.ts';
import { type Buffer, isNumber, type ReadableBuffer, transfer, type WritableBuffer } from './buffer.ts';

/** CanonicalABI.md: CopyResult */
export const CopyResult = { completed: 0, dropped: 1, cancelled: 2 } as const;
export type CopyResult = (typeof CopyResult)[keyof typeof CopyResult];

/** A side that wants to copy, and waits for the other side. */
export interface Copy<B extends Buffer> {
  /** The component instance that copies; undefined for the host. */
  readonly owner: object | undefined;
  readonly buffer: B;
  /** Says that some elements were copied: more may follow until `reclaim` is called. Futures never call it. */
  onCopy(reclaim: () => void): void;
  onDone(result: CopyResult): void;
}

type Read = Copy<WritableBuffer>;
type Write = Copy<ReadableBuffer>;

export abstract class Shared {
  abstract readonly kind: 'stream' | 'future';
  /** The element type; undefined when there is no payload, or when it is not known yet and `typed` is false. */
  type: ValType | undefined;
  typed: boolean;
  dropped = false;
  #pending: { readonly copy: Read; readonly reads: true } | { readonly copy: Write; readonly reads: false } | undefined;
  readonly #onDrop = new Set<() => void>();

  /** Without `type` in brackets, the first guest that gets an end gives it its type. */
  constructor(type?: readonly [ValType | undefined]) {
    this.type = type?.[0];
    this.typed = type !== undefined;
  }

  protected get pendingRead(): Read | undefined {
    return this.#pending?.reads ? this.#pending.copy : undefined;
  }

  protected get pendingWrite(): Write | undefined {
    return this.#pending?.reads === false ? this.#pending.copy : undefined;
  }

  protected waitToRead(copy: Read): void {
    this.#pending = { copy, reads: true };
  }

  protected waitToWrite(copy: Write): void {
    this.#pending = { copy, reads: false };
  }

  readonly reclaim = (): void => {
    this.#pending = undefined;
  };

  protected finishPending(result: CopyResult): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.copy.onDone(result);
  }

  /** Cancels the pending copy; call it only while there is one. */
  cancel(): void {
    this.finishPending(CopyResult.cancelled);
  }

  /** Says that one end is gone. */
  drop(): void {
    if (this.dropped) return;
    this.dropped = true;
    this.finishPending(CopyResult.dropped);
    for (const tell of this.#onDrop) tell();
    this.#onDrop.clear();
  }

  onDrop(tell: () => void): void {
    if (this.dropped) tell();
    else this.#onDrop.add(tell);
  }

  protected checkOwners(one: Copy<Buffer>, other: Copy<Buffer>): void {
    if (one.owner === undefined || one.owner !== other.owner || isNumber(this.type)) return;
    throw new Trap('Cannot read from and write to a stream or future of this type in the same component instance');
  }

  abstract read(copy: Read): void;
  abstract write(copy: Write): void;
}

/** Whether nothing can be copied now, since the other end is gone or has not come yet. */
function cannotStart<B extends Buffer>(
  shared: Shared,
  other: object | undefined,
  copy: Copy<B>,
  wait: () => void,
): boolean {
  if (shared.dropped) copy.onDone(CopyResult.dropped);
  else if (!other) wait();
  else return false;
  return true;
}

export class SharedStream extends Shared {
  readonly kind = 'stream';

  read(copy: Read): void {
    const pending = this.pendingWrite;
    if (cannotStart(this, pending, copy, () => this.waitToRead(copy)) || !pending) return;
    this.checkOwners(copy, pending);
    if (pending.buffer.remain === 0) {
      this.finishPending(CopyResult.completed);
      this.waitToRead(copy);
    } else this.#copy(pending.buffer, copy.buffer, copy, pending);
  }

  write(copy: Write): void {
    const pending = this.pendingRead;
    if (cannotStart(this, pending, copy, () => this.waitToWrite(copy)) || !pending) return;
    this.checkOwners(copy, pending);
    if (pending.buffer.remain > 0) this.#copy(copy.buffer, pending.buffer, copy, pending);
    else if (copy.buffer.isZeroLength && pending.buffer.isZeroLength) copy.onDone(CopyResult.completed);
    else {
      this.finishPending(CopyResult.completed);
      this.waitToWrite(copy);
    }
  }

  #copy(from: ReadableBuffer, to: WritableBuffer, copy: Copy<Buffer>, pending: Copy<Buffer>): void {
    if (copy.buffer.remain > 0) {
      transfer(from, to);
      pending.onCopy(this.reclaim);
    }
    copy.onDone(CopyResult.completed);
  }
}

export class SharedFuture extends Shared {
  readonly kind = 'future';

  read(copy: Read): void {
    const pending = this.pendingWrite;
    if (cannotStart(this, pending, copy, () => this.waitToRead(copy)) || !pending) return;
    this.#copy(pending.buffer, copy.buffer, copy, pending);
  }

  write(copy: Write): void {
    const pending = this.pendingRead;
    if (cannotStart(this, pending, copy, () => this.waitToWrite(copy)) || !pending) return;
    this.#copy(copy.buffer, pending.buffer, copy, pending);
  }

  #copy(from: ReadableBuffer, to: WritableBuffer, copy: Copy<Buffer>, pending: Copy<Buffer>): void {
    this.checkOwners(copy, pending);
    transfer(from, to);
    this.finishPending(CopyResult.completed);
    copy.onDone(CopyResult.completed);
  }
}
