// `density`: a thousand small programs in one process: what each takes, and how long an idle one takes to answer.
import type { DensityConfig, DensityInput, DensityResult } from '../programs/density.ts';
import { type Figures, type Row, type RowResult, wants } from '../row.ts';
import { MeasuredProcess } from '../support/measured-process.ts';
import { round, show } from '../support/statistics.ts';

const MIB = 1024 * 1024;
const full = {
  quickjs: { apps: 1000, churn: 2000 },
  // A sandbox takes so many mappings of the process here that a thousand in turn are refused (docs/limits.md).
  starlingmonkey: { apps: 100, churn: 200 },
} as const;
const quick: DensityInput = { apps: 5, churn: 5 };

export const density: Row = {
  name: 'density',
  title: 'A thousand programs in one process',
  async run(options) {
    const results: [string, DensityInput, DensityResult][] = [];
    for (const engine of ['quickjs', 'starlingmonkey'] as const) {
      if (!wants(options, engine)) continue;
      const input = options.quick ? quick : full[engine];
      options.say(`density: ${input.apps} programs in ${engine}`);
      const config: DensityConfig = { engine };
      const process = await MeasuredProcess.start<DensityInput, DensityResult>('density', config);
      try {
        results.push([engine, input, await process.measure(input)]);
      } finally {
        await process.stop();
      }
    }
    return report(results);
  },
};

function report(results: readonly (readonly [string, DensityInput, DensityResult])[]): RowResult {
  const figures: Record<string, Figures> = {};
  const rows = results.map(([engine, { apps }, one]) => {
    const mib = (bytes: number): number => round(bytes / MIB);
    const each = (bytes: number): number => round((bytes - one.oneBytes) / MIB / apps);
    figures[engine] = {
      ...{ apps, load_cpu_ms: round(one.loadCpuMs), load_ms: round(one.loadMs), mappings: one.mappings },
      ...{ loaded_mib: mib(one.loadedBytes), answered_mib: mib(one.answeredBytes), closed_mib: mib(one.closedBytes) },
      ...{ churned_mib: mib(one.churnedBytes), each_loaded_mib: each(one.loadedBytes) },
      ...{ wake_ms: round(one.wakeMs), wake_p99_ms: round(one.wakeP99Ms), second_ms: round(one.secondMs) },
    };
    return [
      engine,
      String(apps),
      ...[one.loadCpuMs, one.loadMs].map(show),
      ...[one.oneBytes, one.loadedBytes, one.answeredBytes, one.closedBytes, one.churnedBytes].map((bytes) =>
        show(bytes / MIB),
      ),
      ...[one.wakeMs, one.wakeP99Ms, one.secondMs].map(show),
    ];
  });
  const columns = [
    ...[
      '',
      'programs',
      'load, CPU ms',
      'load, ms',
      'one program, MiB',
      'all loaded',
      'each answered',
      'all closed',
      'more came and went',
    ],
    ...['first request, ms', 'p99', 'first of a second round'],
  ];
  const notes = [
    'Programs of two lines, each different, by load(); twice as many were loaded, asked and closed after them.',
  ];
  return { tables: [{ title: 'density', columns, rows }], figures, notes };
}
