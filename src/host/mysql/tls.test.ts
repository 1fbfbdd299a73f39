// TLS: the certificate of a server is checked, with its name or numeric address.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type MariadbServer, mariadbMissing, startMariadb } from '../../../test/support/servers/mariadb.ts';
import { until } from '../../../test/support/servers/until.ts';
import { within } from '../../../test/support/within.ts';
import { componentOf, errOf, okOf, type TestComponent } from '../guest.test-kit.ts';
import { createMysqlService } from './service.ts';

const noOpenssl = spawnSync('openssl', ['version']).error && 'openssl is not installed (apt-get install openssl)';
const skip = mariadbMissing() || (noOpenssl ?? false);
const timeout = 30_000;
const two = 'fermyon:spin/mysql@2.0.0';
const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-certificate-'));
const [certFile, keyFile] = [path.join(folder, 'cert'), path.join(folder, 'key')];
let server: MariadbServer | undefined;
let component: TestComponent;
const running = (): MariadbServer => server ?? assert.fail('no server');
const url = (host = '127.0.0.1'): string => `${running().url.replace('127.0.0.1', host)}?ssl-mode=REQUIRED`;

before(async () => {
  if (skip) return;
  const names = ['-subj', '/CN=elsewhere', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const made = spawnSync('openssl', [...kind, ...names, '-keyout', keyFile, '-out', certFile], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  server = await startMariadb([`--ssl-cert=${certFile}`, `--ssl-key=${keyFile}`]);
  component = await componentOf(createMysqlService(), ['mysql://*:*']);
});
after(async () => {
  await component?.close();
  await server?.close();
  rmSync(folder, { recursive: true });
});

test('a certificate that nobody vouches for is refused', { skip, timeout }, async () => {
  const guest = component.request();
  const { tag, val } = errOf(await within(guest.call(`${two} [static]connection.open`, url()), 'an error'));
  assert.equal(tag, 'connection-failed');
  assert.match(val, /self-signed certificate/);
  guest.end();
});

test('one that the system trusts is accepted for the names that it has; statements end over TLS, too', {
  skip,
  timeout,
}, async () => {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, readFileSync(certFile, 'utf8')]);
  try {
    const guest = component.request();
    const connection = okOf(await within(guest.call(`${two} [static]connection.open`, url()), 'a connection'));
    const text = "SHOW STATUS LIKE 'Ssl_cipher'";
    const { rows } = okOf<{ rows: { val: string }[][] }>(
      await guest.call(`${two} [method]connection.query`, connection, text, []),
    );
    assert.match(rows[0]?.[1]?.val ?? '', /^TLS_/);
    const other = await within(guest.call(`${two} [static]connection.open`, url('localhost')), 'an error');
    assert.match(errOf(other).val, /altnames|Hostname/);
    const slow = guest.call(`${two} [method]connection.execute`, connection, 'SELECT SLEEP(600)', []);
    const query = "SELECT 1 FROM information_schema.processlist WHERE info = 'SELECT SLEEP(600)'";
    await until(async () => (await running().query(query)).length === 1, 'the statement to run');
    guest.end();
    await assert.rejects(within(slow, 'the statement to end'), /the request is over/);
    await until(async () => (await running().query(query)).length === 0, 'the server to stop');
  } finally {
    setDefaultCACertificates(before);
  }
});
