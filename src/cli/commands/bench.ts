// `mayfly bench`: loads a server, or an app that it starts in a process of its own, and shows how it answers and what a request
// costs.
import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Command } from 'commander';
import { MayflyError, messageOf } from '../../errors.ts';
import { appPath } from '../app-path.ts';
import type { Load, Second } from '../bench/load.ts';
import { type LoadBasics, type LoadOptions, loadOf, MOST_MS, parseTime } from '../bench/load-options.ts';
import { type Means, type Measured, measure, measureInTurns, TURNS } from '../bench/measure.ts';
import { AppProcess, Generator } from '../bench/processes.ts';
import { reportOf } from '../bench/report.ts';
import { sameEnd, targetsOf, urlOf } from '../bench/targets.ts';
import { comparisonText, countText, figuresOf, liveText, noteText, textOf } from '../bench/text.ts';
import { version } from '../installation.ts';
import { collect, collectPair, collectVariable, parseCount } from '../options.ts';
import { LiveLines, print, progress } from '../ui.ts';
import type { UpOptions } from '../up-options.ts';

const ONE_MS = 10_000;
/** For each route of an app that has several. */
const EACH_MS = 3_000;
const LIVE_MS = 100;

interface Options extends LoadOptions {
  readonly duration?: number;
  readonly path?: string;
  readonly json?: boolean;
  readonly compare?: string;
  readonly report?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly variable?: Readonly<Record<string, string>>;
  readonly runtimeConfigFile?: string;
  readonly stateDir: string;
}

export function define(command: Command): void {
  command
    .argument(
      '[target]',
      'URL, or an app as up takes it: manifest, folder, .wasm or source file (default: here, or above)',
    )
    .option('-c, --connections <count>', 'Connections, each with one request at a time', parseCount, 32)
    .option('-d, --duration <time>', 'How long (default: 10s; 3s a route of an app with several)', parseTime)
    .option('-n, --requests <count>', 'End after so many requests', parseCount)
    .option('--rate <count>', 'So many requests a second, whether or not answers come', parseCount)
    .option('-m, --method <name>', 'Method (default: GET, or POST with a body)')
    .option('-H, --header <name: value>', 'Header of each request (may be repeated)', collect)
    .option('-b, --body <text>', 'Body of each request, or @file')
    .option('--path <path>', "Path to ask for, in the place of the URL's own or of the app's routes")
    .option('--timeout <time>', 'How long an answer may take', parseTime, 10_000)
    .option('-k, --insecure', 'Take certificates that nobody signed')
    .option('--compare <url>', 'Ask this server in turns with the first, and show the ratios')
    .option('--report <file>', 'Write an HTML page with charts')
    .option('--json', 'Print the figures as JSON')
    .option('-e, --env <key=value>', 'Environment variable for all components (may be repeated)', collectPair)
    .option('--variable <key=value>', 'Value of an app variable, or KEY=@file (may be repeated)', collectVariable)
    .option('--runtime-config-file <file>', 'Stores, databases, providers of variables and limits of this place')
    .option('--state-dir <folder>', "Where the app's data are kept, as for up (default: in memory)", '')
    .option('--verbose', 'Say more')
    .action(bench);
}

async function bench(given: string | undefined, options: Options): Promise<void> {
  const load = loadOf(options);
  const other = options.compare === undefined ? undefined : urlOf(options.compare, undefined);
  const isUrl = given !== undefined && /^https?:/i.test(given);
  const app = isUrl ? undefined : await startApp(given, options);
  const generator = new Generator();
  let isInterrupted = false;
  const onInterrupt = (): void => {
    isInterrupted = true;
    generator.endEarly();
  };
  process.on('SIGINT', onInterrupt);
  try {
    const targets = app ? targetsOf(app.serving, options.path) : [{ url: urlOf(given ?? '', options.path) }];
    const milliseconds = options.duration ?? (options.requests ? MOST_MS : targets.length > 1 ? EACH_MS : ONE_MS);
    const means: Means = { generator, app, isInterrupted: () => isInterrupted };
    const measured: Measured[] = [];
    const show = (lines: readonly string[]): void => {
      if (!options.json) print(`\n${lines.join('\n')}`);
    };
    if (!options.json) say(options, milliseconds, targets.length);
    for (const target of targets) {
      if (isInterrupted) break;
      const one = { ...load, url: target.url, milliseconds };
      const results = other === undefined ? [await alone(one, means)] : await inTurns(one, other, options, means);
      const [first, second] = results.map((result, at) =>
        at === 0 ? { ...result, component: target.component } : result,
      );
      for (const side of [first, second]) {
        if (!side) continue;
        measured.push(side);
        show(textOf(side));
      }
      if (first && second) show([`In turns, ${TURNS} each:`, '', ...comparisonText([first, second])]);
    }
    show([noteText(options.rate)]);
    const data = { ...settings(load, milliseconds), measured: measured.map(dataOf) };
    if (options.json) print(JSON.stringify(data, undefined, 2));
    if (options.report !== undefined) writeReport(options.report, measured, { load, milliseconds });
    if (measured.every(({ load }) => load.requests === 0)) throw unanswered(measured);
  } finally {
    process.off('SIGINT', onInterrupt);
    generator.stop();
    app?.stop();
  }
}

