// Writes the error that keeps an app from starting as lines of JSON, as `--log-format json` asks for.
import { MayflyError, messageOf } from '../errors.ts';
import { logEvent } from '../telemetry/events.ts';
import { createLog } from './log.ts';
import { paint, say } from './ui.ts';

/** Problems that have a line each; who has more of them mends these first. */
const MOST_PROBLEMS = 100;

/** Whether a command line asks for a log in JSON. What stands behind `--` is the app's. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  const last = own.findLastIndex((arg) => arg === '--log-format' || arg.startsWith('--log-format='));
  return last !== -1 && [own[last]?.split('=')[1], own[last + 1]].includes('json');
}

/** Writes a line for the error, or for each of its problems. */
export function logError(error: unknown, write: (line: string) => void = say): void {
  const log = createLog({ verbose: false, quiet: false, directory: undefined, format: 'json', write, paint });
  const problems = error instanceof MayflyError ? error.problems.slice(0, MOST_PROBLEMS) : [];
  for (const one of problems.length > 0 ? problems : [error]) {
    const { file, line } = one instanceof MayflyError ? (one.location ?? {}) : {};
    logEvent(log, 'start-failed', { file, line, err: one }, messageOf(one));
  }
}
