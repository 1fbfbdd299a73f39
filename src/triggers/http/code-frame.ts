// A place in a file with the lines around it, for pages that developers see.
import { readFileSync } from 'node:fs';

/** Lines of the code that are shown before and after the place. */
const AROUND = 4;
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The lines around a place, with a mark below its column. Undefined when the file is gone. */
export function frameOf({ file, line, column }: Place): string | undefined {
  const all = readLines(file);
  if (!all || line > all.length) return undefined;
  const first = Math.max(1, line - AROUND);
  const last = Math.min(all.length, line + AROUND);
  const width = String(last).length;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = all[number - 1] ?? '';
    shown.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text}`);
    const indent = text.slice(0, column - 1).replaceAll(/[^\t]/g, ' ');
    if (number === line) shown.push(`  ${' '.repeat(width)} | ${indent}^`);
  }
  return shown.join('\n');
}

function readLines(file: string): string[] | undefined {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return undefined;
  }
}

export const shownPlace = ({ file, line, column }: Place): string => `${file}:${line}:${column}`;
