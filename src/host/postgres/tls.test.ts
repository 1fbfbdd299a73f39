// TLS: a server's certificate is checked, and that of `set-ca-root` is trusted; what runs on is cancelled over TLS, too.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type PostgresServer, postgresMissing, startPostgres } from '../../../test/support/servers/postgres.ts';
import { until } from '../../../test/support/servers/until.ts';
import { within } from '../../../test/support/within.ts';
import { componentOf, errOf, okOf, type TestComponent } from '../guest.test-kit.ts';
import { createPostgresService } from './service.ts';

const noOpenssl = spawnSync('openssl', ['version']).error && 'openssl is not installed (apt-get install openssl)';
const skip = postgresMissing() || (noOpenssl ?? false);
const timeout = 30_000;
const four = 'spin:postgres/postgres@4.2.0';
let server: PostgresServer | undefined;
let component: TestComponent;
let cert = '';
const address = (mode: string, host = '127.0.0.1'): string =>
  (server ?? assert.fail('no server')).url.replace('sslmode=disable', `sslmode=${mode}`).replace('127.0.0.1', host);

before(async () => {
  if (skip) return;
  const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-certificate-'));
  const [certFile, keyFile] = [path.join(folder, 'cert'), path.join(folder, 'key')];
  const names = ['-subj', '/CN=elsewhere', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const made = spawnSync('openssl', [...kind, ...names, '-keyout', keyFile, '-out', certFile], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  cert = readFileSync(certFile, 'utf8');
  const key = readFileSync(keyFile, 'utf8');
  rmSync(folder, { recursive: true });
  server = await startPostgres({ tls: { cert, key } });
  component = await componentOf(createPostgresService(), ['postgres://*:*']);
});
after(async () => {
  await component?.close();
  await server?.close();
});

test('a certificate that nobody vouches for is refused, whether TLS is wanted or only preferred', {
  skip,
  timeout,
}, async () => {
  const guest = component.request();
  for (const mode of ['prefer', 'require']) {
    const { tag, val } = errOf(await guest.call(`${four} [static]connection.open`, address(mode)));
    assert.equal(tag, 'connection-failed');
    assert.match(val, /error performing TLS handshake[\s\S]*self-signed certificate/);
  }
  guest.end();
});

test('set-ca-root makes it trusted, for the names that it has', { skip, timeout }, async () => {
  const guest = component.request();
  const builder = await guest.call(`${four} [constructor]connection-builder`, address('require'));
  assert.match(
    errOf(await guest.call(`${four} [method]connection-builder.set-ca-root`, builder, 'nonsense')).val,
    /^invalid root certificate: /,
  );
  okOf(await guest.call(`${four} [method]connection-builder.set-ca-root`, builder, cert));
  const connection = okOf(await guest.call(`${four} [method]connection-builder.build`, builder));
  const text = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
  const { rows } = okOf<{ rows: unknown }>(await guest.call(`${four} [method]connection.query`, connection, text, []));
  assert.deepEqual(rows, [[{ tag: 'boolean', val: true }]]);
  const elsewhere = await guest.call(`${four} [constructor]connection-builder`, address('require', 'localhost'));
  okOf(await guest.call(`${four} [method]connection-builder.set-ca-root`, elsewhere, cert));
  errOf(await guest.call(`${four} [method]connection-builder.build`, elsewhere));
  errOf(await guest.call(`${four} [static]connection.open`, address('require')));
  guest.end();
});

test('a statement is cancelled over TLS', { skip, timeout }, async () => {
  const guest = component.request();
  const builder = await guest.call(`${four} [constructor]connection-builder`, address('require'));
  okOf(await guest.call(`${four} [method]connection-builder.set-ca-root`, builder, cert));
  const connection = okOf(await guest.call(`${four} [method]connection-builder.build-async`, builder));
  const slow = guest.call(`${four} [method]connection.execute-async`, connection, 'SELECT pg_sleep(600)', []);
  const active = async (): Promise<number> => {
    const text = "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'";
    return (await (server ?? assert.fail('no server')).query(text)).length;
  };
  await until(async () => (await active()) === 1, 'the statement to run');
  guest.end();
  await assert.rejects(within(slow, 'the statement to end'), /the request is over/);
  await until(async () => (await active()) === 0, 'the server to stop');
});
