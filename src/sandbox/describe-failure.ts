// What ended a guest, in words for the log: the reason, and the guest's own functions that were on the stack.
import { printable } from '../telemetry/printable.ts';
import { rustName } from './rust-names.ts';
import type { CodePlace, Locate } from './source-lines/locate.ts';

export interface GuestFailure {
  readonly reason: string;
  /** The guest's functions, innermost first: `divide`, or `function 12` where the name section has no name. */
  readonly stack: readonly string[];
}

const FRAMES = 12;
/** Characters that are kept of each name and message: these are the guest's, and as long as it likes. */
const NAME = 160;
const REASON = 2000;
/** The most frames that Rust's panic machinery takes of a stack. */
const MACHINERY = 10;

/**
 * Makes V8 keep more than the 10 frames, host's and guest's, that it keeps of an error by default. Only for processes
 * that do nothing but serve.
 */
export function keepDeepStacks(): void {
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, FRAMES + MACHINERY);
}

/** V8 prints wasm frames as `at name (wasm://wasm/<hash>:wasm-function[12]:0x34)`, the name being that of the section. */
const frame = /^\s*at (?:(.*) \()?wasm:\/\/.*?wasm-function\[(\d+)\](?::0x([0-9a-f]+))?/s;

interface Frame {
  readonly name: string;
  readonly place: CodePlace | undefined;
}

/** Describes what was thrown. `locate` gives lines of source for functions on the stack. */
export function describeFailure(error: unknown, locate?: Locate): GuestFailure {
  if (!(error instanceof Error)) return { reason: printable(String(error), REASON), stack: [] };
  const stack = (error.stack ?? '').split('\n').flatMap((line) => {
    const found = frame.exec(shortened(line));
    return found ? [frameOf(found[1], found[2] as string, found[3])] : [];
  });
  const shown = withoutPanic(stack).slice(0, FRAMES);
  return { reason: printable(reasonFor(error), REASON), stack: withLines(shown, locate) };
}

function frameOf(name: string | undefined, index: string, offset: string | undefined): Frame {
  const place = offset === undefined ? undefined : { func: Number(index), offset: Number.parseInt(offset, 16) };
  return { name: functionName(name, index), place };
}

function withLines(frames: readonly Frame[], locate: Locate | undefined): string[] {
  const places = frames.map(({ place }) => place ?? { func: -1, offset: -1 });
  const lines = locate?.(places) ?? [];
  return frames.map(({ name }, index) => (lines[index] === undefined ? name : `${name} (${lines[index]})`));
}

/**
 * Cuts a line to a length that can be matched quickly: a name of 100 KB could keep the expression above busy for
 * seconds.
 */
function shortened(line: string): string {
  return line.length > 2000 ? line.slice(0, 1000) + line.slice(-1000) : line;
}

/** Matches the frames of Rust's panic machinery, which are left out: what counts is who called it. */
const panic = /^(?:__rustc::rust_begin_unwind|rust_begin_unwind|core::panicking::\w+|core::option::unwrap_failed)$/;

function withoutPanic(stack: readonly Frame[]): readonly Frame[] {
  const last = stack.findLastIndex(({ name }) => panic.test(name));
  return last < 0 || last === stack.length - 1 ? stack : stack.slice(last + 1);
}

/** Too deep a recursion is the one RangeError that the engine raises in guest code; no guest can catch it. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded';
}

function reasonFor(error: Error): string {
  return isStackOverflow(error) ? 'Limit reached: stack' : error.message;
}

/** V8 puts the module's name in front when it has one; linkers give it the name of their output, `app.wasm`. */
function functionName(name: string | undefined, index: string): string {
  const own = name?.replace(/^.*\.wasm\./, '');
  return own && !own.startsWith('wasm-function[') ? printable(rustName(own), NAME) : `function ${index}`;
}
