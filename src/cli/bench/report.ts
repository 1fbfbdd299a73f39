// The report of `mayfly bench --report`: one HTML page with its charts as SVG, which needs no network and no script.
import { escaped } from '../../telemetry/escaped.ts';
import type { Cost } from './cost.ts';
import { Latencies } from './latencies.ts';
import type { LoadResult, Second } from './load.ts';
import type { Measured } from './measure.ts';
import { countText, figuresOf, sizeText, timeText } from './text.ts';

const WIDTH = 720;
const HEIGHT = 180;
const LEFT = 64;
const BOTTOM = 24;
const RANGES = 40;

export interface Report {
  readonly title: string;
  /** How it was measured, in words. */
  readonly how: string;
  readonly machine: string;
  readonly measured: readonly Measured[];
}

export function reportOf({ title, how, machine, measured }: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(how)}</p>
<p>${escaped(machine)}</p>
${measured.map(sectionOf).join('\n')}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c1e21, #e6e8ea); --paper: light-dark(#fff, #16181b); --line: light-dark(#d8dbe0, #34383d);
  --one: light-dark(#0a66c2, #6db3ff); --two: light-dark(#c2410c, #ff9d6b); --soft: light-dark(#5b6470, #9aa3ad); }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 760px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 24px; } h2 { font-size: 18px; margin-top: 40px; overflow-wrap: anywhere; } h3 { font-size: 15px; margin: 24px 0 4px; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: right; padding: 3px 8px; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
td:first-child, th:first-child { text-align: left; } th { color: var(--soft); font-weight: 500; }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
.axis { stroke: var(--line); } .one { fill: none; stroke: var(--one); stroke-width: 2; } .two { fill: none; stroke: var(--two); stroke-width: 2; }
.bar { fill: var(--one); } .key-one { color: var(--one); } .key-two { color: var(--two); }
`;

function sectionOf({ url, component, firstUs, load, cost }: Measured): string {
  const { requestsPerSecond, latencies, failures } = figuresOf(load);
  const rows: [string, string][] = [
    ['requests', countText(load.requests)],
    ['a second', countText(requestsPerSecond)],
    ['failed', countText(failures)],
    ['bodies', sizeText(load.bytes)],
    ...(firstUs === undefined ? [] : [['first request, alone', timeText(firstUs)] as [string, string]]),
    ...Object.entries(latencies).map(([name, us]): [string, string] => [name, timeText(us)]),
  ];
  const errors = Object.entries(load.errors).map(([reason, count]): [string, string] => [reason, countText(count)]);
  return `<section>
<h2>${escaped(url)}${component === undefined ? '' : ` (${escaped(component)})`}</h2>
${table(rows)}
${errors.length > 0 ? `<h3>Without an answer</h3>${table(errors)}` : ''}
<h3>Requests in each second</h3>
${lines(load.seconds, [['one', ({ requests }) => requests]], countText)}
<h3>Latency in each second: <span class="key-one">median</span> and <span class="key-two">99th percentile</span></h3>
${lines(
  load.seconds,
  [
    ['two', ({ p99 }) => p99],
    ['one', ({ p50 }) => p50],
  ],
  timeText,
)}
<h3>How long requests took</h3>
${distribution(load)}
${cost ? costOf(cost) : ''}
</section>`;
}

function costOf({ cpu, stages, hostCalls, sandboxes, memoryBytes, residentBytes }: Cost): string {
  const rows = stages.map(({ name, microseconds }): [string, string] => [name, timeText(microseconds)]);
  return `<h3>CPU time of a request: ${timeText(cpu)}</h3>
${table(rows)}
${bars(stages.map(({ name, microseconds }) => ({ name, value: microseconds, label: timeText(microseconds) })))}
<p>A sandbox for each request: ${countText(sandboxes.reset)} put back by ${escaped(sandboxes.strategy)}, ${countText(sandboxes.made)} made, ${countText(sandboxes.thrownAway)} thrown away.
${hostCalls.toFixed(1)} host calls a request. Memory: ${sizeText(memoryBytes)} in the largest guest, ${sizeText(residentBytes)} the process.</p>`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  return `<table>${rows.map(([name, value]) => `<tr><td>${escaped(name)}</td><td>${escaped(value)}</td></tr>`).join('')}</table>`;
}

type Line = readonly [style: 'one' | 'two', pick: (second: Second) => number];

function lines(seconds: readonly Second[], drawn: readonly Line[], show: (value: number) => string): string {
  if (seconds.length === 0) return '<p>None.</p>';
  const most = Math.max(1, ...drawn.flatMap(([, pick]) => seconds.map(pick)));
  const x = (index: number): number => LEFT + (index / Math.max(1, seconds.length - 1)) * (WIDTH - LEFT - 8);
  const y = (value: number): number => 8 + (1 - value / most) * (HEIGHT - BOTTOM - 8);
  const paths = drawn.map(([style, pick]) => {
    const points = seconds.map((second, index) => `${x(index).toFixed(1)},${y(pick(second)).toFixed(1)}`);
    // One second alone is a dash.
    if (points.length === 1) points.push(`${WIDTH - 8},${y(pick(seconds[0] as Second)).toFixed(1)}`);
    return `<polyline class="${style}" points="${points.join(' ')}"/>`;
  });
  const marks = [0, 0.5, 1].map((part) => {
    const at = y(most * part).toFixed(1);
    return `<line class="axis" x1="${LEFT}" x2="${WIDTH - 8}" y1="${at}" y2="${at}"/><text x="${LEFT - 8}" y="${Number(at) + 4}" text-anchor="end">${escaped(show(most * part))}</text>`;
  });
  const ends = `<text x="${LEFT}" y="${HEIGHT - 6}">1 s</text><text x="${WIDTH - 8}" y="${HEIGHT - 6}" text-anchor="end">${seconds.length} s</text>`;
  return svg(HEIGHT, marks.join('') + paths.join('') + ends);
}

function distribution(load: LoadResult): string {
  const ranges = Latencies.of(load.latencies).ranges(RANGES);
  if (ranges.length === 0) return '<p>None.</p>';
  const most = Math.max(...ranges.map(({ count }) => count));
  const width = (WIDTH - LEFT - 8) / ranges.length;
  const drawn = ranges.map(({ count, from, to }, index) => {
    const height = (count / most) * (HEIGHT - BOTTOM - 8);
    const title = `${timeText(from)} to ${timeText(to)}: ${countText(count)}`;
    return `<rect class="bar" x="${(LEFT + index * width).toFixed(1)}" y="${(HEIGHT - BOTTOM - height).toFixed(1)}" width="${(width - 1).toFixed(1)}" height="${height.toFixed(1)}"><title>${escaped(title)}</title></rect>`;
  });
  const marks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = Math.min(ranges.length - 1, Math.round(part * (ranges.length - 1)));
    const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle';
    return `<text x="${(LEFT + (at + part) * width).toFixed(1)}" y="${HEIGHT - 6}" text-anchor="${anchor}">${escaped(timeText(part === 1 ? ranges[at]!.to : ranges[at]!.from))}</text>`;
  });
  return svg(HEIGHT, drawn.join('') + marks.join(''));
}

function bars(rows: readonly { readonly name: string; readonly value: number; readonly label: string }[]): string {
  const most = Math.max(1e-9, ...rows.map(({ value }) => value));
  const [left, row] = [210, 24];
  const drawn = rows.map(({ name, value, label }, index) => {
    const width = (value / most) * (WIDTH - left - 80);
    return `<text x="${left - 8}" y="${index * row + 16}" text-anchor="end">${escaped(name)}</text><rect class="bar" x="${left}" y="${index * row + 4}" width="${width.toFixed(1)}" height="16"/><text x="${(left + width + 6).toFixed(1)}" y="${index * row + 16}">${escaped(label)}</text>`;
  });
  return svg(rows.length * row, drawn.join(''));
}

function svg(height: number, inside: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img">${inside}</svg>`;
}
