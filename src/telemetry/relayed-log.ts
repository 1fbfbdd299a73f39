// A log that hands on to another what is written into it, changed or looked at.
import type { Logger } from './log.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** `relay` gives what is handed on in the place of the arguments of a call, `childOf` the child with these bindings. */
export function relayedLog(
  log: Logger,
  relay: (given: readonly unknown[], level: Level) => readonly unknown[],
  childOf: (bindings: Record<string, unknown>) => Logger,
): Logger {
  const at =
    (level: Level) =>
    (...given: readonly unknown[]): void =>
      (log[level] as (...values: unknown[]) => void)(...relay(given, level));
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: childOf as Logger['child'],
  };
}
