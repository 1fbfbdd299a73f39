// Puts an error into words for a terminal: code, message, place with the line of the file, hint. It prints nothing
// itself.
import { readFileSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { type Location, MayflyError, messageOf } from '../errors.ts';
import { printable, printableLines } from '../telemetry/printable.ts';

export type Style = 'bold' | 'red' | 'cyan' | 'dim';

export interface FormatOptions {
  /** Whether to add the cause and the stack. */
  readonly verbose: boolean;
  readonly paint: (style: Style, text: string) => string;
  /** The folder below which paths are shown relative to it. */
  readonly directory: string;
}

/** Problems that are shown: who has more of them mends these first. */
const MOST_PROBLEMS = 100;
/** Characters of a line of a file that are shown; of a longer one those around the place. */
const MOST_OF_LINE = 200;

/** The lines of files, each of which is read once for all problems in it; undefined for one that cannot be read. */
type Files = Map<string, readonly string[] | undefined>;

/** Gives all lines of an error, without a newline at the end. An error that is none of Mayfly's own is a defect. */
export function formatError(error: unknown, options: FormatOptions): string {
  const own =
    error instanceof MayflyError
      ? error
      : new MayflyError('internal', messageOf(error), {
          cause: error,
          hint: 'This is a defect of Mayfly; please report it',
        });
  const files: Files = new Map();
  if (own.problems.length === 0) return formatOne(own, options, files);
  const problems = own.problems.slice(0, MOST_PROBLEMS).map((problem) => formatOne(problem, options, files));
  const left = own.problems.length - problems.length;
  if (left > 0) problems.push(`… and ${left} more`);
  return [...problems, `${options.paint('red', 'error:')} ${printable(own.message)}`].join('\n\n');
}

function formatOne(error: MayflyError, options: FormatOptions, files: Files): string {
  const { paint, verbose } = options;
  const lines = [`${paint('red', `error[${error.code}]:`)} ${paint('bold', printable(error.message))}`];
  if (error.location) lines.push(...formatPlace(error.location, options, files));
  if (error.hint) lines.push(`  ${paint('cyan', 'hint:')} ${printable(error.hint)}`);
  if (verbose || error.code === 'internal') lines.push(...formatCauses(error, paint));
  return lines.join('\n');
}

function formatPlace(
  { file, line, column, offset, secret }: Location,
  { paint, directory }: FormatOptions,
  files: Files,
): string[] {
  const shown = printable(shownPath(file, directory));
  if (line === undefined) return [`  at ${shown}${offset === undefined ? '' : `, byte ${offset}`}`];
  const lines = [`  at ${shown}:${line}${column === undefined ? '' : `:${column}`}`];
  const whole = linesOf(file, files)?.[line - 1];
  if (whole === undefined) return lines;
  const number = String(line);
  const { text, caret } = around(secret ? withoutValues(whole) : whole, column ?? 1);
  lines.push(`${paint('dim', `  ${number} |`)} ${printable(text.replaceAll('\t', ' '))}`);
  if (column !== undefined) {
    lines.push(`${paint('dim', `  ${' '.repeat(number.length)} |`)} ${' '.repeat(caret)}${paint('red', '^')}`);
  }
  return lines;
}

/** What is shown of a line, and how many characters stand before the one at `column`, which counts from 1. */
function around(line: string, column: number): { readonly text: string; readonly caret: number } {
  const characters = [...line];
  if (characters.length <= MOST_OF_LINE) return { text: line, caret: column - 1 };
  const start = Math.max(0, Math.min(column - 1 - MOST_OF_LINE / 2, characters.length - MOST_OF_LINE));
  const [before, end] = [start > 0 ? '…' : '', start + MOST_OF_LINE];
  const text = `${before}${characters.slice(start, end).join('')}${end < characters.length ? '…' : ''}`;
  return { text, caret: column - 1 - start + before.length };
}

function shownPath(file: string, directory: string): string {
  const path = relative(directory, file);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? file : path;
}

/** The line without what stands behind the first `=`, and without one that may go on with a text from above. */
function withoutValues(line: string): string {
  if (/^\s*\[\[?[\w-][^\]]*\]\]?\s*$/.test(line)) return line;
  const [, key = '', value = ''] = /^(\s*[\w.-]+\s*=)?(.*)$/s.exec(line) ?? [];
  return key + value.replace(/[^\s]/gu, '*');
}

function linesOf(file: string, files: Files): readonly string[] | undefined {
  if (!files.has(file)) files.set(file, readLines(file));
  return files.get(file);
}

function readLines(file: string): readonly string[] | undefined {
  try {
    return readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
  } catch {
    return undefined;
  }
}

function formatCauses(error: MayflyError, paint: FormatOptions['paint']): string[] {
  const lines: string[] = [];
  let cause: unknown = error.cause;
  for (let depth = 0; cause !== undefined && depth < 8; depth++) {
    const text = (cause instanceof Error ? cause.stack : undefined) ?? messageOf(cause);
    lines.push(`  ${paint('dim', 'caused by:')} ${printableLines(text)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  if (lines.length === 0 && error.stack) lines.push(paint('dim', printableLines(error.stack)));
  return lines;
}
