// The flags that `mayfly up` has from Spin, on a served app.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { certificate, key } from '../../src/host/outbound-http/certificate.fixture.ts';
import { within } from '../../src/triggers/http/wait.test-kit.ts';
import { guestPath } from '../guests/build.ts';
import { mayfly, serve, start } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-up-flags-'));
after(() => rmSync(folder, { recursive: true }));
const timeout = 60_000;

before(async () => {
  const source = JSON.stringify(await guestPath('cgi-c'));
  const component = (id: string): string => `[[trigger.http]]
route = "/${id}/..."
component = "${id}"
[component.${id}]
source = ${source}
`;
  mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
  writeFileSync(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2\napplication.name = "flags"\n${component('a')}${component('b')}`,
  );
  writeFileSync(join(folder, 'cert.pem'), certificate);
  writeFileSync(join(folder, 'key.pem'), key);
});

test('serves over TLS', { timeout }, async () => {
  const app = await serve([], folder, { SPIN_TLS_CERT: 'cert.pem', SPIN_TLS_KEY: 'key.pem' });
  assert.match(app.url, /^https:/);
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  request(`${app.url}/a/`, { rejectUnauthorized: false }, (response) => resolve(response.statusCode))
    .on('error', reject)
    .end();
  assert.equal(await within(promise, 'the answer over TLS'), 200);
  app.kill('SIGTERM');
  assert.equal((await app.ended).code, 0);
});

test('refuses files of TLS that are none, and one without the other', { timeout }, () => {
  const run = (...args: string[]) => mayfly(['up', ...args], folder);
  assert.match(run('--tls-cert', 'cert.pem').stderr, /error\[usage\]: '--tls-cert' and '--tls-key' need each other/);
  assert.match(run('--tls-cert', 'spin.toml', '--tls-key', 'key.pem').stderr, /not in the format PEM/);
  assert.match(run('--http1-max-buf-size', '100').stderr, /Write 8192 or more/);
  assert.match(run('-q', '--follow', 'a').stderr, /exclude each other/);
  assert.match(run('-c', 'c').stderr, /no component "c"/);
});

test('finds the manifest above, serves one component, and takes a free port', { timeout }, async (t) => {
  const taken = createServer();
  t.after(() => taken.close());
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
  const { port } = taken.address() as { port: number };
  const args = ['up', '--listen', `127.0.0.1:${port}`, '--find-free-port', '-c', 'b', '--format', 'json'];
  const app = start(args, join(folder, 'deep', 'er'));
  await app.printed(/^}$/m);
  const { base_url: url, routes } = JSON.parse(app.stdout) as { base_url: string; routes: unknown };
  assert.match(app.stderr, /^Using \.\.\/\.\.\/spin\.toml$/m);
  assert.notEqual(Number(new URL(url).port), port);
  assert.deepEqual(routes, [{ id: 'b', route: '/b', wildcard: true }]);
  assert.equal((await fetch(`${url}/b/`)).status, 200);
  assert.equal((await fetch(`${url}/a/`)).status, 404);
  app.kill('SIGTERM');
  assert.equal((await app.ended).code, 0);
});

test('takes flags of Spin that mean nothing here', { timeout }, async () => {
  const args = [
    '--disable-pooling',
    '--debug-info',
    '--direct-mounts',
    '--cache',
    'x',
    '--max-instance-reuse-count',
    '1..4',
  ];
  const more = ['--idle-instance-timeout', '2s', '--request-timeout', '5s', '--disable-cache', '--shush', '--tmp', 't'];
  const app = await serve([...args, ...more], folder);
  app.kill('SIGINT');
  assert.equal((await app.ended).code, 0);
});

test('shows what one component prints, and empties the log files first', { timeout }, async () => {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  writeFileSync(join(logs, 'a_stderr.txt'), 'old');
  writeFileSync(join(logs, 'mine.txt'), 'mine');
  const app = await serve(['--follow', 'a', '--log-dir', 'logs', '--truncate-logs'], folder);
  for (const id of ['b', 'a']) await (await fetch(`${app.url}/${id}/log`)).text();
  app.kill('SIGTERM');
  const { stderr } = await app.ended;
  assert.doesNotMatch(stderr, /^b \|/m);
  assert.match(stderr, /^a \|/m);
  assert.doesNotMatch(readFileSync(join(logs, 'a_stderr.txt'), 'utf8'), /old/);
  assert.equal(readFileSync(join(logs, 'mine.txt'), 'utf8'), 'mine');
});
