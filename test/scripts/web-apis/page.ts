// Makes docs/web-apis.md of what the checks found: `node test/scripts/web-apis/page.ts` writes it. `--workerd <binary>`
// runs the checks in workerd, too, and keeps what it finds in workerd.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { engines, type Finding, findings } from './run.ts';
import { findingsOfWorkerd } from './workerd.ts';

const file = new URL('../../../docs/web-apis.md', import.meta.url);
const kept = new URL('workerd.json', import.meta.url);

/** What a row comes to: all of its checks hold, some, or none. */
interface Verdict {
  readonly word: 'yes' | 'partly' | 'no';
  /** Those that do not hold. */
  readonly checks: string;
}

interface Workerd {
  readonly version: string;
  /** By group and row. Rows that are whole are not listed. */
  readonly less: Readonly<Record<string, Readonly<Record<string, Verdict>>>>;
}

const header = `# Web APIs

What a program may use of the Web's interfaces and of JavaScript. The table is made by a test
(\`test/scripts/web-apis.test.ts\`), which runs every row in each engine: _yes_ when all checks of the row hold, _partly_ with
those that do not, _no_ with the sentence that a program gets. Beside them stands what the same checks found in workerd as it
is started alone, without the services of Cloudflare.
`;

export function pageOf(byEngine: ReadonlyMap<string, readonly Finding[]>, workerd: Workerd): string {
  const names = [...byEngine.keys()];
  const [first = []] = byEngine.values();
  const groups = [...new Set(first.map(({ group }) => group))];
  const heads = [...names, 'workerd'].map((name) => ` ${name} |`).join('');
  const sections = groups.map((group) => {
    const rows = [...new Set(first.filter((one) => one.group === group).map(({ row }) => row))].map((row) => {
      const cells = [...byEngine.values()].map((all) => shown(of(all, group, row)));
      return `| ${cell(row)} | ${cells.join(' | ')} | ${shownVerdict(workerd.less[group]?.[row] ?? { word: 'yes', checks: '' })} |`;
    });
    return `## ${group}\n\n| |${heads}\n|---|${'---|'.repeat(names.length + 1)}\n${rows.join('\n')}\n`;
  });
  const rows = new Set(first.map(({ group, row }) => `${group}/${row}`));
  const counts = [...byEngine].map(([name, all]) => `${name} ${count(all)}`);
  const total = `Of ${rows.size} rows are whole: ${counts.join(', ')}, workerd ${rows.size - Object.values(workerd.less).flatMap((one) => Object.keys(one)).length} (${workerd.version}).\n`;
  return [header, total, ...sections].join('\n');
}

function of(all: readonly Finding[], group: string, row: string): readonly Finding[] {
  return all.filter((one) => one.group === group && one.row === row);
}

export function verdictOf(checks: readonly Finding[]): Verdict {
  const failed = checks.filter(({ ok }) => !ok);
  const word = failed.length === 0 ? 'yes' : failed.length === checks.length ? 'no' : 'partly';
  return { word, checks: failed.map(({ check }) => check).join(', ') };
}

function count(all: readonly Finding[]): number {
  const rows = Map.groupBy(all, ({ group, row }) => `${group}/${row}`);
  return [...rows.values()].filter((checks) => verdictOf(checks).word === 'yes').length;
}

function shown(checks: readonly Finding[]): string {
  const verdict = verdictOf(checks);
  if (verdict.word === 'yes') return 'yes';
  // Sentences that differ in what was asked for say the same.
  const words = new Map(checks.filter(({ ok }) => !ok).map((one) => [said(one).replace(/".*?"/g, ''), said(one)]));
  return `${shownVerdict(verdict)}: ${cell([...words.values()].join('; '))}`;
}

/** What a program is told, or what it gets. The functions of the engine in which it ended are of no use. */
export function said({ error, got }: Finding): string {
  return error?.replace(/ in function .*/, '') ?? `it gives ${got}`;
}

function shownVerdict({ word, checks }: Verdict): string {
  return word === 'partly' ? `partly, not ${cell(checks)}` : word;
}

const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ')
    .replace(/127\.0\.0\.1:\d+/g, '…');

export const workerdFindings = (): Workerd => JSON.parse(readFileSync(kept, 'utf8'));

function lessOf(all: readonly Finding[]): Workerd['less'] {
  const less: Record<string, Record<string, Verdict>> = {};
  for (const [group, rows] of Map.groupBy(all, (one) => one.group)) {
    for (const [row, checks] of Map.groupBy(rows, (one) => one.row)) {
      const verdict = verdictOf(checks);
      if (verdict.word === 'yes') continue;
      less[group] ??= {};
      less[group][row] = verdict;
    }
  }
  return less;
}

if (import.meta.main) {
  const [flag, binary] = process.argv.slice(2);
  if (flag === '--workerd' && binary) {
    const { version, all } = await findingsOfWorkerd(binary);
    writeFileSync(kept, `${JSON.stringify({ version, less: lessOf(all) }, null, 2)}\n`);
  }
  const found = await findings(engines);
  writeFileSync(file, pageOf(found, workerdFindings()));
  for (const [name, all] of found) {
    for (const { ok, row, check, got, error } of all)
      if (!ok) console.log(`${name}: ${row}, ${check}: ${error ?? got}`);
  }
}
