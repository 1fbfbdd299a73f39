// Metrics as Prometheus reads them: counted by component and status, and what sandboxes do at the moment that somebody asks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppMetrics, type MetricsSource, type PoolState, summedMetrics } from './metrics.ts';

/** The samples of a text by their names with labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

const usage = { cpuMs: 500, wallMs: 600, hostCalls: 1, memoryBytes: 2 ** 20, isNew: true, isKept: true };
const plain = { component: 'a', status: 200, headMs: 3, isChained: false, receivedBytes: 5, sentBytes: 70, usage };

test('requests are counted by component and status, their times and costs summed up', async () => {
  const metrics = new AppMetrics(() => undefined);
  metrics.count(plain);
  metrics.count({ ...plain, headMs: 30, usage: { ...usage, cpuMs: 1500, hostCalls: 7, memoryBytes: 3 * 2 ** 20 } });
  metrics.count({ ...plain, status: 500, headMs: 3000, sentBytes: 0, usage: undefined });
  metrics.count({ ...plain, component: undefined, status: 404, headMs: 0.1, usage: undefined });
  metrics.count({ ...plain, component: 'b', isChained: true });
  const found = samples(await metrics.text());
  const wanted: Readonly<Record<string, number>> = {
    'mayfly_requests_total{component="a",status="200"}': 2,
    'mayfly_requests_total{component="a",status="500"}': 1,
    'mayfly_requests_total{component="",status="404"}': 1,
    'mayfly_request_duration_seconds_count{component="a"}': 3,
    'mayfly_request_duration_seconds_bucket{le="0.005",component="a"}': 1,
    'mayfly_request_duration_seconds_bucket{le="2.5",component="a"}': 2,
    'mayfly_request_duration_seconds_bucket{le="+Inf",component="a"}': 3,
    'mayfly_guest_cpu_seconds_total{component="a"}': 2,
    'mayfly_host_calls_total{component="a"}': 8,
    'mayfly_host_calls_total{component="b"}': 1,
    'mayfly_request_bytes_total{component="a"}': 15,
    'mayfly_response_bytes_total{component="a"}': 140,
    'mayfly_response_bytes_total{component="b"}': 0,
    'mayfly_guest_memory_bytes_bucket{le="1048576",component="a"}': 1,
    'mayfly_guest_memory_bytes_count{component="a"}': 2,
  };
  for (const [name, value] of Object.entries(wanted)) assert.equal(found.get(name), value, name);
  assert.equal(found.get('mayfly_requests_total{component="b",status="200"}'), undefined);
  assert.ok(![...found.keys()].some((name) => name.startsWith('mayfly_info')));
  assert.ok(Number(found.get('process_resident_memory_bytes')) > 0);
});

test('sandboxes are those of the moment, and a component that is gone is gone', async () => {
  const pool = (component: string, busy: number): PoolState => ({
    component,
    busy,
    idle: 2,
    queued: 3,
    made: 10,
    discarded: 4,
  });
  let pools = [pool('a', 1), pool('b', 0)];
  const source: MetricsSource = { app: 'app "x"', version: '1.0', pools: () => pools };
  const metrics = new AppMetrics(() => source);
  const first = samples(await metrics.text());
  assert.equal(first.get('mayfly_sandboxes{component="a",state="busy"}'), 1);
  assert.equal(first.get('mayfly_sandboxes{component="b",state="idle"}'), 2);
  assert.equal(first.get('mayfly_requests_queued{component="a"}'), 3);
  assert.equal(first.get('mayfly_sandboxes_made_total{component="a"}'), 10);
  assert.equal(first.get('mayfly_sandboxes_discarded_total{component="a"}'), 4);
  assert.equal(first.get('mayfly_info{app="app \\"x\\"",version="1.0"}'), 1);
  pools = [pool('a', 5)];
  const second = samples(await metrics.text());
  assert.equal(second.get('mayfly_sandboxes{component="a",state="busy"}'), 5);
  assert.equal(second.get('mayfly_sandboxes_made_total{component="a"}'), 10);
  assert.equal(second.get('mayfly_sandboxes{component="b",state="idle"}'), undefined);
});

test('a value at a bound is within it, one above it is not, and sums are those of all', async () => {
  const metrics = new AppMetrics(() => undefined);
  for (const headMs of [5, 5.1, 10_000, 10_001]) metrics.count({ ...plain, headMs, usage: undefined });
  for (const memoryBytes of [2 ** 20, 2 ** 20 + 1, 2 ** 31]) {
    metrics.count({ ...plain, component: 'b', isChained: true, usage: { ...usage, memoryBytes } });
  }
  const found = samples(await metrics.text());
  const duration = (le: string) => found.get(`mayfly_request_duration_seconds_bucket{le="${le}",component="a"}`);
  assert.deepEqual(['0.0025', '0.005', '0.01', '5', '10', '+Inf'].map(duration), [0, 1, 2, 2, 3, 4]);
  assert.ok(Math.abs((found.get('mayfly_request_duration_seconds_sum{component="a"}') ?? 0) - 20.0111) < 1e-9);
  const memory = (le: string) => found.get(`mayfly_guest_memory_bytes_bucket{le="${le}",component="b"}`);
  assert.deepEqual(['1048576', '2097152', '1073741824', '+Inf'].map(memory), [1, 2, 2, 3]);
  assert.equal(found.get('mayfly_guest_memory_bytes_sum{component="b"}'), 2 ** 21 + 1 + 2 ** 31);
  assert.equal(found.get('mayfly_request_duration_seconds_count{component="b"}'), undefined);
  assert.equal(found.get('mayfly_guest_memory_bytes_count{component="a"}'), undefined);
});

test('metrics of several processes are summed up, and what runs there runs once', async () => {
  const source: MetricsSource = {
    app: 'a',
    version: '1',
    pools: () => [{ component: 'a', busy: 1, idle: 2, queued: 0, made: 3, discarded: 0 }],
  };
  const processes = [new AppMetrics(() => source), new AppMetrics(() => source)];
  for (const metrics of processes) metrics.count(plain);
  processes[0]?.count({ ...plain, component: 'b', headMs: 30 });
  const overWire = async () => JSON.parse(JSON.stringify(await Promise.all(processes.map((one) => one.data()))));
  const found = samples(await summedMetrics(overWire).text());
  const wanted: Readonly<Record<string, number>> = {
    'mayfly_requests_total{component="a",status="200"}': 2,
    'mayfly_requests_total{component="b",status="200"}': 1,
    'mayfly_request_duration_seconds_count{component="a"}': 2,
    'mayfly_request_duration_seconds_bucket{le="0.005",component="a"}': 2,
    'mayfly_sandboxes{component="a",state="busy"}': 2,
    'mayfly_info{app="a",version="1"}': 1,
  };
  for (const [name, value] of Object.entries(wanted)) assert.equal(found.get(name), value, name);
  assert.equal(await summedMetrics(async () => []).text(), '\n');
});

test('an app without a version has none', async () => {
  const found = samples(await new AppMetrics(() => ({ app: 'a', version: '', pools: () => [] })).text());
  assert.equal(found.get('mayfly_info{app="a",version=""}'), 1);
});
