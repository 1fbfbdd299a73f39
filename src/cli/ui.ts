// Prints; nothing else does. Data goes to stdout, messages for people to stderr; colours and moving lines are used only
// where they can be seen. The reader may go away: what cannot be written is lost, and the program goes on.
import { styleText } from 'node:util';
import { formatError, type Style } from './format-error.ts';

/** Prints data that was asked for to stdout. */
export function print(text: string): void {
  write('stdout', `${text}\n`);
}

/** Prints what the program says about its work to stderr. */
export function say(text: string): void {
  clearProgress();
  write('stderr', `${text}\n`);
}

/** Resolves when all that was written to stdout has gone out, or nobody takes it. */
export function written(): Promise<void> {
  return new Promise((resolve) => {
    if (process.stdout.destroyed) resolve();
    else process.stdout.write('', () => resolve());
  });
}

/** Clears the terminal, with what was scrolled out of it; does nothing where stderr is none. */
export function clearScreen(): void {
  if (process.stderr.isTTY) write('stderr', '\x1b[2J\x1b[3J\x1b[H');
}

const guarded = new Set<'stdout' | 'stderr'>();

/**
 * Writes a text. A pipe whose other end is closed reports that later, by an event that ends the process unless somebody
 * listens.
 */
function write(name: 'stdout' | 'stderr', text: string): void {
  try {
    const stream = process[name];
    if (!guarded.has(name)) stream.on('error', () => {});
    guarded.add(name);
    stream.write(text);
  } catch {
    // The disk is full or the terminal is gone: there is nowhere left to report that.
  }
}

/** Adds a colour for stderr; gives plain text when that is no terminal or NO_COLOR is set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/** Prints an error: code, message, place, hint, all problems; with `verbose` also causes and stacks. */
export function printError(error: unknown, verbose: boolean): void {
  say(formatError(error, { verbose, paint, directory: process.cwd() }));
}

export interface Progress {
  /** Ends the progress line. */
  done(): void;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const showAfterMs = 300;
const frameMs = 100;

/**
 * Says that something is under way, once it takes long: by a moving line on a terminal, otherwise by one plain line.
 */
export function progress(text: string): Progress {
  const start = performance.now();
  const isTerminal = process.stderr.isTTY === true;
  let frame = 0;
  const timer = setInterval(() => {
    if (performance.now() - start < showAfterMs) return;
    if (!isTerminal) {
      clearInterval(timer);
      write('stderr', `${text} …\n`);
      return;
    }
    const seconds = Math.round((performance.now() - start) / 1000);
    const time = seconds < 2 ? '' : ` ${seconds} s`;
    write('stderr', `\r\x1b[2K${frames[frame++ % frames.length]} ${text} …${time}`);
    isProgressShown = true;
  }, frameMs);
  timer.unref();
  return {
    done() {
      clearInterval(timer);
      clearProgress();
    },
  };
}

/** Lines at the end of the terminal that change; nothing where stderr is none. */
export class LiveLines {
  #shown = 0;

  show(lines: readonly string[]): void {
    if (!process.stderr.isTTY) return;
    const clipped = lines.map((line) => line.slice(0, Math.max(10, (process.stderr.columns ?? 80) - 1)));
    write('stderr', `${this.#erase}${clipped.join('\n')}\n`);
    this.#shown = lines.length;
  }

  clear(): void {
    if (this.#shown > 0) write('stderr', this.#erase);
    this.#shown = 0;
  }

  get #erase(): string {
    return this.#shown === 0 ? '' : `\x1b[${this.#shown}A\r\x1b[J`;
  }
}

let isProgressShown = false;

function clearProgress(): void {
  if (!isProgressShown) return;
  write('stderr', '\r\x1b[2K');
  isProgressShown = false;
}
