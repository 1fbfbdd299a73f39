// npm run mutants -- [--part <name> …] [--seed N] [--sample N] [--minutes N] [--file <part of a path>] [--beside] [--list]
// Puts small breaks into a copy of the code, one at a time, and prints what the tests noticed, part by part.
// Exits with 1 when less than nine in ten were noticed in a part.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Random, seeded } from '../support/random.ts';
import { knownSurvivors } from './known-survivors.ts';
import { type Candidate, Workbench } from './mutate.ts';
import { breaksOf } from './operators.ts';
import { type Part, parts } from './parts.ts';

const WANTED = 0.9;

const { values } = parseArgs({
  options: {
    part: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    sample: { type: 'string', default: '40' },
    minutes: { type: 'string', default: '60' },
    file: { type: 'string', default: '' },
    beside: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const names = parts.map(({ name }) => name);
const wrong = values.part?.find((name) => !names.includes(name));
if (wrong !== undefined) {
  console.error(`Unknown part "${wrong}". Parts: ${names.join(', ')}`);
  process.exit(2);
}
const chosen = parts.filter(({ name }) => values.part?.includes(name) ?? true);
const endsAt = performance.now() + Number(values.minutes) * 60_000;
const bench = new Workbench(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), values.beside);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.once('exit', () => bench.close());
if (!(await bench.isSound())) {
  console.error('The tree does not compile as it is: run tsc');
  process.exit(2);
}

const lines: string[] = [];
let isEnough = true;
for (const [index, part] of chosen.entries()) {
  const share = (endsAt - performance.now()) / (chosen.length - index);
  const { tried, noticed } = await runPart(part, performance.now() + share);
  lines.push(`${part.name}: ${noticed} of ${tried} noticed`);
  isEnough &&= noticed >= WANTED * tried;
}
console.log(lines.join('\n'));
process.exitCode = isEnough ? 0 : 1;

async function runPart(part: Part, until: number): Promise<{ tried: number; noticed: number }> {
  const all = candidatesOf(part);
  const sample = mixed(all, seeded(Number(values.seed))).slice(0, Number(values.sample));
  console.log(`${part.name}: ${sample.length} of ${all.length} breaks, seed ${values.seed}`);
  const counts = { tried: 0, noticed: 0 };
  for (const candidate of sample) {
    if (performance.now() > until) {
      console.log('  time is up');
      break;
    }
    const verdict = await bench.try(part, candidate);
    const shown = `${candidate.file}:${candidate.line} ${candidate.change}`;
    if (values.list)
      console.log(`  ${verdict.kind === 'noticed' ? `noticed by ${verdict.by}` : verdict.kind}: ${shown}`);
    else if (verdict.kind === 'survived') console.log(`  survived: ${shown}`);
    if (verdict.kind === 'no program') continue;
    counts.tried++;
    if (verdict.kind === 'noticed') counts.noticed++;
  }
  return counts;
}

function candidatesOf(part: Part): Candidate[] {
  return bench.sources(part).flatMap((file) => {
    if (!file.includes(values.file)) return [];
    const text = readFileSync(join(bench.root, file), 'utf8');
    const found = breaksOf(text).map((one) => ({ ...one, file, change: changeOf(text, one) }));
    const known = new Set(knownSurvivors.filter((one) => one.file === file).map(({ change }) => change));
    for (const change of known) {
      if (!found.some((one) => one.change === change)) console.log(`  not there any more: ${file} ${change}`);
    }
    return found.filter(({ change }) => !known.has(change));
  });
}

/** The line before and after. */
function changeOf(
  text: string,
  { start, end, replacement }: { start: number; end: number; replacement: string },
): string {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const next = text.indexOf('\n', end);
  const to = next < 0 ? text.length : next;
  const before = text.slice(from, to);
  const after = text.slice(from, start) + replacement + text.slice(end, to);
  return `${inOneLine(before)} → ${inOneLine(after)}`;
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** In random order, with each operator in turn: there are more constants than anything else. */
function mixed(candidates: readonly Candidate[], random: Random): Candidate[] {
  const queues = [...Map.groupBy(candidates, ({ operator }) => operator).values()].map((queue) =>
    shuffled(queue, random),
  );
  const result: Candidate[] = [];
  for (let round = 0; result.length < candidates.length; round++) {
    for (const queue of queues) {
      const next = queue[round];
      if (next) result.push(next);
    }
  }
  return result;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  for (let index = left.length - 1; index > 0; index--) {
    const other = random.int(index + 1);
    [left[index], left[other]] = [left[other] as T, left[index] as T];
  }
  return left;
}
