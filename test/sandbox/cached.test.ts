// Every guest that is built in seconds, loaded twice with a cache of prepared components: what comes out of the cache
// answers as what was prepared afresh does, and its sandboxes go back to the same image.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { guests } from '../guests/guests.ts';
import { sandboxApp } from '../support/sandbox-app.ts';
import { strategies } from '../support/strategies.ts';

const paths = ['hello', 'counter', 'counter', 'echo', '?text=mayfly', 'unreachable', 'touch?pages=2', 'grow?pages=3'];

let cacheDirectory: string;
before(async () => {
  cacheDirectory = await mkdtemp(join(tmpdir(), 'mayfly-cache-'));
});
after(() => rm(cacheDirectory, { recursive: true }));

interface Outcome {
  readonly answers: readonly (readonly [status: number, text: string])[];
  readonly log: string;
}

async function outcome(guest: string, options: Parameters<typeof sandboxApp>[1], settings = ''): Promise<Outcome> {
  const app = await sandboxApp({ it: { guest, settings } }, { cacheDirectory, ...options });
  try {
    const answers: [number, string][] = [];
    for (const path of paths) {
      const { status, text } = await app.get(`/it/${path}`, path === 'echo' ? { method: 'POST', body: 'x' } : {});
      answers.push([status, text]);
    }
    return { answers, log: app.log() };
  } finally {
    await app.close();
  }
}

function assertSame(first: Outcome, second: Outcome): void {
  assert.doesNotMatch(first.log, /Prepared component \w+ is used/);
  assert.match(second.log, /Prepared component \w+ is used/);
  assert.deepEqual(second.answers, first.answers);
  for (const { log } of [first, second]) assert.doesNotMatch(log, /differs from its image|"code":"internal"/);
}

const handlers = guests.filter(
  ({ world, kind, name }) => kind !== 'js' && (world === undefined || name === 'composed-c'),
);

for (const { name } of handlers) {
  test(`${name}, initialised once`, async () => {
    assertSame(await outcome(name, {}), await outcome(name, {}));
  });
}

test('the image out of the cache, reset by each strategy', async () => {
  for (const reset of strategies) {
    const { answers, log } = await outcome('counter-c', { reset });
    assert.match(log, /is used, with its image/);
    assert.deepEqual(answers[1], answers[2]);
  }
});

test('initialised for each request', async () => {
  const settings = 'preinitialize = false';
  assertSame(await outcome('counter-c', {}, settings), await outcome('counter-c', {}, settings));
});

test('with a warm-up', async () => {
  const settings = 'warm = "/it/hello"';
  const [first, second] = [await outcome('hello-c', {}, settings), await outcome('hello-c', {}, settings)];
  assertSame(first, second);
  assert.doesNotMatch(second.log, /with its image/);
});
