// What `mayfly up` does around a running app: says where it serves, and stops it when a signal asks for that.
import { constants } from 'node:os';
import { printable } from '../telemetry/printable.ts';
import { print, say } from './ui.ts';

export interface ServedApp {
  /** Finishes the requests in flight. */
  stop(): Promise<void>;
}

/** What the app waits for, on stdout: scripts read it. */
export function printLines(lines: readonly string[]): void {
  print(lines.map((line) => printable(line)).join('\n'));
}

/** A terminal and a process manager above may both pass one ctrl-C on: signals this close together count as one. */
const sameSignalMs = 500;

/** Ends the process: 0 after the first signal, when all requests are answered; at once after a second one. */
export function stopOnSignals(app: ServedApp): void {
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt > sameSignalMs) process.exit(128 + constants.signals[signal]);
      return;
    }
    firstAt = performance.now();
    say('Stopping: the requests in flight are finished first');
    app.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        say(`Cannot stop the app: ${error}`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}
