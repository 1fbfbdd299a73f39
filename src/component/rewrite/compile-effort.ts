// Bounds how much work the functions of a module are for V8's baseline compiler, which runs on the thread of whoever
// first calls a function and cannot be interrupted. Where control flow splits or meets it copies what it knows of all
// locals and of the operand stack, and some instructions become as many machine instructions as a type has parts. So a
// function of some kilobytes can take minutes, or more memory than there is, on which the engine ends the process.
import { MayflyError } from '../../errors.ts';
import { FunctionEffort, type MeasuredFunction, PLACE } from './function-effort.ts';
import { exceptionWords } from './object-costs.ts';
import type { IndexSpaces } from './read-sections.ts';
import type { CoreTypeEntry } from './read-types.ts';

/**
 * The most values that may be copied in one function, which takes some tenths of a second. No function of clang, 30 MB
 * of code, comes to a tenth of it.
 */
const MOST_COPIES = 30_000_000;
/**
 * The most values that single instructions may move, in one function and in a module: some ten and some hundred
 * megabytes of machine code.
 */
const MOST_MOVES = 500_000;
const MOST_MOVES_OF_MODULE = 20_000_000;

/**
 * The number of parts of a type (parameters and results of a function, fields of a struct, words of an exception) that
 * counts as few.
 */
const FEW = 32;

export class CompileEffort {
  private readonly bytes: Uint8Array;
  private readonly spaces: IndexSpaces;
  /** Whether no type of the module has more than a few parts: single instructions then do as little as in any code. */
  private readonly isPlain: boolean;
  /** The most operands that two bytes of code can push. */
  private readonly mostResults: number;
  private moves = 0;

  constructor(bytes: Uint8Array, spaces: IndexSpaces) {
    this.bytes = bytes;
    this.spaces = spaces;
    this.isPlain =
      spaces.types.every((type) => partsOf(type) <= FEW) && spaces.tags.every((tag) => exceptionWords(tag) <= FEW);
    this.mostResults = Math.max(1, ...new Set(spaces.types.map(resultsOf)));
  }

  /**
   * Counts a function; `places` is the number of places where its control flow splits or meets. Throws
   * `component-over-limit`.
   */
  add(func: MeasuredFunction, places: number): void {
    const { locals, start, end, index } = func;
    const params = this.spaces.funcTypes[index]?.params.length ?? 0;
    const mostHeight = ((end - start) / 2) * this.mostResults;
    // A function that cannot be too much work is not looked at again: nearly all are of this kind.
    if (this.isPlain && places * (PLACE + params + locals + mostHeight) <= MOST_COPIES) return;
    const { copies, moves } = new FunctionEffort(this.bytes, this.spaces, params + locals).measure(func);
    this.moves += moves;
    if (copies <= MOST_COPIES && moves <= MOST_MOVES && this.moves <= MOST_MOVES_OF_MODULE) return;
    const message = `Function ${index} of a core module is too much for the compiler. Limit reached: compile effort`;
    throw new MayflyError('component-over-limit', message);
  }
}

function partsOf(type: CoreTypeEntry): number {
  return 'params' in type ? type.params.length + type.results.length : type.fields;
}

function resultsOf(type: CoreTypeEntry): number {
  return 'params' in type ? type.results.length : 1;
}
