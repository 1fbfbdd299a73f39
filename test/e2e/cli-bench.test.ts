// `mayfly bench` as people run it: against a URL, an app, and two servers in turns; its report in a browser.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import { mayfly, root, start } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-bench-command-'));
const run = (...args: string[]) => mayfly(['bench', ...args], folder);

const server = createServer((request, response) => {
  response.statusCode = request.url === '/missing' ? 404 : 200;
  response.end('hello');
});
let url: string;
before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

/** Of the command, which must not run in the way of the server of this process. */
async function output(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return start(['bench', ...args], folder).ended;
}

interface Data {
  readonly connections: number;
  readonly measured: readonly {
    readonly url: string;
    readonly component?: string;
    readonly requests: number;
    readonly statuses: Record<string, number>;
    readonly requestsPerSecond: number;
    readonly firstUs: number;
    readonly latencies: Record<string, number>;
    readonly cost?: {
      readonly cpu: number;
      readonly stages: readonly { readonly name: string; readonly microseconds: number }[];
      readonly hostCalls: number;
      readonly sandboxes: Record<string, unknown>;
      readonly memoryBytes: number;
      readonly residentBytes: number;
      readonly failure?: string;
    };
  }[];
}

test('a server that runs elsewhere is loaded: throughput, percentiles, a histogram', async () => {
  const { code, stdout, stderr } = await output(url, '-n', '500', '-c', '4');
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^4 connections\n\nhttp:\/\/127\.0\.0\.1:\d+\/\n/);
  assert.match(stdout, /\n {2}500 requests in [\d.]+ s: [\d,]+ a second; 2\.44 KiB of bodies/);
  assert.match(stdout, /\n {2}2xx: 500\n {2}first request, alone: [\d.]+ [µm]s\n/);
  assert.match(stdout, /\n +p50 +p75 +p90 +p99 +p99\.9 +p99\.99 +slowest +mean\n/);
  const shares = [...stdout.matchAll(/ ([\d.]+) %$/gm)].map(([, share]) => Number(share));
  assert.equal(shares.length, 12);
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 1);
});

test('an app is started for it, and what a request costs is shown by its stages', async () => {
  const { code, stdout } = run(await guestPath('hello-c'), '-n', '300', '--json');
  assert.equal(code, 0);
  const { measured } = JSON.parse(stdout) as Data;
  const [{ component, requests, statuses, cost, latencies, firstUs } = assert.fail()] = measured;
  assert.deepEqual([component, requests, statuses], ['hello-c', 300, { 200: 300 }]);
  assert.ok(cost && cost.cpu > 0 && cost.memoryBytes >= 65_536 && cost.residentBytes > 1e7);
  assert.deepEqual(
    cost.stages.map(({ name }) => name),
    [
      'getting the sandbox',
      'in the guest',
      'in host calls',
      'putting the sandbox back',
      'HTTP: reading, routing, sending',
    ],
  );
  const sum = cost.stages.reduce((all, { microseconds }) => all + microseconds, 0);
  assert.ok(Math.abs(sum - cost.cpu) < 0.01 * cost.cpu, `${sum} of ${cost.cpu} µs`);
  for (const { name, microseconds } of cost.stages) assert.ok(microseconds > 0, name);
  const { reset, made, thrownAway, queued } = cost.sandboxes as Record<string, number>;
  assert.deepEqual([reset, thrownAway, queued], [300, 0, 0]);
  assert.ok((made as number) < 32 && cost.hostCalls > 1);
  assert.ok((latencies.p50 as number) <= (latencies.p99 as number) && firstUs > 0);
});

test('each route of an app is driven, requests that fail among them', async () => {
  const manifest = `spin_manifest_version = 2
[application]
name = "two"
[[trigger.http]]
route = "/one/:id/..."
component = "good"
[[trigger.http]]
route = "/two"
component = "bad"
[component.good]
source = ${JSON.stringify(await guestPath('hello-c'))}
[component.bad]
source = "bad.ts"
`;
  writeFileSync(join(folder, 'spin.toml'), manifest);
  writeFileSync(join(folder, 'bad.ts'), "export default { fetch() { throw new Error('on purpose') } };");
  const { code, stdout, stderr } = run('-n', '40', '-c', '2');
  assert.equal(code, 0, stderr);
  const [, one = '', two = ''] = stdout.split(/\n(?=http:)/);
  assert.match(one, /^http:\/\/127\.0\.0\.1:\d+\/one\/1 {2}\(good\)\n/);
  assert.match(one, /40 put back by \w+, [01] made, 0 thrown away/);
  assert.match(two, /\/two {2}\(bad\)\n[\s\S]*5xx: 40; 40 failed\n[\s\S]*The first that failed: .*on purpose/);
});

