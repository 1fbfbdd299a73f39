// Every guest that answers HTTP gets random requests, several at a time, and after each one its sandbox is compared with
// its image: by the mode that compares everything, with each reset strategy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guests } from '../guests/guests.ts';
import { seeded } from '../support/random.ts';
import { sandboxApp } from '../support/sandbox-app.ts';
import { strategies } from '../support/strategies.ts';

const paths = [
  ...['', 'hello', 'counter', 'echo', 'hash', 'keep?kib=64', 'keep?kib=4000', 'churn?times=300', 'exhaust'],
  ...['grow?pages=3', 'touch?pages=2', 'unreachable', 'indirect', 'out-of-bounds', 'deep', 'recurse', 'burn?ms=2'],
  ...[
    'pollables?count=20',
    'pollables?count=2000',
    'fields?count=5&bytes=500',
    'bodies?count=3&bytes=100',
    'poll?count=9',
  ],
  ...['leave?value=x', 'take?handle=1', 'wait?ms=2', 'lines?count=3', 'forward?url=http://nowhere.invalid/', 'ring'],
  'plant?secret=000102030405060708090a0b0c0d0e0f&then=trap',
  'plant?secret=000102030405060708090a0b0c0d0e0f',
];
const REQUESTS = 40;
const AT_ONCE = 4;

const handlers = guests.filter(
  ({ world, kind, name }) => kind !== 'js' && (world === undefined || name === 'composed-c'),
);

async function randomRequests(guest: string, reset: 'scan' | 'madvise' | 'copy', seed: number): Promise<Set<number>> {
  const settings = '[component.it.tool.mayfly.limits]\nmemory = "8MiB"\nhandles = 1000';
  const app = await sandboxApp({ it: { guest, settings } }, { reset });
  const random = seeded(seed);
  const statuses = new Set<number>();
  const lane = async (): Promise<void> => {
    for (let turn = 0; turn < REQUESTS / AT_ONCE; turn++) {
      const body = random.once(3) ? 'x'.repeat(random.int(100_000)) : null;
      const init = body === null ? {} : { method: 'POST', body };
      const client = random.once(8) ? AbortSignal.timeout(random.int(5)) : null;
      await app.get(`/it/${random.pick(paths)}`, { ...init, signal: client }).then(
        ({ status }) => statuses.add(status),
        () => undefined,
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  await app.close();
  assert.doesNotMatch(app.log(), /differs from its image|"code":"internal"/);
  return statuses;
}

for (const reset of strategies) {
  test(`random requests to every guest, reset by ${reset}`, async () => {
    const seen = new Set<number>();
    for (const [index, { name }] of handlers.entries()) {
      for (const status of await randomRequests(name, reset, index + 1)) seen.add(status);
    }
    assert.ok(seen.has(200) && seen.has(500), 'some were answered, some trapped');
  });
}
