// What `mayfly bench` prints: numbers, a histogram, and what a request cost. Nothing here writes.
import { printable } from '../../telemetry/printable.ts';
import type { Cost } from './cost.ts';
import { Latencies } from './latencies.ts';
import { failuresOf, type LoadResult, type Second } from './load.ts';
import type { Measured } from './measure.ts';

const PERCENTILES = [0.5, 0.75, 0.9, 0.99, 0.999, 0.9999] as const;
const ROWS = 12;
const BAR = 40;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** The figures of a load, as they stand in the text, in JSON and in the report. */
export interface Figures {
  readonly requestsPerSecond: number;
  /** Microseconds by percentile, such as `p99`, and `mean` and `slowest`. */
  readonly latencies: Readonly<Record<string, number>>;
  readonly failures: number;
}

export function figuresOf(load: LoadResult): Figures {
  const latencies = Latencies.of(load.latencies);
  const shares = PERCENTILES.map((share) => [`p${Number((share * 100).toFixed(2))}`, latencies.percentile(share)]);
  return {
    requestsPerSecond: load.milliseconds > 0 ? (load.requests * 1000) / load.milliseconds : 0,
    latencies: { ...Object.fromEntries(shares), slowest: latencies.percentile(1), mean: latencies.mean },
    failures: failuresOf(load),
  };
}

export function textOf({ url, component, firstUs, load, cost }: Measured): string[] {
  const { requestsPerSecond, latencies, failures } = figuresOf(load);
  const bytes = `${sizeText(load.bytes)} of bodies, ${sizeText((load.bytes * 1000) / Math.max(1, load.milliseconds))}/s`;
  const lines = [
    component === undefined ? url : `${url}  (${component})`,
    '',
    `  ${countText(load.requests)} requests in ${(load.milliseconds / 1000).toFixed(1)} s: ${countText(requestsPerSecond)} a second; ${bytes}`,
    `  ${classesOf(load.statuses) || 'no answers'}${failures > 0 ? `; ${countText(failures)} failed` : ''}`,
  ];
  for (const [reason, count] of Object.entries(load.errors))
    lines.push(`  ${countText(count)} without an answer: ${reason}`);
  if (load.unsent > 0) lines.push(`  ${countText(load.unsent)} were due and not sent: the server was behind`);
  if (firstUs !== undefined) lines.push(`  first request, alone: ${timeText(firstUs)}`);
  if (load.requests === 0) return lines;
  lines.push('', ...columns(Object.entries(latencies).map(([name, us]) => [name, timeText(us)])));
  lines.push('', ...histogram(load));
  if (cost) lines.push('', ...costText(cost));
  if (cost?.failure !== undefined && failures > 0) lines.push(`  The first that failed: ${printable(cost.failure)}`);
  return lines;
}

function columns(pairs: readonly (readonly [string, string])[]): string[] {
  const widths = pairs.map(([name, value]) => Math.max(name.length, value.length));
  const line = (pick: 0 | 1): string =>
    `  ${pairs.map((pair, index) => pair[pick].padStart(widths[index] ?? 0)).join('  ')}`;
  return [line(0), line(1)];
}

function histogram(load: LoadResult): string[] {
  const ranges = Latencies.of(load.latencies).ranges(ROWS);
  const most = Math.max(...ranges.map(({ count }) => count));
  const names = ranges.map(({ to }, index) => (index === ranges.length - 1 ? 'more' : `to ${timeText(to)}`));
  const width = Math.max(...names.map((name) => name.length));
  return ranges.map(({ count }, index) => {
    const share = `${((count / load.requests) * 100).toFixed(1)} %`;
    return `  ${names[index]?.padStart(width)}  ${bar(count / most).padEnd(BAR)}  ${share.padStart(7)}`;
  });
}

/** A bar for a part of 1, in eighths of a character. */
function bar(part: number, width = BAR): string {
  const eighths = Math.round(part * width * 8);
  const rest = EIGHTHS[eighths % 8] as string;
  const full = '█'.repeat(Math.floor(eighths / 8));
  return part > 0 && full + rest === '' ? '▏' : full + rest;
}

