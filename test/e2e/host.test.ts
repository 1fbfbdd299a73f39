// `mayfly host`: a process that serves many apps by their hosts, from folders and a registry, and follows its list.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import { registryMissing, startRegistry } from '../support/servers/docker-registry.ts';
import { until } from '../support/servers/until.ts';
import { mayfly, start } from './cli-process.ts';

const root = mkdtempSync(join(tmpdir(), 'mayfly-host-'));
after(() => rmSync(root, { recursive: true }));

before(async () => {
  for (const name of ['one', 'two']) {
    mkdirSync(join(root, name));
    writeFileSync(
      join(root, name, 'spin.toml'),
      `spin_manifest_version = 2
application.name = "${name}"
[variables]
needed = { required = true }
[[trigger.http]]
route = "/static"
static_response = { body = "the app ${name}" }
[[trigger.http]]
route = "/counter"
component = "counter"
[component.counter]
source = "${await guestPath('counter-c')}"
variables = { needed = "{{ needed }}" }
`,
    );
  }
});

function list(name: string, apps: readonly string[]): string {
  const file = join(root, name);
  writeFileSync(file, apps.map((app) => `[[app]]\n${app}\n`).join(''));
  return file;
}

const listed = (host: string, from: string, variables = '{ needed = "x" }'): string =>
  `host = "${host}"\nfrom = "${from}"\nvariables = ${variables}`;

async function ask(address: string, host: string, path = '/static'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`http://${address}${path}`, { headers: { host } }, async (response) =>
      resolve({ status: response.statusCode ?? 0, body: await text(response) }),
    );
    asked.on('error', reject).end();
  });
}

test('apps of folders and of a registry, loaded when they are called; the list is followed', async (t) => {
  const missing = registryMissing();
  const registry = missing ? undefined : await startRegistry();
  t.after(() => registry?.close());
  const reference = `${registry?.host}/acme/two:1`;
  if (registry) assert.equal(mayfly(['registry', 'push', '-f', join(root, 'two'), reference], root).code, 0);
  const apps = [
    listed('one.example.com', 'one'),
    listed('Two.example.com', registry ? reference : 'two'),
    listed('broken.example.com', 'one', '{}'),
  ];
  const file = list('apps.toml', apps);
  const host = start(['host', file, '--listen', '127.0.0.1:0', '--verbose'], root);
  const [, address = ''] = await host.printed(/Serving 3 apps at http:\/\/(\S+)/);
  assert.doesNotMatch(host.stderr, /Loaded the app/);
  assert.equal((await ask(address, '127.0.0.1', '/.well-known/spin/health')).body, 'OK');
  assert.deepEqual(await ask(address, 'one.example.com'), { status: 200, body: 'the app one' });
  assert.deepEqual(await ask(address, 'two.example.com:8080'), { status: 200, body: 'the app two' });
  const counted = await Promise.all(Array.from({ length: 8 }, () => ask(address, 'one.example.com', '/counter')));
  assert.deepEqual(new Set(counted.map(({ body }) => body.trim())), new Set([counted[0]?.body.trim()]));
  assert.equal(host.stderr.match(/Loaded the app of one\.example\.com/g)?.length, 1);
  assert.equal((await ask(address, 'broken.example.com')).status, 503);
  assert.match(host.stderr, /The app of broken\.example\.com cannot be loaded/);
  assert.equal((await ask(address, 'three.example.com')).status, 404);
  list('apps.toml', [listed('three.example.com', 'one')]);
  await until(async () => (await ask(address, 'three.example.com')).status === 200, 'the new list');
  assert.equal((await ask(address, 'one.example.com')).status, 404);
  writeFileSync(file, 'app = [');
  await host.printed(/apps-invalid/);
  assert.equal((await ask(address, 'three.example.com')).status, 200);
  host.kill('SIGTERM');
  assert.equal((await host.ended).code, 0);
});

test('mistakes of a list are told with their places, and without what it says', () => {
  const says = (apps: readonly string[], message: RegExp): void => {
    const { code, stderr } = mayfly(['host', list('wrong.toml', apps)], root);
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /hush/);
  };
  says(['host = "a"'], /apps-invalid.*'from' is missing/s);
  says([listed('a', 'one'), listed('A', 'two')], /Two apps have the host "A"/);
  for (const host of ['https://a', 'a:80', '', '-a', 'a..b', '*.example.com'])
    says([listed(host, 'one')], /is not the name of a host/);
  says(['host = "a"\nfrom = "b"\nvariable = { key = "hush" }'], /wrong\.toml:4.*Did you mean 'variables'/s);
  says(['host = "hush'], /apps-invalid/);
  assert.match(mayfly(['host', 'none.toml'], root).stderr, /apps-missing/);
});
