// What the checks cost that let a watchdog stop a guest: `node bench/interrupt-check.ts [--flag] [guest…]`: those of
// this machine, or those where guests cannot poll. Kernels of
// test/guests with and without, in one process, in interleaved rounds. The fastest fifth of the samples is compared:
// what else runs on the machine makes samples slower, never faster, and the CPU time of a thread is counted in ticks.
import { readFile } from 'node:fs/promises';
import { decodeComponent } from '../src/component/binary/decode.ts';
import { readCoreModule } from '../src/component/rewrite/read-core-module.ts';
import { rewriteCoreModule } from '../src/component/rewrite/rewrite-core-module.ts';
import { openPollPages, pollAddress } from '../src/sandbox/interrupt/poll-pages.ts';
import { componentFile, kernelNames } from './support/guests.ts';
import { geometricMean, percentile } from './support/statistics.ts';

const ROUNDS = 41;
/** How long one sample lasts, and how long guests run before the first. */
const SAMPLE_MS = 15;
const WARM_UP_MS = 1_500;

type Run = (size: number) => number;

const byFlag = process.argv.includes('--flag');
const MAXIMUM_PAGES = 4096;

const flag = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

/** The core module that exports `run`; components that are one module and import nothing need no more than that. */
async function coreModule(guest: string): Promise<Uint8Array> {
  const { definitions } = decodeComponent(await readFile(await componentFile(guest)));
  for (const definition of definitions) {
    if (definition.kind !== 'core-module') continue;
    if (readCoreModule(definition.bytes).exports.some(({ name }) => name === 'run')) return definition.bytes;
  }
  throw new Error(`${guest} has no core module that exports "run"`);
}

function instantiate(bytes: Uint8Array, checked: boolean): Run {
  const info = readCoreModule(bytes);
  const interrupt = { module: 'watch', name: 'flag', pollAddress: byFlag ? undefined : pollAddress(MAXIMUM_PAGES) };
  const options = { importMemories: 'own', maximumPages: MAXIMUM_PAGES, ...(checked ? { interrupt } : {}) };
  const module = new WebAssembly.Module(rewriteCoreModule(bytes, info, options));
  const memories = info.memories.map(
    ({ min }) => new WebAssembly.Memory({ initial: Number(min), maximum: MAXIMUM_PAGES }),
  );
  if (checked) openPollPages(memories, MAXIMUM_PAGES);
  const own = Object.fromEntries(memories.map((memory, i) => [`memory${i}`, memory]));
  const { exports } = new WebAssembly.Instance(module, { own, watch: { flag } });
  (exports._initialize as (() => void) | undefined)?.();
  const { run, cabi_post_run: afterwards } = exports as Record<string, ((argument: number) => number) | undefined>;
  if (afterwards === undefined) return run as Run;
  return (size) => {
    const result = (run as Run)(size);
    afterwards(result);
    return result;
  };
}

/**
 * A size at which a run takes some milliseconds, and how many runs make a sample. In shorter runs over the same data
 * the processor learns the branches by heart, which is worth more than what is to be measured.
 */
function calibrate(run: Run): { size: number; times: number } {
  let size = 1;
  for (;;) {
    const start = performance.now();
    run(size);
    const taken = performance.now() - start;
    if (taken >= 2) return { size, times: Math.max(1, Math.round(SAMPLE_MS / taken)) };
    size *= 2;
  }
}

async function measure(guest: string): Promise<number> {
  const bytes = await coreModule(guest);
  const runs = [instantiate(bytes, false), instantiate(bytes, true), instantiate(bytes, false)];
  const { size } = calibrate(runs[0] as Run);
  for (const run of runs) {
    for (const start = performance.now(); performance.now() - start < WARM_UP_MS / 2; ) run(size);
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS / 2)); // the compiler has threads of its own
  }
  const { times } = calibrate(runs[0] as Run);
  const taken = runs.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < runs.length; turn++) {
      const which = (round + turn) % runs.length;
      const start = performance.now();
      for (let time = 0; time < times; time++) (runs[which] as Run)(size);
      taken[which]?.push((performance.now() - start) / times);
    }
  }
  const [plain = 0, checked = 0, again = 0] = taken.map((samples) =>
    percentile(
      samples.sort((a, b) => a - b),
      0.2,
    ),
  );
  const ratio = (2 * checked) / (plain + again);
  const text = [plain, checked].map((ms) => `${(ms * 1000).toFixed(1).padStart(10)} µs`).join('');
  console.log(`${guest.padEnd(20)}${text}${percent(ratio)}  (without, twice: ${percent(again / plain).trim()})`);
  return ratio;
}

function percent(ratio: number): string {
  return `${((ratio - 1) * 100).toFixed(1)} %`.padStart(10);
}

const wanted = process.argv.slice(2).filter((one) => one !== '--flag');
const guests = wanted.length > 0 ? wanted : [...kernelNames().map((name) => `kernel-${name}`), 'compute-js'];
const ratios: number[] = [];
for (const guest of guests) ratios.push(await measure(guest));
console.log(`${'geometric mean'.padEnd(46)}${percent(geometricMean(ratios))}`);
