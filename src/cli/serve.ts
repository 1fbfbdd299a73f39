// Serves a running app for `mayfly up`: says where it is, and stops it when a signal asks for that.
import { constants } from 'node:os';
import { printable } from '../telemetry/printable.ts';
import { print, say } from './ui.ts';

export interface ServedApp {
  /** Lets the requests in flight finish, then ends. */
  stop(): Promise<void>;
}

/** Prints what the app waits for to stdout, where scripts read it. */
export function printLines(lines: readonly string[]): void {
  print(lines.map((line) => printable(line)).join('\n'));
}

/** Prints what the app waits for, in the format that `--format` asks for. */
export function printTriggers(
  { format }: { readonly format?: string },
  lines: readonly string[],
  data: () => object,
): void {
  if (format === 'json') print(JSON.stringify(data(), undefined, 2));
  else printLines(lines);
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
