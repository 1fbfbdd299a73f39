// Error contexts: immutable, with a message for people. CanonicalABI.md#canon-error-contextnew
import { Trap } from '../../errors.ts';
import type { HandleTable } from '../abi/handles.ts';

export class ErrorContext {
  readonly debugMessage: string;

  constructor(debugMessage: string) {
    this.debugMessage = debugMessage;
  }

  static from(handles: HandleTable, index: number): ErrorContext {
    const entry = handles.get(index);
    if (!(entry instanceof ErrorContext)) throw new Trap(`Handle index ${index} is not an error context`);
    return entry;
  }
}
