// Runs guests under a watchdog in a thread of its own, so that one that is not stopped fails its test and no more.
import { parentPort, workerData } from 'node:worker_threads';
import { openPollPages } from './poll-pages.ts';
import { createWatchdog } from './watchdog.ts';

export interface Outcome {
  readonly name: string;
  readonly error: string;
  readonly stopped: boolean;
  readonly elapsedMs: number;
  /** The flag after the guest was left. */
  readonly flag: number;
  /** What a neighbour answered afterwards. */
  readonly neighbour: number;
}

interface Guest {
  readonly call: Record<string, (argument: number) => number>;
  readonly pages: readonly bigint[];
}

const limitMs = 100;
const watchdog = createWatchdog();
const word = new Int32Array(watchdog.flagMemory.buffer);
const module = new WebAssembly.Module(workerData as Uint8Array<ArrayBuffer>);
function instantiate(): Guest {
  const memory0 = new WebAssembly.Memory({ initial: 160, maximum: 160 });
  const { exports } = new WebAssembly.Instance(module, { own: { memory0 }, watch: { flag: watchdog.flagMemory } });
  return { call: exports as Guest['call'], pages: openPollPages([memory0], 160) };
}
const neighbour = instantiate();

function run(name: string, ms = limitMs, argument = 2): Outcome {
  const guest = instantiate();
  const start = performance.now();
  let error = 'none';
  watchdog.enter(ms, guest.pages);
  try {
    guest.call[name]?.(argument);
  } catch (thrown) {
    error = (thrown as Error).message;
  }
  const elapsedMs = performance.now() - start;
  const stopped = watchdog.leave();
  watchdog.enter(limitMs, neighbour.pages);
  const answer = neighbour.call.answer?.(41) ?? 0;
  watchdog.leave();
  return { name, error, stopped, elapsedMs, flag: word[0] ?? 0, neighbour: answer };
}

/** Waits until the optimising compiler, which has threads of its own, has had time to finish. */
async function warmUp(): Promise<void> {
  const names = Object.keys(neighbour.call).filter((name) => name.startsWith('optimised'));
  for (let round = 0; round < 4; round++) {
    for (const name of names) for (let call = 0; call < 1000; call++) neighbour.call[name]?.(20_001);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

await warmUp();
// This loop of some rounds is over before another thread could do anything.
parentPort?.postMessage({ ...run('optimised memory', 0, 101), name: 'spent' });
for (const name of Object.keys(neighbour.call)) parentPort?.postMessage(run(name));
watchdog.close();
