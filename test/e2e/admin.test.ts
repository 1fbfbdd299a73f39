// The operator's port of `mayfly up`: metrics of the requests that the app answered, and nothing of it for its clients.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import { until } from '../support/servers/until.ts';
import { up } from '../support/up.ts';
import { mayfly } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-admin-'));
after(() => rmSync(folder, { recursive: true }));

const manifest = join(folder, 'spin.toml');
writeFileSync(
  manifest,
  `spin_manifest_version = 2
application = { name = "watched", version = "2.0" }
[[trigger.http]]
route = "/counter"
component = "counter"
[[trigger.http]]
route = "/static"
static_response = { body = "hello" }
[component.counter]
source = "${await guestPath('counter-c')}"
`,
);

test('what was answered is counted, whoever answered', async () => {
  const served = await up(['-f', manifest, '--admin', '127.0.0.1:0']);
  const [, admin = ''] = /metrics at (http:\S+)/.exec(served.output()) ?? [];
  for (const path of ['/counter', '/counter', '/static', '/none']) await (await fetch(served.url + path)).text();
  await until(
    async () => (await (await fetch(admin)).text()).includes('status="404"} 1'),
    'all requests to be counted',
  );
  const response = await fetch(admin);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const line of [
    'mayfly_requests_total{component="counter",status="200"} 2',
    'mayfly_requests_total{component="",status="200"} 1',
    'mayfly_requests_total{component="",status="404"} 1',
    'mayfly_request_duration_seconds_count{component="counter"} 2',
    'mayfly_guest_memory_bytes_count{component="counter"} 2',
    'mayfly_sandboxes{component="counter",state="busy"} 0',
    'mayfly_info{app="watched",version="2.0"} 1',
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line} is not in\n${text}`);
  }
  // What the page of the docs says there is.
  const names = [...readFileSync('docs/telemetry.md', 'utf8').matchAll(/^\| `(mayfly_\w+)` \|/gm)].map(
    ([, name]) => name,
  );
  const served_ = [...text.matchAll(/^# TYPE (mayfly_\w+) /gm)].map(([, name]) => name);
  assert.deepEqual(served_.sort(), names.sort());
  assert.equal((await fetch(admin, { method: 'POST' })).status, 405);
  assert.equal(await (await fetch(admin, { method: 'HEAD' })).text(), '');
  assert.equal((await fetch(new URL('/none', admin))).status, 404);
  assert.equal((await fetch(`${served.url}/metrics`)).status, 404);
  assert.equal(await served.stop(), 0);
});

test('of several workers there are the metrics of all, and no dashboard', async () => {
  const served = await up(['-f', manifest, '--admin', '127.0.0.1:0', '--workers', '2']);
  const [, admin = ''] = /Metrics at (http:\S+)/.exec(served.output()) ?? [];
  // Each connection of its own comes to one of the two.
  for (let count = 0; count < 20; count++) {
    await (await fetch(`${served.url}/counter`, { headers: { connection: 'close' } })).text();
  }
  const wanted = 'mayfly_requests_total{component="counter",status="200"} 20\n';
  await until(async () => (await (await fetch(admin)).text()).includes(wanted), 'all requests to be counted');
  assert.match(await (await fetch(admin)).text(), /^mayfly_info\{app="watched",version="2\.0"\} 1$/m);
  assert.equal((await fetch(new URL('/', admin))).status, 404);
  assert.equal(await served.stop(), 0);
});

test('a port that is taken and an address that is none are refused', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const says = (args: readonly string[], message: RegExp): void => {
    const { code, stderr } = mayfly(['up', '-f', manifest, '--listen', '127.0.0.1:0', ...args], folder);
    assert.notEqual(code, 0);
    assert.match(stderr, message);
  };
  says(['--admin', `127.0.0.1:${port}`], /listen-failed.*for the operator/s);
  says(['--admin', 'here'], /is not an address to listen at/);
});
