// The logger that everything takes as a parameter. Data goes to stdout, messages for people to stderr; the log is made
// of the latter.
import { type Logger as PinoLogger, pino } from 'pino';

export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

/** Drops every line: for tests and for people who embed Mayfly without asking for a log. */
export const silentLog: Logger = pino({ enabled: false });
