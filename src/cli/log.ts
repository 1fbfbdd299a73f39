// The log of a serving app, as lines for people, and what guests print. Events come from pino as JSON. Whatever a guest
// chose (names, messages, what it prints) is made printable here, where it goes to a terminal.
import { type Logger as PinoLogger, pino } from 'pino';
import { logEvent } from '../telemetry/events.ts';
import { type LoggedError, loggedError } from '../telemetry/guarded-log.ts';
import { printable, printableLines } from '../telemetry/printable.ts';
import type { Style } from './format-error.ts';
import { type LogFiles, type LogRotation, openLogFolder } from './log-folder.ts';
import { jsonLine } from './log-json.ts';

export interface LogOptions {
  /** Whether to show debug as well as info and above. */
  readonly verbose: boolean;
  /** Whether to hide what guests print. */
  readonly quiet: boolean;
  /** Components whose output is shown; those of others is not. Without any, the output of all is shown. */
  readonly follow?: readonly string[] | undefined;
  /** A folder in which what guests print is also appended to `<component>_stdout.txt` and `<component>_stderr.txt`. */
  readonly directory: string | undefined;
  /** Whether nobody asked for this folder: it is made when there is something to write. */
  readonly isDefaultDirectory?: boolean | undefined;
  /** When these files are begun anew, and how many of the old ones are kept. */
  readonly rotation?: LogRotation | undefined;
  /** `text` is for people, `json` for programs. */
  readonly format?: 'text' | 'json' | undefined;
  readonly write: (line: string) => void;
  readonly paint: (style: Style, text: string) => string;
}

type LogEvent = Record<string, unknown> & {
  level: number;
  msg?: string;
  component?: unknown;
  stream?: unknown;
  code?: unknown;
};

/** The most characters of the value of one field. */
const MOST_OF_FIELD = 1000;

const levels: Record<number, { name: string; style: Style }> = {
  20: { name: 'debug', style: 'dim' },
  30: { name: 'info', style: 'cyan' },
  40: { name: 'warn', style: 'bold' },
  50: { name: 'error', style: 'red' },
};

export function createLog(options: LogOptions): PinoLogger {
  const { directory, rotation, isDefaultDirectory: isDefault, verbose } = options;
  const failed = (reason: string): void => logEvent(log, 'log-file-failed', { reason }, reason);
  const folder = directory === undefined ? undefined : openLogFolder(directory, failed, { rotation, isDefault });
  const stream = { write: (json: string) => writeEvent(JSON.parse(json) as LogEvent, options, folder) };
  const serializers = { err: loggedError };
  const log = pino({ level: verbose ? 'debug' : 'info', base: null, timestamp: false, serializers }, stream);
  return log;
}

function writeEvent(event: LogEvent, options: LogOptions, folder: LogFiles | undefined): void {
  const { write, paint, quiet, format, follow = [] } = options;
  const { stream, component, msg = '' } = event;
  if (stream !== 'stdout' && stream !== 'stderr') {
    write(format === 'json' ? jsonLine(event, new Date()) : formatEvent(event, options));
    return;
  }
  const isShown = !quiet && (follow.length === 0 || follow.includes(String(component)));
  if (isShown && format === 'json') write(jsonLine(event, new Date()));
  else if (isShown) write(`${paint('dim', `${printable(String(component))} |`)} ${printable(msg)}`);
  folder?.append(`${component}_${stream}.txt`, `${msg}\n`);
}

/**
 * Writes `error[guest-trap] hello: GET / failed (key=value)`, with further lines (a stack) indented. Fields whose
 * values stand in the text are not repeated.
 */
function formatEvent(event: LogEvent, { paint, verbose }: LogOptions): string {
  const { level, msg = '', component, err, code, event: _, requestId, traceId, ...others } = event;
  const rest = verbose ? { ...others, requestId, traceId } : others;
  const { name, style } = levels[level] ?? { name: String(level), style: 'bold' };
  const reason = reasonOf(err, msg, verbose);
  const who = component === undefined ? '' : ` ${printable(String(component))}`;
  const kind = code === undefined ? name : `${name}[${printable(String(code))}]`;
  const said = `${msg}\n${reason ?? ''}`;
  const inline = Object.entries(rest).filter(([, value]) => !isMultiline(value) && !says(said, value));
  const details = inline.map(([key, value]) => `${printable(key)}=${show(value)}`).join(' ');
  const blocks = [...Object.values(rest), reason].filter(isMultiline);
  const head = `${paint(style, kind)}${who}: ${printable(msg)}${details && ` ${paint('dim', `(${details})`)}`}`;
  return [
    head,
    ...blocks.flatMap((block) =>
      printableLines(block.trim())
        .split('\n')
        .map((line) => `  ${line.trim()}`),
    ),
  ].join('\n');
}

/** Whether the field needs no mention: it has no value, or its value stands in the text as a word of its own. */
function says(text: string, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.every((one) => says(text, one));
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  const word = String(value);
  if (word === '' || word.length > LONG_WORD) return text.includes(word);
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!partOfWord.test(text[at - 1] ?? ' ') && !partOfWord.test(text[at + word.length] ?? ' ')) return true;
  }
  return false;
}

const partOfWord = /\w/;
/**
 * The most characters of such a word. Longer ones are a client's, and to look for all places where they stand could
 * take long.
 */
const LONG_WORD = 200;

function isMultiline(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n');
}

/**
 * The lines that an error (as pino writes it) adds to the event: for Mayfly's own errors the message, for others and
 * with `verbose` the stack. The message is not repeated when the event contains it.
 */
function reasonOf(error: unknown, said: string, verbose: boolean): string | undefined {
  const { type, message, stack, hint } = Object(error) as Partial<LoggedError>;
  if (typeof stack !== 'string' || message === undefined) return undefined;
  const isSaid = said.includes(message);
  const mend = hint === undefined ? '' : `\n${hint}`;
  if (type === 'MayflyError' && !verbose) return isSaid ? mend || undefined : `${message}${mend}\n`;
  const lines = stack.includes('\n') ? stack.slice(stack.indexOf('\n')) : '';
  return `${isSaid ? lines : `${stack}\n`}${mend}`;
}

function show(value: unknown): string {
  const text = typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
  return printable(String(text), MOST_OF_FIELD);
}
