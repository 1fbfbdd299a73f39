// `compute`: kernels from the same C source, native, in Mayfly with and without interrupt checks, and in wasmtime.
import type { ComputeConfig, ComputeInput, ComputeRound } from '../programs/compute.ts';
import { type BenchOptions, type Figures, type Row, wants } from '../row.ts';
import { run } from '../support/commands.ts';
import { componentFile, kernelNames } from '../support/guests.ts';
import { compiler, kernelSize, nativeKernel } from '../support/kernels.ts';
import { MeasuredProcess } from '../support/measured-process.ts';
import { wasmtime } from '../support/peers.ts';
import { geometricMean, median, show } from '../support/statistics.ts';
import { compileForWasmtime, WasmtimeKernel } from '../support/wasmtime-kernel.ts';

/** Long enough that V8 has optimised everything that it will. */
const WARM_UP_TIMES = 30;
const ROUND_TIMES = 5;

interface Contestant {
  readonly name: 'native' | 'mayfly' | 'unchecked' | 'wasmtime';
  /** The fastest of so many runs. */
  measure(times: number): Promise<ComputeRound>;
  stop(): Promise<void>;
}

/** Milliseconds by contestant; NaN for one that is missing. */
type Times = Record<Contestant['name'], number>;

export const compute: Row = {
  name: 'compute',
  title: 'Compute kernels from the same C source',
  async run(options) {
    const kernels = new Map<string, Times>();
    for (const name of kernelNames().filter((one) => wants(options, one))) {
      options.say(`compute: ${name}`);
      kernels.set(name, await measureKernel(name, options));
    }
    return { tables: [table(kernels)], figures: figuresOf(kernels), notes: notes() };
  },
};

function notes(): string[] {
  const texts = ['Milliseconds of the fastest run of a round; medians over the rounds. Ratios are to native.'];
  if (!compiler) texts.push('native: missing, there is no C compiler');
  if (wasmtime()) texts.push('wasmtime: a process for each run; the time that it takes for size 1 is subtracted.');
  else texts.push('wasmtime: missing, install it with --install-peers');
  return texts;
}

async function measureKernel(name: string, { rounds, quick }: BenchOptions): Promise<Times> {
  const contestants = await contestantsFor(name);
  const taken = new Map<string, number[]>();
  const checksums = new Set<number>();
  try {
    for (const one of contestants) await one.measure(quick ? 1 : WARM_UP_TIMES);
    for (let number = 1; number <= rounds; number++) {
      for (const one of contestants) {
        const { nanoseconds, checksum } = await one.measure(quick ? 1 : ROUND_TIMES);
        checksums.add(checksum);
        taken.set(one.name, [...(taken.get(one.name) ?? []), nanoseconds / 1_000_000]);
      }
    }
  } finally {
    for (const one of contestants) await one.stop();
  }
  if (checksums.size > 1) throw new Error(`${name}: the results differ: ${[...checksums].join(', ')}`);
  const of = (contestant: Contestant['name']): number => median(taken.get(contestant) ?? []);
  return { native: of('native'), mayfly: of('mayfly'), unchecked: of('unchecked'), wasmtime: of('wasmtime') };
}

async function contestantsFor(name: string): Promise<Contestant[]> {
  const file = await componentFile(`kernel-${name}`);
  const size = kernelSize(name);
  const contestants = [await inMayfly('mayfly', { file, size, interruptible: true })];
  contestants.push(await inMayfly('unchecked', { file, size, interruptible: false }));
  const native = await nativeKernel(name);
  if (native) contestants.push({ name: 'native', measure: (times) => runNative(native, size, times), stop: done });
  const wasmtimePath = wasmtime();
  if (wasmtimePath) {
    const kernel = new WasmtimeKernel(wasmtimePath, await compileForWasmtime(wasmtimePath, name, file), size);
    contestants.push({
      name: 'wasmtime',
      measure: (times) => kernel.measure(Math.min(times, ROUND_TIMES)),
      stop: done,
    });
  }
  return contestants;
}

async function done(): Promise<void> {}

async function inMayfly(name: Contestant['name'], config: ComputeConfig): Promise<Contestant> {
  const process = await MeasuredProcess.start<ComputeInput, ComputeRound>('compute', config);
  return { name, measure: (times) => process.measure({ times }), stop: () => process.stop() };
}

async function runNative(program: string, size: number, times: number): Promise<ComputeRound> {
  const [checksum, nanoseconds] = (await run(program, [`${size}`, `${times}`])).stdout.split(' ').map(Number);
  return { checksum: checksum as number, nanoseconds: nanoseconds as number };
}

function means(kernels: ReadonlyMap<string, Times>) {
  const mean = (ratio: (times: Times) => number): number => geometricMean([...kernels.values()].map(ratio));
  return {
    mayfly: mean(({ mayfly, native }) => mayfly / native),
    unchecked: mean(({ unchecked, native }) => unchecked / native),
    wasmtime: mean((times) => times.wasmtime / times.native),
    checks: mean(({ mayfly, unchecked }) => mayfly / unchecked),
  };
}

function table(kernels: ReadonlyMap<string, Times>) {
  const columns = [
    '',
    'native ms',
    'Mayfly ms',
    'without checks',
    'wasmtime',
    'Mayfly',
    'without checks',
    'wasmtime',
    'checks cost',
  ];
  const rows = [...kernels].map(([name, { native, mayfly, unchecked, wasmtime: other }]) => [
    name,
    ...[native, mayfly, unchecked, other, mayfly / native, unchecked / native, other / native].map(show),
    percent(mayfly / unchecked),
  ]);
  const { mayfly, unchecked, wasmtime: other, checks } = means(kernels);
  rows.push(['geometric mean', '', '', '', '', ...[mayfly, unchecked, other].map(show), percent(checks)]);
  return { title: 'compute, times and ratios to native', columns, rows };
}

function percent(ratio: number): string {
  return `${((ratio - 1) * 100).toFixed(1)} %`;
}

function figuresOf(kernels: ReadonlyMap<string, Times>): Figures {
  const entries = [...kernels].map(([name, times]) => [name, rounded({ ...times })] as const);
  const { mayfly, unchecked, wasmtime: other, checks } = means(kernels);
  const ratios = { mayfly_ratio: mayfly, unchecked_ratio: unchecked, wasmtime_ratio: other, checks_ratio: checks };
  return { ...Object.fromEntries(entries), ...rounded(ratios) };
}

function rounded(values: Readonly<Record<string, number>>): Figures {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Number.isNaN(value) ? null : Number(value.toPrecision(4))]),
  );
}
