// A log in which places in a bundle are written as places in its sources.
import type { Logger } from '../telemetry/log.ts';
import type { SourcePositions } from './source-positions.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

export function mappedLog(log: Logger, positions: Pick<SourcePositions, 'inText'>): Logger {
  const at =
    (level: Level) =>
    (...given: readonly unknown[]): void => {
      const mapped = given.map((one) => (typeof one === 'string' ? positions.inText(one) : one));
      (log[level] as (...values: unknown[]) => void)(...mapped);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: ((bindings: object) => mappedLog(log.child(bindings), positions)) as Logger['child'],
  };
}
