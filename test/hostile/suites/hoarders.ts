// Hoarders and traps of every kind, for as long as the suite may run, while the memory, descriptors, mappings and
// threads of the process are watched: what a request took is free after it.
import { guestPath } from '../../guests/build.ts';
import type { ProcessState } from '../../support/process-figures.ts';
import { seeded } from '../../support/random.ts';
import { type AttackedServer, attackedServer, statusOf } from '../attacked-server.ts';
import { startHeartbeat } from '../heartbeat.ts';
import { type HostileSuite, Tally } from '../suite.ts';

/** Paths below `/<component>/`, with the statuses that they may end with. */
const attacks: Readonly<Record<string, readonly number[]>> = {
  'hoard/pollables?count=200000': [500],
  'hoard/fields?count=200000&bytes=60000': [500],
  'hoard/entries?count=100000': [500],
  'hoard/bodies?count=10000&bytes=60000': [200, 500],
  'hoard/lines?count=100000': [200, 500],
  'hoard/poll?count=1000000': [200, 500],
  'hoard/from-list?count=1000000': [200, 500],
  'hoard/take?handle=7': [500],
  'hoard/ring': [200, 500, 502],
  'alloc/keep?kib=14000': [200],
  'alloc/exhaust': [200],
  'spin/unreachable': [500],
  'spin/indirect': [500],
  'spin/out-of-bounds': [500],
  'spin/recurse': [500],
  'spin/deep': [500],
  'spin/touch?pages=200': [200, 500],
};

type Watched = 'residentBytes' | 'files' | 'mappings' | 'threads';
/** What may come on top between the first third of the time and its end and still count as flat. */
const tolerance: Readonly<Record<Watched, { readonly share: number; readonly absolute: number }>> = {
  residentBytes: { share: 0.15, absolute: 64 * 2 ** 20 },
  files: { share: 0, absolute: 4 },
  mappings: { share: 0.1, absolute: 200 },
  threads: { share: 0, absolute: 1 },
};

/**
 * Less says nothing of growth: memory and mappings of discarded sandboxes come and go with the collector, and a slow machine is
 * still on its way to its plateau.
 */
const LEAST_SECONDS = 60;

export const hoarders: HostileSuite = {
  name: 'hoarders',
  promise: 'A guest holds no more than its limits, and nothing after its request',
  async run({ seconds, seed, say }) {
    const tally = new Tally();
    const random = seeded(seed);
    const limits = ['memory = "16MiB"', 'cpu_slice = "500ms"', 'cpu = "1s"'];
    const server = await attackedServer({
      hoard: { source: await guestPath('hoard-c'), limits, allowedHosts: ['http://hoard.spin.internal'] },
      alloc: { source: await guestPath('alloc-c'), limits },
      spin: { source: await guestPath('spin-c'), limits },
      hello: { source: await guestPath('hello-c') },
    });
    const heartbeat = startHeartbeat(`${server.url}/hello/`);
    const states: ProcessState[] = [];
    const end = performance.now() + Math.max(LEAST_SECONDS, seconds) * 1000;
    try {
      say('hoarders: all of them, twice each at once');
      while (performance.now() < end) {
        const path = random.pick(Object.keys(attacks));
        await Promise.all([attack(server, path, tally), attack(server, path, tally)]);
        states.push(server.state());
      }
      await tally.try('their neighbours are answered', async () => void (await heartbeat.stop()));
      checkGrowth(states, tally);
    } finally {
      await tally.try('the process lives, and every reset was exact', () => server.stop());
    }
    const peak = Math.round(Math.max(...states.map(({ peakBytes }) => peakBytes)) / 2 ** 20);
    return { counts: tally.counts, notes: [`the process took ${peak} MiB at the most`] };
  },
};

async function attack({ url }: AttackedServer, path: string, tally: Tally): Promise<void> {
  await tally.try(`${path.split('?')[0]} ends as it should`, async () => {
    const status = await statusOf(`${url}/${path}`);
    if (!attacks[path]?.includes(status)) throw new Error(`${path} got ${status}`);
  });
}

function checkGrowth(states: readonly ProcessState[], tally: Tally): void {
  const third = Math.floor(states.length / 3);
  const middle = (from: number, name: Watched): number => {
    const sorted = states
      .slice(from, from + third)
      .map((state) => state[name])
      .sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  };
  for (const [name, { share, absolute }] of Object.entries(tolerance) as [Watched, (typeof tolerance)[Watched]][]) {
    const [early, late] = [middle(third, name), middle(2 * third, name)];
    const flat = late - early <= Math.max(absolute, early * share);
    tally.add(`${name} stay flat`, flat ? undefined : `${name} went from ${early} to ${late}`);
  }
}
