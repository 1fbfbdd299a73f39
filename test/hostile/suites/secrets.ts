// Secret hunters: one request leaves a secret wherever a guest can write and ends in one of all ways; the next ones
// look for it wherever a guest can read. Over every reset strategy, in random order, with several requests at once.
import { randomBytes } from 'node:crypto';
import { guestPath } from '../../guests/build.ts';
import { type Random, seeded } from '../../support/random.ts';
import { strategies } from '../../support/strategies.ts';
import { attackedServer } from '../attacked-server.ts';
import { type HostileSuite, Tally } from '../suite.ts';

const endings = [
  '',
  '&grow=3',
  '&then=trap',
  '&then=trap&grow=2',
  '&then=recurse',
  '&then=loop',
  '&then=exhaust',
  '&then=wait',
];
/** Each of these holds up everybody for a slice. */
const rare = new Set(['&then=loop']);
const AT_ONCE = 4;

export const secrets: HostileSuite = {
  name: 'secrets',
  promise: 'No request sees what another one left',
  async run({ seconds, seed, say }) {
    const tally = new Tally();
    const random = seeded(seed);
    for (const reset of strategies) {
      say(`secrets: sandboxes reset by ${reset}`);
      await hunt(reset, seconds / strategies.length, random, tally);
    }
    return { counts: tally.counts, notes: [] };
  },
};

async function hunt(reset: string, seconds: number, random: Random, tally: Tally): Promise<void> {
  const source = await guestPath('secret-c');
  const limits = ['memory = "4MiB"', 'cpu_slice = "100ms"', `concurrency = ${AT_ONCE}`];
  const server = await attackedServer({ secret: { source, limits } }, ['--reset', reset]);
  const end = performance.now() + seconds * 1000;
  try {
    while (performance.now() < end) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => attempt(server.url, pickEnding(random), reset, tally)));
    }
  } finally {
    await tally.try(`${reset}: the process lives, and every reset was exact`, () => server.stop());
  }
}

function pickEnding(random: Random): string {
  const ending = random.pick(endings);
  return rare.has(ending) && !random.once(10) ? '' : ending;
}

async function attempt(url: string, ending: string, reset: string, tally: Tally): Promise<void> {
  const secret = randomBytes(16);
  const kind = `${reset}: search after ${ending === '' ? 'an answer' : ending.slice(1).replaceAll('&', ', ')}`;
  await plant(`${url}/secret/plant?secret=${secret.toString('hex')}${ending}`);
  const inverted = Buffer.from(secret.map((byte) => byte ^ 0xff)).toString('hex');
  for (let turn = 0; turn < 2; turn++) {
    await tally.try(kind, async () => {
      const response = await fetch(`${url}/secret/search?inverted=${inverted}`);
      const text = await response.text();
      if (text !== 'found 0 times\n') throw new Error(`the search answered ${response.status} ${text}`);
    });
  }
}

/** A client that waits for nothing goes away soon. */
async function plant(url: string): Promise<void> {
  const signal = url.includes('wait') ? AbortSignal.timeout(20) : AbortSignal.timeout(60_000);
  await fetch(url, { signal }).then(
    (response) => response.arrayBuffer(),
    () => undefined,
  );
}