function alone(load: Load, means: Means): Promise<Measured> {
  return live(load, (told) => measure(load, { ...means, told }));
}

/** The other server is asked for the same path, where its URL has none. */
function inTurns(load: Load, other: string, { path }: Options, means: Means): Promise<readonly Measured[]> {
  const loads = [load, { ...load, url: sameEnd(other, load.url, path) }] as const;
  const both = { ...load, milliseconds: 2 * load.milliseconds, requests: load.requests && 2 * load.requests };
  return live(both, (told) => measureInTurns(loads, { ...means, told }));
}

function say({ connections, rate }: Options, milliseconds: number, targets: number): void {
  const time = milliseconds === MOST_MS ? '' : ` for ${milliseconds / 1000} s${targets > 1 ? ' each' : ''}`;
  const at = rate === undefined ? '' : `, ${countText(rate)} requests a second`;
  print(`${countText(connections)} connections${at}${time}`);
}

/** Shows on a terminal how far a load is. */
async function live<Result>(
  { url, milliseconds, requests }: Load,
  run: (told: (second: Second) => void) => Promise<Result>,
): Promise<Result> {
  const lines = new LiveLines();
  const start = performance.now();
  let last: Second | undefined;
  let answered = 0;
  const timer = setInterval(() => {
    const done = requests === undefined ? (performance.now() - start) / milliseconds : answered / requests;
    lines.show([`  ${url}`, ...liveText(done, last)]);
  }, LIVE_MS);
  const onResize = (): void => lines.clear();
  process.stderr.on('resize', onResize);
  try {
    return await run((second) => {
      last = second;
      answered += second.requests;
    });
  } finally {
    clearInterval(timer);
    process.stderr.off('resize', onResize);
    lines.clear();
  }
}

async function startApp(given: string | undefined, options: Options): Promise<AppProcess> {
  const from = appPath(given);
  if (given !== undefined && !existsSync(given) && /^[\w.-]+:\d+(\/|$)/.test(given)) {
    throw new MayflyError('usage', `"${given}" is no file`, { hint: `A URL begins with its scheme: http://${given}` });
  }
  const { env, variable, runtimeConfigFile, stateDir } = options;
  const up: UpOptions = {
    from,
    listen: '127.0.0.1:0',
    reset: 'auto',
    quiet: true,
    logDir: '',
    stateDir,
    ...(env && { env }),
    ...(variable && { variable }),
    ...(runtimeConfigFile && { runtimeConfigFile }),
  };
  const starting = progress('Starting the app');
  try {
    return await AppProcess.start(up);
  } finally {
    starting.done();
  }
}

function settings(load: LoadBasics, milliseconds: number): object {
  const { connections, requests, rate, method } = load;
  return { mayfly: version(), connections, requests, rate, method, ...(milliseconds < MOST_MS && { milliseconds }) };
}

/** One measurement as data: latencies in microseconds. */
function dataOf({ url, component, firstUs, load, cost }: Measured): object {
  const { latencies: _, seconds, ...counts } = load;
  const { requestsPerSecond, latencies } = figuresOf(load);
  return { url, component, ...counts, requestsPerSecond, firstUs, latencies, seconds, cost };
}

function writeReport(
  file: string,
  measured: readonly Measured[],
  { load, milliseconds }: { load: LoadBasics; milliseconds: number },
): void {
  const { connections, rate, method } = load;
  const at = rate === undefined ? '' : `, ${countText(rate)} requests a second`;
  const time = milliseconds < MOST_MS ? ` for ${milliseconds / 1000} s` : '';
  const page = reportOf({
    title: `Load test of ${new URL(measured[0]?.url ?? 'http://none').host}`,
    how: `${method} over ${countText(connections)} connections${at}${time}; ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    machine: `Mayfly ${version()}, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`,
    measured,
  });
  try {
    writeFileSync(file, page);
  } catch (cause) {
    throw new MayflyError('usage', `Cannot write "${file}": ${messageOf(cause)}`, { cause });
  }
}

function unanswered(measured: readonly Measured[]): MayflyError {
  const reasons = [...new Set(measured.flatMap(({ load }) => Object.keys(load.errors)))].join(', ');
  return new MayflyError('bench-unanswered', `No request had an answer${reasons ? `: ${reasons}` : ''}`);
}