/** How the percentiles are to be read. */
export function noteText(rate: number | undefined): string {
  return rate === undefined
    ? 'Each connection asks again when it has its answer, so that a server which stalls is asked less meanwhile.\nWith --rate the requests come at fixed times, and a stall counts for all that were due in it.'
    : 'The time of a request counts from when it was due.';
}

function costText({ cpu, stages, hostCalls, sandboxes, memoryBytes, residentBytes }: Cost): string[] {
  const width = Math.max(...stages.map(({ name }) => name.length));
  const rows = stages.map(
    ({ name, microseconds }) =>
      `    ${name.padEnd(width)}  ${timeText(microseconds).padStart(8)}  ${bar(cpu === 0 ? 0 : microseconds / cpu)}`,
  );
  const { reset, made, thrownAway, strategy, once, queued, queuedMs } = sandboxes;
  const waited =
    queued > 0 ? [`  ${countText(queued)} requests waited for a sandbox, ${queuedMs.toFixed(1)} ms each`] : [];
  return [
    `  A request took ${timeText(cpu)} of CPU time:`,
    ...rows,
    `  Sandboxes: one for each request; ${countText(reset)} put back by ${strategy}, ${countText(made)} made, ${countText(thrownAway)} thrown away`,
    ...Object.entries(once).map(([id, why]) => `  "${id}" is initialised for each request: ${why}`),
    ...waited,
    `  ${hostCalls.toFixed(1)} host calls a request; memory: ${sizeText(memoryBytes)} in the largest guest, ${sizeText(residentBytes)} the process`,
  ];
}

export function comparisonText([one, other]: readonly [Measured, Measured]): string[] {
  const [a, b] = [figuresOf(one.load), figuresOf(other.load)];
  const rows = [
    [
      'requests a second',
      countText(a.requestsPerSecond),
      countText(b.requestsPerSecond),
      a.requestsPerSecond / b.requestsPerSecond,
    ],
    ...Object.keys(a.latencies).map((name) => {
      const [x, y] = [a.latencies[name] ?? 0, b.latencies[name] ?? 0];
      return [name, timeText(x), timeText(y), x / y] as const;
    }),
  ] as const;
  const cells = rows.map(
    ([name, x, y, ratio]) => [name, x, y, Number.isFinite(ratio) ? ratio.toFixed(2) : '–'] as const,
  );
  const all = [['', one.url, other.url, 'ratio'] as const, ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => String(row[column]).length)));
  return all.map(
    (row) =>
      `  ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ')}`,
  );
}

/** Status classes with their counts. */
function classesOf(statuses: LoadResult['statuses']): string {
  const classes = new Map<string, number>();
  for (const [status, count] of Object.entries(statuses)) {
    const name = `${status[0]}xx`;
    classes.set(name, (classes.get(name) ?? 0) + count);
  }
  return [...classes].map(([name, count]) => `${name}: ${countText(count)}`).join(', ');
}

/** The lines that move on a terminal while a load is under way. */
export function liveText(done: number, second: Second | undefined): string[] {
  const percent = `${Math.floor(Math.min(1, done) * 100)} %`.padStart(5);
  const lines = [`  ${bar(Math.min(1, done)).padEnd(BAR, '·')} ${percent}`];
  if (!second) return lines;
  const { requests, p50, p99, slowest, failures } = second;
  const failed = failures > 0 ? `, ${countText(failures)} failed` : '';
  return [
    ...lines,
    `  ${countText(requests)} in the last second${failed}; p50 ${timeText(p50)}, p99 ${timeText(p99)}, slowest ${timeText(slowest)}`,
  ];
}

export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** A time of so many microseconds with three digits. */
export function timeText(microseconds: number): string {
  if (microseconds === 0) return '0';
  if (microseconds < 1_000) return `${digits(microseconds)} µs`;
  if (microseconds < 1_000_000) return `${digits(microseconds / 1_000)} ms`;
  return `${digits(microseconds / 1_000_000)} s`;
}

export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${digits(bytes / 1024 ** power)} ${units[power - 1]}`;
}

function digits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
