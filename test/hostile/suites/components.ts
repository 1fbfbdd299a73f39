// Components with bytes changed: each loads and answers, or is refused with an error that has a code. Each batch is
// loaded in a process of its own, so that an abort, a hang or a heap without end is seen as such.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type HostileOptions, type HostileSuite, Tally } from '../suite.ts';

/** Milliseconds for one batch; a component that takes longer hangs the loader. */
const BATCH_MS = 60_000;
const BATCH = 40;
const program = join(import.meta.dirname, '../programs/load-mutated.ts');

export const components: HostileSuite = {
  name: 'components',
  promise: 'No bytes of a component break the loader',
  async run(options) {
    const tally = new Tally();
    const end = performance.now() + options.seconds * 1000;
    const outcomes = new Map<string, number>();
    for (let batch = 0; performance.now() < end; batch++) await load(options, batch, tally, outcomes);
    return { counts: tally.counts, notes: [...outcomes].map(([name, count]) => `${name}: ${count}`) };
  },
};

async function load(
  { seed, say }: HostileOptions,
  batch: number,
  tally: Tally,
  outcomes: Map<string, number>,
): Promise<void> {
  if (batch % 10 === 0) say(`components: batch ${batch}`);
  const { lines, end } = await run([`${seed + batch}`, `${BATCH}`]);
  for (const line of lines) {
    const [outcome = '', ...words] = line.split(' ');
    if (outcome === 'next') continue;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    tally.add('a changed component is loaded or refused', outcome === 'wrong' ? words.join(' ') : undefined);
  }
  const last = lines.at(-1) ?? 'nothing';
  tally.add('the process lives', end === undefined ? undefined : `seed ${seed + batch}: ${end} after "${last}"`);
}

/** `end` says how it ended other than well. */
function run(args: readonly string[]): Promise<{ lines: string[]; end: string | undefined }> {
  const child = spawn(process.execPath, ['--no-warnings', '--max-old-space-size=1024', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BATCH_MS,
    killSignal: 'SIGKILL',
  });
  let text = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      const end = code === 0 ? undefined : `it ended with ${signal ?? code} ${errors.slice(0, 300)}`;
      resolve({ lines: text.split('\n').filter(Boolean), end });
    });
  });
}
