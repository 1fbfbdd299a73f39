// Stands between the parts that log and a logger that is not ours: it makes text of guests printable, and bounds the
// size of errors.
import { MayflyError, messageOf } from '../errors.ts';
import type { Logger } from './log.ts';
import { printable, printableLines } from './printable.ts';
import { relayedLog } from './relayed-log.ts';

/** An error as pino's own serializer writes it, with a bounded size: V8's stacks hold the names that guests chose. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  /** The code of one of Mayfly's own errors. */
  readonly code?: string;
  readonly hint?: string;
}

const CAUSES = 8;

export function loggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return guarded(error);
  const stacks: string[] = [];
  let cause: unknown = error;
  for (let depth = 0; cause instanceof Error && depth < CAUSES; depth++) {
    const stack = isAnswerOfGuest(cause) ? `${cause.name}: ${cause.message}` : cause.stack;
    stacks.push(printableLines(stack ?? messageOf(cause)));
    cause = cause.cause;
  }
  const logged: LoggedError = {
    type: printable(error.name, 100),
    message: printable(error.message),
    stack: stacks.join('\ncaused by: '),
    ...(error instanceof MayflyError ? { code: error.code } : {}),
    ...(error instanceof MayflyError && error.hint !== undefined ? { hint: printable(error.hint) } : {}),
  };
  return logged;
}

/** Whether a guest returned the error: the host's stack says nothing about it. */
function isAnswerOfGuest(error: Error): boolean {
  return error.name === 'HttpError' || (error instanceof MayflyError && error.code === 'guest-error');
}

/** Passes everything on to `log`, made printable: messages, fields, errors, and the fields of children. */
export function guardedLog(log: Logger): Logger {
  return relayedLog(
    log,
    (given) => given.map(guardedArgument),
    (bindings) => guardedLog(log.child(guardedFields(bindings))),
  );
}

function guardedArgument(value: unknown): unknown {
  if (value instanceof Error) return { err: loggedError(value) };
  return isPlain(value) ? guardedFields(value) : guarded(value);
}

function guardedFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [printable(key), key === 'err' ? loggedError(value) : guarded(value)]),
  );
}

function guarded(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (value instanceof Error) return loggedError(value);
  if (Array.isArray(value)) return value.slice(0, 1000).map(guarded);
  return isPlain(value) ? guardedFields(value) : value;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
