// One worker leads at any time: the next one begins when the one before has ended or takes nothing new.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testLog } from '../telemetry/log.test-kit.ts';
import { Leader } from './leader.ts';
import type { Worker } from './worker.ts';

const limit = { timeout: 5_000 };

function worker(events: string[], name: string, lead: () => Promise<void> = async () => {}) {
  const { promise: resigned, resolve: resign } = Promise.withResolvers<void>();
  const one = {
    resigned,
    lead() {
      events.push(`${name} leads`);
      return lead();
    },
  } as Worker;
  return { one, resign };
}

test('the first leads as long as it serves, and then the next one', limit, async () => {
  const events: string[] = [];
  const [a, b] = [worker(events, 'a'), worker(events, 'b')];
  let workers = [a.one, b.one];
  const leader = new Leader(() => workers, testLog().log);
  await leader.elect();
  await leader.elect();
  assert.deepEqual(events, ['a leads']);
  workers = [b.one];
  const elected = leader.elect();
  await new Promise(setImmediate);
  assert.deepEqual(events, ['a leads']);
  a.resign();
  await elected;
  assert.deepEqual(events, ['a leads', 'b leads']);
});

test('without a worker nobody leads, until there is one', limit, async () => {
  const events: string[] = [];
  const a = worker(events, 'a');
  let workers: Worker[] = [];
  const leader = new Leader(() => workers, testLog().log);
  await leader.elect();
  workers = [a.one];
  await leader.elect();
  assert.deepEqual(events, ['a leads']);
});

test('one that cannot lead is told, and when it has gone the next one leads', limit, async () => {
  const events: string[] = [];
  const { log, lines } = testLog();
  const [a, b] = [worker(events, 'a', () => Promise.reject(new Error('no'))), worker(events, 'b')];
  let workers = [a.one, b.one];
  const leader = new Leader(() => workers, log);
  await assert.rejects(leader.elect(), /no/);
  workers = [b.one];
  a.resign();
  leader.electLater();
  await leader.elect();
  assert.deepEqual(events, ['a leads', 'b leads']);
  assert.deepEqual(lines, []);
});
