// Runaways of every kind, alone and many at once, beside a neighbour that asks all the time: each is stopped, the
// neighbour always gets its answer, and it waits no longer than docs/security.md says.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guestPath } from '../../guests/build.ts';
import { endlessCommand, endlessCommands } from '../../support/endless-commands.ts';
import { type AttackedComponent, type AttackedServer, attackedServer, statusOf } from '../attacked-server.ts';
import { startHeartbeat } from '../heartbeat.ts';
import { type HostileOptions, type HostileSuite, Tally } from '../suite.ts';

const SLICE_MS = 200;
/** Paths below components, `*` for each of two equal ones in turn. */
const kinds = [
  ...['loop', 'loop-in-function', 'fill', 'copy', 'burn?ms=600000'].map((path) => `*/${path}`),
  ...endlessCommands,
];
const crowds = [1, 5, 20];
/** A neighbour's longest wait, in slices: its own turn comes after the guest that runs and one that was before it. */
const MOST_SLICES = 3;
/** The machine may be busy with something else: the best of so many tries counts. */
const TRIES = 3;

export const runaways: HostileSuite = {
  name: 'runaways',
  promise: 'A guest that runs on is stopped, and its neighbours wait a slice or two',
  async run(options) {
    const tally = new Tally();
    const notes: string[] = [];
    const limits = [`cpu_slice = "${SLICE_MS}ms"`, 'cpu = "400ms"', 'memory = "16MiB"'];
    const runaway = { source: await guestPath('spin-c'), limits };
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-endless-'));
    const endless: Record<string, AttackedComponent> = {};
    for (const id of endlessCommands) {
      const source = join(folder, `${id}.wasm`);
      await writeFile(source, await endlessCommand(id));
      endless[id] = { source, limits };
    }
    const hello = { source: await guestPath('hello-c') };
    const server = await attackedServer({ runaway, other: runaway, hello, ...endless });
    const end = performance.now() + options.seconds * 1000;
    try {
      for (const count of crowds) {
        for (const kind of kinds) {
          if (performance.now() > end && count > 1 && !kind.endsWith('/loop')) continue;
          await crowd(server, kind, count, tally, notes, options);
        }
      }
    } finally {
      await tally.try('the process lives', () => server.stop());
      await rm(folder, { recursive: true });
    }
    return { counts: tally.counts, notes };
  },
};

async function crowd(
  server: AttackedServer,
  kind: string,
  count: number,
  tally: Tally,
  notes: string[],
  { say }: HostileOptions,
): Promise<void> {
  say(`runaways: ${count} × ${kind}`);
  let longest = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < TRIES && longest > MOST_SLICES * SLICE_MS; turn++) {
    const heartbeat = startHeartbeat(`${server.url}/hello/`);
    const statuses = await Promise.all(
      Array.from({ length: count }, (_, at) =>
        statusOf(`${server.url}/${kind.replace('*', at % 2 ? 'other' : 'runaway')}`),
      ),
    );
    for (const status of statuses)
      tally.add('a runaway gets 504', status === 504 ? undefined : `${kind} got ${status}`);
    await tally.try('its neighbours are answered', async () => {
      const waits = await heartbeat.stop();
      longest = Math.min(longest, waits.longest);
    });
  }
  notes.push(
    `${count} × ${kind}: a neighbour waited ${Math.round(longest)} ms at the most, with slices of ${SLICE_MS} ms`,
  );
  const late = `${count} × ${kind}: a neighbour waited ${Math.round(longest)} ms`;
  tally.add(`neighbours wait ${MOST_SLICES} slices at the most`, longest <= MOST_SLICES * SLICE_MS ? undefined : late);
}
