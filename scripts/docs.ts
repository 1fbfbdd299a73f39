// Writes the tables of the documentation from those of the code: `node scripts/docs.ts`. A test compares them.
import { readFileSync, writeFileSync } from 'node:fs';
import { type ErrorKind, errorKinds } from '../src/errors.ts';
import { allLimits, type FixedLimit, fixedLimits, type LimitKind, type LimitPart, limitParts } from '../src/limits.ts';

const errorsHeader = `# Errors

Every error that Mayfly reports has a code that does not change, so that scripts can match on it. "Who acts" says whose
mistake it is: the person who wrote the manifest or the command line (user), the author of a handler (guest), or Mayfly
and the machine that it runs on (host).

| code | who acts | what it means | what to do |
|---|---|---|---|
`;

/** What each page should be, given what it is: some are made whole, of others one table. */
export const pages: Readonly<Record<string, (before: string) => string>> = {
  'docs/errors.md': errorsPage,
  'docs/limits.md': (before) => withTable(before, fixedLimitsTable()),
  'docs/manifest.md': (before) => withTable(before, `${limitsTable()}\n${limitPlaces()}`),
};

function errorsPage(): string {
  const rows = Object.entries<ErrorKind>(errorKinds).map(
    ([code, { blame, meaning, mend }]) => `| \`${code}\` | ${blame} | ${cell(meaning)} | ${cell(mend)} |`,
  );
  return `${errorsHeader}${rows.join('\n')}\n`;
}

function limitsTable(): string {
  const rows = allLimits.map(
    ([, kind]) => `| \`${kind.key}\` | ${valueText(kind, kind.default)} | ${cell(kind.of)} | ${cell(kind.meaning)} |`,
  );
  return `| key | default | limit of | when it is reached |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function limitPlaces(): string {
  const lines = Object.entries(limitParts).map(([part, meaning]) => {
    const keys = allLimits
      .filter(([, { parts }]) => parts.includes(part as LimitPart))
      .map(([, { key }]) => `\`${key}\``);
    return `- ${meaning}: ${keys.join(', ')}`;
  });
  return `Where each holds:\n\n${lines.join('\n')}\n`;
}

function fixedLimitsTable(): string {
  const rows = Object.entries(fixedLimits).flatMap(([part, limits]) =>
    Object.values<FixedLimit>(limits).map(
      (limit) => `| ${part} | ${cell(limit.of)} | ${valueText(limit, limit.default)} | ${cell(limit.meaning)} |`,
    ),
  );
  return `| of the | limit of | value | when it is reached |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

const units = {
  bytes: { GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10, bytes: 1 },
  milliseconds: { h: 3_600_000, min: 60_000, s: 1000, ms: 1 },
} as const;

/** A value of a limit as people write it: `16 MiB`, `10 s`, `1,000`. */
export function valueText({ unit }: Pick<LimitKind, 'unit'>, value: number): string {
  const digits = (count: number): string => count.toLocaleString('en-US');
  if (unit === 'number') return digits(value);
  const [name, factor] = Object.entries(units[unit]).find(([, size]) => value % size === 0) ?? ['', 1];
  return `${digits(value / factor)} ${name}`;
}

const BEGIN = '<!-- made by scripts/docs.ts: begin -->\n';
const END = '<!-- made by scripts/docs.ts: end -->\n';

/** `page` with `table` between its marks. */
function withTable(page: string, table: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`There is no place for a table, between ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n${table}\n${END}${after}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (import.meta.main) {
  for (const [path, page] of Object.entries(pages)) {
    const file = new URL(`../${path}`, import.meta.url);
    writeFileSync(file, page(readFileSync(file, 'utf8')));
  }
}
