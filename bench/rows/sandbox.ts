// `sandbox`: a request in a fresh sandbox, in process, without a socket: the price of isolation itself.
import { detectResetStrategies, type ResetStrategies } from '../../src/sandbox/memory/reset-strategies.ts';
import type { Latencies, SandboxConfig, SandboxInput, SandboxRound } from '../programs/sandbox.ts';
import { type BenchOptions, type Figures, type Row, type RowResult, wants } from '../row.ts';
import { type HandlerGuest, handlerGuest } from '../support/guests.ts';
import { MeasuredProcess } from '../support/measured-process.ts';
import { median, round, show } from '../support/statistics.ts';

type Variant = 'scan' | 'madvise' | 'copy' | 'fresh' | 'kept' | 'no_checks';
type Running = MeasuredProcess<SandboxInput, SandboxRound | Latencies>;

interface Measured {
  readonly variant: Variant;
  readonly cpuUs: number;
  readonly wallUs: number;
  readonly latencies: Latencies;
}

const guestNames = ['compiled', 'javascript', 'composed'];

/** A request takes from ten microseconds to ten milliseconds, by guest and variant: a round ends with either limit. */
const ROUND_MS = 4_000;
const roundRequests: Record<string, number> = { compiled: 25_000, composed: 20_000, javascript: 1_500 };

const labels: Record<Variant, string> = {
  scan: 'reset: scan',
  madvise: 'reset: madvise',
  copy: 'reset: copy',
  fresh: 'fresh instance from the image, thrown away',
  kept: "kept: the guest's own time",
  no_checks: 'reset as chosen, code without interrupt checks',
};

export const sandbox: Row = {
  name: 'sandbox',
  title: 'A request in a sandbox of its own, in process',
  async run(options) {
    const results: RowResult[] = [];
    for (const name of guestNames.filter((one) => wants(options, one))) {
      const guest = await handlerGuest(name);
      results.push(guest ? await measureGuest(guest, options) : missing(name));
    }
    return {
      tables: results.flatMap(({ tables }) => tables),
      figures: Object.assign({}, ...results.map(({ figures }) => figures)),
      notes: ['CPU is that of all threads, the garbage collector included.', ...results.flatMap(({ notes }) => notes)],
    };
  },
};

function missing(name: string): RowResult {
  return { tables: [], figures: {}, notes: [`${name}: missing, test/guests has no such component`] };
}

async function measureGuest(guest: HandlerGuest, options: BenchOptions): Promise<RowResult> {
  const { available, chosen } = detectResetStrategies();
  const strategies = available.filter((one) => one.available).map(({ name }) => name);
  const variants: Variant[] = [...strategies, 'fresh', 'kept', 'no_checks'];
  const running = new Map<Variant, Running>();
  try {
    for (const variant of variants) running.set(variant, await start(guest, variant));
    const measured = await measureAll(guest.name, running, options);
    return {
      tables: [table(guest, measured)],
      figures: { [guest.name]: figuresOf(measured, chosen) },
      notes: notesOn(guest, available),
    };
  } finally {
    for (const process of running.values()) await process.stop();
  }
}

function notesOn({ name, reusable }: HandlerGuest, strategies: ResetStrategies['available']): string[] {
  const missing = strategies.filter((one) => !one.available).map((one) => `${one.name}: not available, ${one.reason}`);
  if (reusable) return missing;
  return [...missing, `${name}: its instance answers once, so "kept" is put back by hand, off the clock.`];
}

function start({ file, path, answer, reusable }: HandlerGuest, variant: Variant): Promise<Running> {
  const { reset, reuse } = ways(variant, reusable);
  const config: SandboxConfig = { file, path, answer, reset, reuse, interruptible: variant !== 'no_checks' };
  return MeasuredProcess.start('sandbox', config);
}

function ways(variant: Variant, reusable: boolean): Pick<SandboxConfig, 'reset' | 'reuse'> {
  switch (variant) {
    case 'fresh':
      return { reset: 'auto', reuse: 'fresh' };
    case 'kept':
      return { reset: 'copy', reuse: reusable ? 'kept' : 'restored' };
    case 'no_checks':
      return { reset: 'auto', reuse: 'reset' };
    default:
      return { reset: variant, reuse: 'reset' };
  }
}

async function measureAll(
  guest: string,
  running: ReadonlyMap<Variant, Running>,
  { rounds, quick, say }: BenchOptions,
): Promise<Measured[]> {
  const requests = quick ? 20 : (roundRequests[guest] as number);
  const input: SandboxInput = { kind: 'round', requests, milliseconds: ROUND_MS };
  const taken = new Map<Variant, SandboxRound[]>();
  for (let number = 0; number <= rounds; number++) {
    say(`sandbox ${guest}: ${number === 0 ? 'warming up' : `round ${number} of ${rounds}`}`);
    for (const [variant, process] of running) {
      const one = (await process.measure(input)) as SandboxRound;
      if (number > 0) taken.set(variant, [...(taken.get(variant) ?? []), one]);
    }
  }
  const measured: Measured[] = [];
  for (const [variant, process] of running) {
    const all = taken.get(variant) ?? [];
    const latencies = (await process.measure({ kind: 'latencies' })) as Latencies;
    const cpuUs = median(all.map((one) => one.cpuUs));
    measured.push({ variant, cpuUs, wallUs: median(all.map((one) => one.wallUs)), latencies });
  }
  return measured;
}

function table({ name, file }: HandlerGuest, measured: readonly Measured[]): RowResult['tables'][number] {
  const kept = measured.find(({ variant }) => variant === 'kept')?.cpuUs ?? Number.NaN;
  return {
    title: `sandbox, ${name} (${file.split('/').at(-1)}), microseconds a request`,
    columns: ['', 'CPU', 'over kept', 'wall', 'p50', 'p99', 'p99.9', 'max', 'requests'],
    rows: measured.map(({ variant, cpuUs, wallUs, latencies: { p50Us, p99Us, p999Us, maximumUs, requests } }) => [
      labels[variant],
      ...[cpuUs, cpuUs - kept, wallUs, p50Us, p99Us, p999Us, maximumUs].map(show),
      requests.toLocaleString('en'),
    ]),
  };
}

/** The figures of the strategy that the product takes here stand on top; each variant has its own below. */
function figuresOf(measured: readonly Measured[], chosen: string): Figures {
  const each = Object.fromEntries(measured.map((one) => [one.variant, variantFigures(one)]));
  const kept = measured.find(({ variant }) => variant === 'kept') as Measured;
  return { ...each[chosen], reset: chosen, kept_cpu_us: round(kept.cpuUs), ...each };
}

function variantFigures({ cpuUs, wallUs, latencies }: Measured): Figures {
  const { p50Us, p99Us, p999Us, maximumUs, requests } = latencies;
  return {
    cpu_us: round(cpuUs),
    wall_us: round(wallUs),
    p50_us: round(p50Us),
    p99_us: round(p99Us),
    p999_us: round(p999Us),
    max_us: round(maximumUs),
    requests,
  };
}
