// The benchmark works: rows with tiny counts, whose figures mean nothing and are not looked at but for their shape.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { containersMissing } from '../test/support/container.ts';
import { parseArguments } from './options.ts';
import { formatTable } from './report.ts';
import { parseWrk } from './support/load.ts';
import { responseEnd } from './support/response-end.ts';
import { geometricMean, median, percentile, round } from './support/statistics.ts';

const main = join(import.meta.dirname, 'main.ts');
const root = join(import.meta.dirname, '..');
const run = promisify(execFile);

async function figures(...args: string[]): Promise<Record<string, Record<string, unknown>>> {
  const { stdout } = await run(process.execPath, ['--no-warnings', main, ...args, '--quick', '--json']);
  return JSON.parse(stdout);
}

test('the sandbox row gives CPU time and percentiles of each way to get a sandbox', async () => {
  const { machine, sandbox } = await figures('sandbox', '--only', 'compiled');
  assert.ok(machine && Number(machine.cores) > 0);
  const compiled = sandbox?.compiled as Record<string, Record<string, number>>;
  for (const name of ['cpu_us', 'kept_cpu_us', 'p50_us', 'p99_us']) assert.ok(Number(compiled[name]) > 0, name);
  for (const name of ['copy', 'fresh', 'kept', 'no_checks']) assert.ok(Number(compiled[name]?.cpu_us) > 0, name);
});

test('the hostcalls row gives every shape', async () => {
  const { hostcalls } = await figures('hostcalls');
  const names = Object.keys(hostcalls ?? {}).filter((name) => name.endsWith('_ns'));
  assert.equal(names.length, 8);
  for (const name of names) assert.ok(Number(hostcalls?.[name]) > 0, name);
});

test('the record row gives what recording costs', async () => {
  const { record } = await figures('record', '--only', 'hello-c');
  for (const way of ['off', 'one_in_a_hundred', 'failures_only', 'all']) {
    assert.ok(Number(record?.[`hello_c_${way}_us`]) > 0, way);
  }
});

test('the telemetry row gives what each part costs', async () => {
  const { telemetry } = await figures('telemetry', '--only', 'hello-c');
  for (const way of ['off', 'metrics', 'metrics_and_log', 'one_trace_in_a_hundred', 'everything']) {
    assert.ok(Number(telemetry?.[`hello_c_${way}_us`]) > 0, way);
  }
});

test('the protocols row gives Mayfly beside servers of Node', async () => {
  const { protocols } = await figures('protocols', '--only', 'http2');
  for (const name of ['mayfly', 'node']) {
    const one = (protocols?.http2 as Record<string, Record<string, number>> | undefined)?.[name];
    assert.ok(Number(one?.cpu_us) > 0 && one?.errors === 0, name);
  }
});

test('the streams row gives both versions of WASI beside node:http', async () => {
  const { streams } = await figures(
    'streams',
    ...['node:http', 'mayfly 0.2', 'mayfly 0.3'].flatMap((name) => ['--only', name]),
  );
  for (const name of ['node_http', 'mayfly_0_2', 'mayfly_0_3']) {
    assert.ok(Number((streams?.[name] as Record<string, number> | undefined)?.mib_per_second) > 0, name);
  }
});

test('the websocket row gives memory of connections and cost of messages', async () => {
  const { websocket } = await figures('websocket', '--only', 'c');
  const c = websocket?.c as Record<string, number> | undefined;
  assert.equal(c?.connections, 20);
  assert.ok(Number(c?.messages_per_second) > 0 && Number(c?.message_cpu_ms) >= 0);
});

test('the services row compares a guest with plain Node, and says what is missing', async () => {
  const { services } = await figures(
    'services',
    '--only',
    'kv-get',
    '--only',
    'sqlite-insert',
    '--only',
    'postgres-select',
  );
  for (const name of ['kv_get', 'sqlite_insert']) {
    const one = services?.[name] as Record<string, number> | undefined;
    for (const side of ['node', 'one', 'many']) assert.ok(Number(one?.[`${side}_cpu_us`]) > 0, `${name} ${side}`);
    assert.ok(Number(one?.many_of_node) > 0, name);
  }
  const isThere = services?.postgres_select !== undefined;
  assert.ok(isThere || /PostgreSQL select: missing, \w/.test(String(services?.notes)), 'PostgreSQL');
  assert.equal(services?.kv_set, undefined, 'what was not asked for is not measured');
});

test('the first row gives each second of a fresh process', async () => {
  const { first } = await figures('first', '--only', 'program');
  const program = first?.['mayfly up, program'] as { readonly seconds: Record<string, number>[] } | undefined;
  const second = program?.seconds[0];
  for (const name of ['requests', 'p50_ms', 'p99_ms', 'slowest_ms']) assert.ok(Number(second?.[name]) > 0, name);
  assert.equal(second?.failures, 0);
});

