// Error contexts: immutable, with a message for people. CanonicalABI.md#canon-error-contextnew
import { Trap } from '../../errors.ts';
import { bytesOfText, type HostByteBudget } from '../types/host-byte-budget.ts';
import type { AbiContext } from './context.ts';
import type { HandleTable } from './handles.ts';

export class ErrorContext {
  readonly debugMessage: string;
  readonly #bytes: number;
  /** The number of handles on it, in all tables: the message counts once for all of them. */
  #handles = 0;

  constructor(debugMessage: string) {
    this.debugMessage = debugMessage;
    this.#bytes = bytesOfText(debugMessage);
  }

  /** Adds a handle. Throws when there is no room for the message, or for the handle. */
  addTo(handles: HandleTable, budget: HostByteBudget): number {
    if (this.#handles === 0) budget.add(this.#bytes);
    this.#handles++;
    return handles.add(this);
  }

  removeFrom(handles: HandleTable, index: number, budget: HostByteBudget): void {
    handles.remove(index);
    this.#handles--;
    if (this.#handles === 0) budget.add(-this.#bytes);
  }

  static from(handles: HandleTable, index: number): ErrorContext {
    const entry = handles.get(index);
    if (!(entry instanceof ErrorContext)) throw new Trap(`Handle index ${index} is not an error context`);
    return entry;
  }
}

export function liftErrorContext(cx: AbiContext, index: number): ErrorContext {
  return ErrorContext.from(cx.instance.handles, index);
}

export function lowerErrorContext(cx: AbiContext, value: ErrorContext): number {
  return value.addTo(cx.instance.handles, cx.asyncValues.hostBytes);
}
