// A log that remembers its lines, for tests of what people are told.
import { pino } from 'pino';
import type { Logger } from './log.ts';

export interface LogLine {
  /** The level: `debug`, `info`, `warn` or `error`. */
  readonly level: string;
  readonly message: string;
  /** The fields beside the message as they are written, including those of child loggers. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface TestLog {
  readonly log: Logger;
  /** The lines in the order in which they were written; children write here, too. */
  readonly lines: LogLine[];
  /** Only the messages, of all levels or of the given ones. */
  messages(...levels: string[]): string[];
}

export function testLog(): TestLog {
  const lines: LogLine[] = [];
  const write = (text: string): void => {
    const { level, msg, ...fields } = JSON.parse(text) as Record<string, unknown>;
    lines.push({ level: String(level), message: String(msg ?? ''), fields });
  };
  const formatters = { level: (level: string) => ({ level }) };
  const log = pino({ level: 'debug', base: null, timestamp: false, formatters }, { write });
  const messages = (...levels: string[]): string[] =>
    lines.filter(({ level }) => levels.length === 0 || levels.includes(level)).map(({ message }) => message);
  return { log, lines, messages };
}
