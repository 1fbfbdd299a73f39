// The last requests and seconds are kept, so many and no more; watchers are told what comes, and how much they were not.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MayflyError } from '../errors.ts';
import { finishedRequest as finished } from '../telemetry/usage.test-kit.ts';
import { RecentRequests, type Second } from './recent-requests.ts';

interface History {
  readonly requests: readonly { readonly number: number; readonly path: string; readonly isFailure: boolean }[];
  readonly seconds: readonly Second[];
}

function watching(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const recent = new RecentRequests(
    () => [],
    (id) => [{ event: 'guest-output', text: `of ${id}` }],
  );
  const told: [event: string, data: { readonly requests: object[]; readonly left: number }][] = [];
  const leave = recent.watch((event, data) => told.push([event, data as { requests: object[]; left: number }]));
  return { recent, told, leave, history: () => recent.history() as History };
}

test('the last two hundred requests, without queries and fields', (t) => {
  const { recent, history } = watching(t);
  for (let count = 0; count < 201; count++) recent.add(finished);
  const { requests } = history();
  assert.deepEqual([requests.length, requests[0]?.number, requests.at(-1)?.number], [200, 2, 201]);
  assert.doesNotMatch(JSON.stringify([requests, recent.detail(201)]), /secret/);
  assert.equal(recent.detail(1), undefined);
});

test('all of one request: its lines, and what ended it', (t) => {
  const { recent } = watching(t);
  recent.add({ ...finished, error: new MayflyError('guest-trap', 'it fell'), usage: undefined, status: 500 });
  const { error, lines, isFailure, cpuMs } = recent.detail(1) as Record<string, Record<string, unknown>>;
  assert.deepEqual([error?.code, error?.message], ['guest-trap', 'it fell']);
  assert.deepEqual(lines, [{ event: 'guest-output', text: 'of r1' }]);
  assert.deepEqual([isFailure, cpuMs], [true, undefined]);
});

test('a second is summed up, and two minutes of them are kept', (t) => {
  const { recent, history } = watching(t);
  for (let ms = 1; ms <= 100; ms++) recent.add({ ...finished, totalMs: ms, status: ms > 97 ? 500 : 200 });
  recent.add({ ...finished, totalMs: 1, isBroken: true });
  t.mock.timers.tick(1000);
  const [second] = history().seconds;
  assert.deepEqual([second?.requests, second?.failures, second?.p50, second?.p99], [101, 4, 50, 99]);
  t.mock.timers.tick(120_000);
  const { seconds } = history();
  assert.equal(seconds.length, 120);
  assert.deepEqual([seconds.at(-1)?.requests, seconds.at(-1)?.p50], [0, undefined]);
});

test('watchers get what came, fifty requests at once, until they leave', (t) => {
  const { recent, told, leave } = watching(t);
  t.mock.timers.tick(500);
  assert.equal(told.length, 0);
  for (let count = 0; count < 60; count++) recent.add(finished);
  t.mock.timers.tick(500);
  const [requests] = told.filter(([event]) => event === 'requests');
  assert.deepEqual([requests?.[1].requests.length, requests?.[1].left], [50, 10]);
  assert.equal(told.filter(([event]) => event === 'second').length, 1);
  const before = told.length;
  leave();
  recent.add(finished);
  t.mock.timers.tick(5000);
  assert.equal(told.length, before);
});

test('after the end nothing is looked at any more', (t) => {
  const { recent, told } = watching(t);
  recent.close();
  recent.add(finished);
  t.mock.timers.tick(5000);
  assert.deepEqual(told, []);
});