test('two servers are asked in turns, and their ratios shown', async () => {
  const other = `${url}/`;
  const { code, stdout } = await output(url, '--compare', other, '-n', '50', '-c', '2');
  assert.equal(code, 0);
  assert.match(stdout, /In turns, 5 each:\n\n.* ratio\n {2}requests a second +[\d,]+ +[\d,]+ +[\d.]+\n {2}p50 /);
  const { stdout: json } = await output(url, '--path', '/missing', '--compare', other, '-n', '50', '--json');
  const { measured } = JSON.parse(json) as Data;
  assert.deepEqual(
    measured.map((one) => [new URL(one.url).pathname, one.statuses]),
    [
      ['/missing', { 404: 50 }],
      ['/missing', { 404: 50 }],
    ],
  );
});

test('at a rate the time of a request counts from when it was due', async () => {
  const { stdout } = await output(url, '--rate', '200', '-d', '1s');
  assert.match(stdout, /^32 connections, 200 requests a second for 1 s\n/);
  assert.match(stdout, /\n {2}(19|20)\d requests in/);
  assert.match(stdout, /\nThe time of a request counts from when it was due\.\n$/);
});

test('a load that is interrupted shows what there was of it', async () => {
  const running = start(['bench', url, '-d', '60s'], folder);
  await running.printed(/connections for 60 s/);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  running.kill('SIGINT');
  const { code, stdout } = await running.ended;
  assert.equal(code, 0);
  assert.match(stdout, /[\d,]+ requests in [\d.]+ s/);
});

test('mistakes are said, and a server that is not there ends with 1', async () => {
  for (const [args, said] of [
    [
      ['localhost:3000'],
      /"localhost:3000" is no file\n {2}hint: A URL begins with its scheme: http:\/\/localhost:3000/,
    ],
    [[url, '-H', 'nothing'], /"nothing" is no header/],
    [[url, '-d', 'long'], /"long" is not a time/],
    [[url, '-b', '@nowhere'], /Cannot read "nowhere"/],
    [[url, '--path', 'x'], /"x" is no path/],
    [[url, '--compare', 'x'], /"x" is no URL/],
    [[url, '-c', '0'], /"0" is not a count/],
  ] as const) {
    const { code, stderr } = await output(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, said);
  }
  const nowhere = await output('http://127.0.0.1:1', '-n', '2');
  assert.deepEqual([nowhere.code, /connection refused/.test(nowhere.stdout)], [1, true]);
  assert.match(nowhere.stderr, /^error\[bench-unanswered\]: No request had an answer: connection refused/m);
  const broken = await output('broken.ts');
  assert.deepEqual([broken.code, /broken\.ts/.test(broken.stderr)], [1, true]);
});

test('the commands of docs/bench.md run as they stand', async () => {
  const docs = readFileSync(join(root, 'docs/bench.md'), 'utf8');
  const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(docs) ?? [];
  const commands = block.split('\n').flatMap((line) => line.split('#')[0]?.trim() || []);
  assert.equal(commands.length, 7);
  const place = join(folder, 'docs');
  mkdirSync(place);
  copyFileSync(await guestPath('hello-c'), join(place, 'app.wasm'));
  writeFileSync(join(place, 'spin.toml'), manifestOf('app.wasm'));
  for (const command of commands) {
    const [program, name, ...args] = command.replaceAll(/http:\/\/127\.0\.0\.1:[34]000/g, url).split(' ');
    assert.deepEqual([program, name], ['mayfly', 'bench']);
    const { code, stderr } = await start(['bench', ...args], place).ended;
    assert.equal(code, 0, `${command}: ${stderr}`);
  }
});

function manifestOf(source: string): string {
  return `spin_manifest_version = 2
[application]
name = "one"
[[trigger.http]]
route = "/..."
component = "one"
[component.one]
source = "${source}"
`;
}

const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

test('the report is a page of its own that a browser draws without network', async (t) => {
  const file = join(folder, 'report.html');
  const { code } = run(await guestPath('hello-c'), '-d', '2s', '--report', file);
  assert.equal(code, 0);
  const page = readFileSync(file, 'utf8');
  assert.doesNotMatch(page, /<script|<link|src=|url\(|@import|https?:\/\/(?!127\.0\.0\.1)/);
  assert.equal(page.match(/<polyline/g)?.length, 3);
  if (chromium === undefined) return t.skip('there is no chromium (Debian package chromium)');
  const common = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=2000'];
  const offline = ['--host-resolver-rules=MAP * ~NOTFOUND', `file://${file}`];
  const { stdout } = spawnSync(chromium, [...common, '--dump-dom', ...offline], { encoding: 'utf8', timeout: 60_000 });
  assert.match(stdout, /<h1>Load test of 127\.0\.0\.1:\d+<\/h1>[\s\S]*CPU time of a request/);
  const images = ['light', 'dark'].map((scheme) => {
    const image = join(folder, `${scheme}.png`);
    const dark = scheme === 'dark' ? ['--force-dark-mode', '--blink-settings=preferredColorScheme=0'] : [];
    spawnSync(chromium, [...common, ...dark, `--screenshot=${image}`, '--window-size=800,1400', ...offline], {
      timeout: 60_000,
    });
    return image;
  });
  // A page that drew nothing is a few hundred bytes of one colour.
  for (const image of images) assert.ok(statSync(image).size > 20_000, image);
});
