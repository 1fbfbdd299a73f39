// Prints rows of text in columns.
import { printable } from '../telemetry/printable.ts';
import { print } from './ui.ts';

/** Prints rows to stdout, their columns below each other; nothing for no rows. */
export function printTable(rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  const shown = rows.map((row) => row.map((cell) => printable(cell)));
  const widths = (shown[0] ?? []).map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  const lines = shown.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  print(lines.join('\n'));
}
