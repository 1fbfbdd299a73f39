// Tables as Markdown, so that what the benchmark prints can go into docs/performance.md as it is.
import type { RowResult, Table } from './row.ts';

export function formatResult({ tables, notes }: RowResult): string {
  return [...tables.map(formatTable), ...notes.map((note) => `- ${note}`)].join('\n');
}

export function formatTable({ title, columns, rows }: Table): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${columns.map((_, at) => pad(row[at] ?? '', widths[at] ?? 0, at === 0)).join(' | ')} |`;
  const rule = `|${widths.map((width, at) => (at === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [`### ${title}`, '', line(columns), rule, ...rows.map(line), ''].join('\n');
}

function pad(text: string, width: number, left: boolean): string {
  return left ? text.padEnd(width) : text.padStart(width);
}
