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

/** Gives all lines of an error, without a newline at the end. An error that is none of Mayfly's own is a defect. */
export function formatError(error: unknown, options: FormatOptions): string {
  const own =
    error instanceof MayflyError
      ? error
      : new MayflyError('internal', messageOf(error), {
          cause: error,
          hint: 'This is a defect of Mayfly; please report it',
        });
  if (own.problems.length === 0) return formatOne(own, options);
  const problems = own.problems.map((problem) => formatOne(problem, options));
  return [...problems, `${options.paint('red', 'error:')} ${printable(own.message)}`].join('\n\n');
}

function formatOne(error: MayflyError, options: FormatOptions): string {
  const { paint, verbose } = options;
  const lines = [`${paint('red', `error[${error.code}]:`)} ${paint('bold', printable(error.message))}`];
  if (error.location) lines.push(...formatPlace(error.location, options));
  if (error.hint) lines.push(`  ${paint('cyan', 'hint:')} ${printable(error.hint)}`);
  if (verbose || error.code === 'internal') lines.push(...formatCauses(error, paint));
  return lines.join('\n');
}

function formatPlace({ file, line, column, offset, secret }: Location, { paint, directory }: FormatOptions): string[] {
  const shown = printable(shownPath(file, directory));
  if (line === undefined) return [`  at ${shown}${offset === undefined ? '' : `, byte ${offset}`}`];
  const lines = [`  at ${shown}:${line}${column === undefined ? '' : `:${column}`}`];
  const text = lineOf(file, line);
  if (text === undefined) return lines;
  const number = String(line);
  lines.push(
    `${paint('dim', `  ${number} |`)} ${printable((secret ? withoutValues(text) : text).replaceAll('\t', ' '))}`,
  );
  if (column !== undefined) {
    lines.push(`${paint('dim', `  ${' '.repeat(number.length)} |`)} ${' '.repeat(column - 1)}${paint('red', '^')}`);
  }
  return lines;
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

function lineOf(file: string, line: number): string | undefined {
  try {
    return readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)[line - 1];
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
