// Writes the mappings of a source map whose one line has the bytes of a module as columns. https://tc39.es/ecma426/

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export interface MappedRange {
  /** Offsets in the module. */
  readonly from: number;
  readonly to: number;
  /** Index of the source. */
  readonly source: number;
  /** From 1 on. */
  readonly line: number;
}

/** Writes ranges that are in the order of their offsets; what lies between two of them has no source. */
export function encodeSegments(ranges: readonly MappedRange[]): string {
  const parts: string[] = [];
  let [column, source, line] = [0, 0, 0];
  let covered = 0;
  for (const [index, range] of ranges.entries()) {
    const next = ranges[index + 1];
    if (next?.from === range.from) continue;
    const steps = [range.from - column, range.source - source, range.line - 1 - line, 0];
    parts.push(steps.map(number).join(''));
    [column, source, line] = [range.from, range.source, range.line - 1];
    covered = Math.max(covered, range.to);
    if (next !== undefined && next.from <= covered) continue;
    parts.push(number(covered - column));
    column = covered;
  }
  return parts.join(',');
}

/** Moves all columns of the first line. */
export function moveSegments(mappings: string, by: number): string {
  const [, first = ''] = /^,*([A-Za-z0-9+/]*)/.exec(mappings) ?? [];
  if (first === '') return mappings;
  const [length, column] = firstNumber(first);
  return number(column + by) + mappings.replace(/^,*/, '').slice(length);
}

function firstNumber(segment: string): [length: number, value: number] {
  let [value, factor] = [0, 1];
  for (let at = 0; at < segment.length; at++) {
    const digit = digits.indexOf(segment[at]!);
    value += (digit & 31) * factor;
    factor *= 32;
    if ((digit & 32) === 0) return [at + 1, value % 2 === 0 ? value / 2 : -Math.floor(value / 2)];
  }
  return [segment.length, 0];
}

/** A number in base 64, as VLQ. */
function number(value: number): string {
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let text = '';
  do {
    const digit = rest % 32;
    rest = Math.floor(rest / 32);
    text += digits[rest > 0 ? digit + 32 : digit];
  } while (rest > 0);
  return text;
}
