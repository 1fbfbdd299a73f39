// What functions of the host throw ↔ a line of a recording.
import { type ErrorCode, errorKinds, GuestExit, MayflyError, messageOf, Trap } from '../errors.ts';
import type { ThrownLine } from './format.ts';

export function describeThrown(thrown: unknown): ThrownLine {
  const message = messageOf(thrown);
  if (thrown instanceof GuestExit) return { kind: 'exit', message, exitCode: thrown.code };
  if (thrown instanceof Trap) return { kind: 'trap', message };
  return { kind: 'error', message, ...(thrown instanceof MayflyError && { code: thrown.code }) };
}

export function thrownAgain({ kind, message, code, exitCode = 0 }: ThrownLine): Error {
  if (kind === 'exit') return new GuestExit(exitCode);
  if (kind === 'trap') return new Trap(message);
  return code !== undefined && Object.hasOwn(errorKinds, code)
    ? new MayflyError(code as ErrorCode, message)
    : new Error(message);
}
