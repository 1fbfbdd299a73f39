// Serves a running app for `mayfly up`: says where it is, and stops it when a signal asks for that.
import { constants } from 'node:os';
import { messageOf } from '../errors.ts';
import { printable } from '../telemetry/printable.ts';
import { print, say, written } from './ui.ts';

export interface ServedApp {
  /** Lets the requests in flight finish, then ends. */
  stop(): Promise<void>;
}

/** Ends the process with the exit code of the app's commands, once they have ended, if it has any. */
export function exitWithCommands(app: ServedApp & { readonly ended: Promise<number> | undefined }): void {
  app.ended?.then(async (code) => {
    process.exitCode = code;
    try {
      await app.stop();
    } catch (error) {
      say(`Cannot stop the app: ${messageOf(error)}`);
      process.exitCode = code || 1;
    }
    await written();
    process.exit();
  });
}

/** Prints what the app waits for to stdout, where scripts read it, in the format that `--format` asks for. */
export function printTriggers(
  { format = 'plain' }: { readonly format?: 'plain' | 'json' },
  lines: readonly string[],
  data: () => object,
): void {
  if (format === 'json') print(JSON.stringify(data(), undefined, 2));
  else if (lines.length > 0) print(lines.map((line) => printable(line)).join('\n'));
}

/**
 * Milliseconds between two signals that count as one: a terminal and a process manager above may both pass on the same
 * ctrl-C.
 */
const sameSignalMs = 500;

/**
 * Ends the process on signals: with 0 after the first one, when all requests are answered; at once after a second one.
 */
export function stopOnSignals(app: ServedApp, tell: (text: string) => void = say): void {
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt > sameSignalMs) process.exit(128 + constants.signals[signal]);
      return;
    }
    firstAt = performance.now();
    tell('Stopping: the requests in flight are finished first');
    app.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        tell(`Cannot stop the app: ${error}`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}
