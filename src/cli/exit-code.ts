// Exit codes: 0 for success, 1 for an error, 2 for a command line that is not understood, or the code of a child
// process.
import { constants } from 'node:os';
import { MayflyError } from '../errors.ts';

/** The cause of an error for which a child process is to blame. */
export class ChildFailure extends Error {
  override readonly name = 'ChildFailure';
  readonly exitCode: number;

  /** Makes the error. A child that died of a signal counts as 128 + its number, as in a shell. */
  constructor(code: number | null, signal: NodeJS.Signals | null) {
    super(signal ? `ended by ${signal}` : `ended with exit code ${code}`);
    this.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
  }
}

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof MayflyError)) return 1;
  if (error.cause instanceof ChildFailure) return error.cause.exitCode;
  return error.code === 'usage' ? 2 : 1;
}
