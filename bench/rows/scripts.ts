// `scripts`: a handler that is a source file, beside the component that a build makes of such a one and what Node itself has: the
// time to load, the first request, later ones, memory, and from an edit to its answer.
import type { ScriptsConfig, ScriptsInput, ScriptsRound, ScriptsStart, Way } from '../programs/scripts.ts';
import { type BenchOptions, type Figures, type Row, type RowResult, wants } from '../row.ts';
import { componentFile } from '../support/guests.ts';
import { MeasuredProcess } from '../support/measured-process.ts';
import { type Edits, measureEdits, measureServed } from '../support/served-programs.ts';
import { median, round, show } from '../support/statistics.ts';

const titles: Readonly<Record<Way, string>> = {
  quickjs: 'program in QuickJS',
  starlingmonkey: 'program in StarlingMonkey',
  component: 'hello-js, a built component',
  vm: 'node:vm, a context for each request: no sandbox',
  worker: 'worker_threads, a thread for each request: no sandbox',
};
const REQUESTS: Readonly<Record<Way, number>> = {
  ...{ quickjs: 2000, starlingmonkey: 1000, component: 1000, vm: 1000, worker: 50 },
};

type Result = ScriptsRound & ScriptsStart;

export const scripts: Row = {
  name: 'scripts',
  title: 'A source file as an app',
  async run(options) {
    const ways = (Object.keys(titles) as Way[]).filter((way) => wants(options, way));
    const component = await componentFile('hello-js');
    const results = new Map<Way, Result[]>(ways.map((way) => [way, []]));
    for (let number = 1; number <= options.rounds; number++) {
      options.say(`scripts: round ${number} of ${options.rounds}`);
      for (const way of ways) results.get(way)?.push(await measure({ way, component }, options));
    }
    const edits = wants(options, 'edits') ? await measureEdits(options) : [];
    const served = wants(options, 'served') ? await measureServed(options) : undefined;
    return report(results, edits, served);
  },
};

async function measure(config: ScriptsConfig, { quick }: BenchOptions): Promise<Result> {
  const process = await MeasuredProcess.start<ScriptsInput, Result>('scripts', config);
  try {
    const requests = quick ? 3 : REQUESTS[config.way];
    await process.measure({ requests: Math.ceil(requests / 4) });
    return await process.measure({ requests });
  } finally {
    await process.stop();
  }
}

function report(
  results: ReadonlyMap<Way, readonly Result[]>,
  edits: readonly Edits[],
  served: RowResult | undefined,
): RowResult {
  const figures: Record<string, Figures> = {};
  const rows = [...results].map(([way, all]) => {
    const of = (pick: (one: Result) => number): number => median(all.map(pick));
    const values = [
      ...[of((one) => one.loadMs), of((one) => one.firstMs), of((one) => one.cpuUs), of((one) => one.wallUs)],
      of((one) => one.rssBytes) / 1024 / 1024,
    ];
    const [load, first, cpu, wall, rss] = values.map(round);
    figures[way] = { load_ms: load!, first_ms: first!, cpu_us: cpu!, wall_us: wall!, rss_mib: rss! };
    return [titles[way], ...values.map(show)];
  });
  const columns = ['', 'load, ms', 'first request, ms', 'a request, CPU µs', 'a request, µs', 'process, MiB'];
  for (const { key, times } of edits)
    figures[`edits_${key}`] = { edit_to_answer_ms: round(median(times)), slowest_ms: round(Math.max(...times)) };
  const notes = [
    'A process for each; `load` is the first of it, with the engine or component prepared and kept nowhere. One request after the other, in process, without sockets.',
    ...edits.map(
      ({ what, times }) =>
        `From a save to the answer of the new code, over HTTP, ${what}: median ${show(median(times))} ms of ${times.length}, the slowest ${show(Math.max(...times))} ms.`,
    ),
    'The contexts and threads of Node run one handler for each request, as sandboxes do, but keep nobody in.',
  ];
  return {
    tables: [{ title: 'scripts', columns, rows }, ...(served?.tables ?? [])],
    figures: { ...figures, ...served?.figures },
    notes: [...notes, ...(served?.notes ?? [])],
  };
}
