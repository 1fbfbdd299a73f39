// Places in trace backs of Python, which name the files themselves.
import type { Positions, SourcePlace } from '../source-positions.ts';

const PLACE = /File "([^"\n]+)", line (\d+)/g;

/** Of `files`, those that the program is made of. */
export function pythonPositions(files: ReadonlySet<string>): Positions {
  return {
    inText: (text) => text,
    firstIn(stack) {
      // The last call stands last.
      let found: SourcePlace | undefined;
      for (const [, file = '', line] of stack.matchAll(PLACE)) {
        if (files.has(file)) found = { file, line: Number(line), column: 1 };
      }
      return found;
    },
  };
}