test('the scripts row gives each way to run a handler, edits, and what is served', async () => {
  const { scripts } = await figures('scripts');
  for (const name of ['quickjs', 'starlingmonkey', 'component', 'vm', 'worker']) {
    assert.ok(Number((scripts?.[name] as Record<string, number> | undefined)?.cpu_us) > 0, name);
  }
  assert.ok(Number((scripts?.edits_small as Record<string, number> | undefined)?.edit_to_answer_ms) > 0);
  const served = scripts?.served_program as Record<string, number> | undefined;
  for (const name of ['ready_ms', 'cpu_us', 'peak_mib']) assert.ok(Number(served?.[name]) > 0, name);
});

test('the density row gives memory and times of many programs', async () => {
  const { density } = await figures('density', '--only', 'quickjs');
  const quickjs = density?.quickjs as Record<string, number>;
  for (const name of ['load_cpu_ms', 'loaded_mib', 'closed_mib', 'wake_ms']) assert.ok(Number(quickjs[name]) > 0, name);
});

test('the host row gives times and memory of many apps', async () => {
  const { host } = await figures('host');
  for (const name of ['first_ms', 'first_p99_ms', 'second_ms', 'loaded_mib', 'idle_mib']) {
    assert.ok(Number(host?.[name]) > 0, name);
  }
});

test('the pod row compares containers, where there can be any', { skip: containersMissing() }, async () => {
  const { pod } = await figures('pod');
  for (const name of ['mayfly', 'node_http']) {
    const one = pod?.[name] as Record<string, number> | undefined;
    for (const figure of ['first_ms', 'resident_mib']) assert.ok(Number(one?.[figure]) > 0, `${name} ${figure}`);
  }
});

test('two versions are compared beside one another: one with itself is as fast as it is', async () => {
  const quick = ['--rounds', '1', '--seconds', '1'];
  const { stdout } = await run(process.execPath, [
    '--no-warnings',
    join(import.meta.dirname, 'beside.ts'),
    root,
    ...quick,
  ]);
  assert.match(stdout, /^(.+: [\d.]+\n){4}CPU µs a request: [\d.]+ there, [\d.]+ here: \d\.\d{3}\n$/);
});

test('a row that does not exist is an error that names those that do', async () => {
  await assert.rejects(run(process.execPath, ['--no-warnings', main, 'speed']), /No row is called speed[\s\S]*sandbox/);
});

test('options are read, and numbers checked', () => {
  const { rows, rounds, seconds, only } = parseArguments(['http', '--rounds', '3', '--seconds', '0.5', '--only', 'a']);
  assert.deepEqual({ rows, rounds, seconds, only }, { rows: ['http'], rounds: 3, seconds: 0.5, only: ['a'] });
  assert.throws(() => parseArguments(['--rounds', 'many']), /--rounds takes a positive number/);
});

test('medians, percentiles and means', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.ok(Number.isNaN(median([])));
  const sorted = Float64Array.from({ length: 100 }, (_, at) => at + 1);
  assert.deepEqual([percentile(sorted, 0.5), percentile(sorted, 0.99), percentile(sorted, 1)], [50, 99, 100]);
  assert.ok(Math.abs(geometricMean([1, 4]) - 2) < 1e-12);
  assert.deepEqual([round(1234.5), round(12.345)], [1235, 12.3]);
});

test('tables line up', () => {
  const text = formatTable({ title: 't', columns: ['', 'ms'], rows: [['one', '1,000']] });
  assert.equal(text, '### t\n\n|     |    ms |\n|-----|------:|\n| one | 1,000 |\n');
});

test('what wrk prints is understood, its errors counted', () => {
  const text = `  Latency Distribution
     50%  734.00us
     75%    1.00ms
     90%    2.00ms
     99%    1.20s
  80440 requests in 3.00s, 12.35MB read
  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 4
Requests/sec:  26813.00`;
  assert.deepEqual(parseWrk(text), { requests: 80440, seconds: 3, p50Ms: 0.734, p99Ms: 1200, errors: 7 });
  assert.throws(() => parseWrk('unable to connect'));
});

test('the end of a response is found, whatever way its body has one', () => {
  const sized = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n';
  const trailers = chunked.replace(/\r\n$/, 'a: b\r\n\r\n');
  for (const text of [sized, chunked, trailers]) {
    assert.equal(responseEnd(`${text}HTTP`), text.length);
    for (let length = 0; length < text.length; length++) assert.equal(responseEnd(text.slice(0, length)), undefined);
  }
});

test('the languages row builds and measures what is here', async () => {
  const { languages } = await figures('languages', '--only', 'TypeScript, QuickJS', '--rounds', '1');
  const one = languages?.['TypeScript, QuickJS'] as Record<string, number> | undefined;
  for (const figure of ['load_ms', 'first_ms', 'request_ms', 'cpu_us']) assert.ok(Number(one?.[figure]) > 0, figure);
});
