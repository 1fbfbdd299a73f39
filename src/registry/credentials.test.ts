// Logins from Spin's file, Docker's file and its helpers: in this order, for the very host, and never in an error.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { findCredentials, keepCredentials } from './credentials.ts';

const root = mkdtempSync(join(tmpdir(), 'mayfly-credentials-'));
after(() => rmSync(root, { recursive: true }));
let count = 0;

const encoded = (text: string): string => Buffer.from(text).toString('base64');

interface Files {
  readonly spin?: unknown;
  readonly docker?: unknown;
  /** The script of the helper `docker-credential-test`. */
  readonly helper?: string;
}

function home({ spin, docker, helper }: Files): Record<string, string> {
  const folder = join(root, String(++count));
  for (const each of ['.config/fermyon', '.docker', 'bin']) mkdirSync(join(folder, each), { recursive: true });
  const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  if (spin !== undefined) writeFileSync(join(folder, '.config/fermyon/registry-auth.json'), textOf(spin));
  if (docker !== undefined) writeFileSync(join(folder, '.docker/config.json'), textOf(docker));
  const program = join(folder, 'bin/docker-credential-test');
  writeFileSync(program, `#!/bin/sh\n${helper ?? 'exit 1'}\n`);
  chmodSync(program, 0o755);
  return { HOME: folder, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
}

const login = (user: string, password: string) => ({ kind: 'password', user, password });

test('Spin before Docker; the host is matched whole', async () => {
  const env = home({
    spin: { auths: { 'a.example.com': encoded('me:pa:ss') } },
    docker: {
      auths: {
        'a.example.com': { auth: encoded('docker:1') },
        'https://b.example.com/v1/': { auth: encoded('docker:2') },
        'c.example.com:5000': { identitytoken: 'token' },
      },
    },
  });
  assert.deepEqual(await findCredentials('a.example.com', env), login('me', 'pa:ss'));
  assert.deepEqual(await findCredentials('b.example.com', env), login('docker', '2'));
  assert.deepEqual(await findCredentials('c.example.com:5000', env), { kind: 'identity-token', token: 'token' });
  for (const host of [
    'c.example.com',
    'example.com',
    'xa.example.com',
    'a.example.com.evil',
    '__proto__',
    'toString',
  ]) {
    assert.equal(await findCredentials(host, env), undefined, host);
  }
  assert.equal(await findCredentials('a.example.com', home({})), undefined);
});

test('a helper for one registry, and one for all, is asked for the host', async () => {
  const helper = 'read host; echo "{\\"Username\\":\\"$1\\",\\"Secret\\":\\"$host\\"}"';
  const one = home({ helper, docker: { credHelpers: { 'a.example.com': 'test' } } });
  assert.deepEqual(await findCredentials('a.example.com', one), login('get', 'a.example.com'));
  assert.equal(await findCredentials('b.example.com', one), undefined);
  const all = home({ helper, docker: { credsStore: 'test', auths: {} } });
  assert.deepEqual(await findCredentials('b.example.com:1', all), login('get', 'b.example.com:1'));
  const token = home({ helper: 'echo \'{"Username":"<token>","Secret":"x"}\'', docker: { credsStore: 'test' } });
  assert.deepEqual(await findCredentials('b', token), { kind: 'identity-token', token: 'x' });
  const none = 'echo "credentials not found in native keychain"; exit 1';
  const without = home({ helper: none, docker: { credsStore: 'test', auths: { b: { auth: encoded('me:1') } } } });
  assert.deepEqual(await findCredentials('b', without), login('me', '1'));
});

test('a file or helper that says nothing that can be understood is an error without what it says', async () => {
  const refuses = async (files: Files, message: RegExp): Promise<void> =>
    assert.rejects(findCredentials('a', home(files)), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'registry-credentials');
      assert.match(error.message, message);
      assert.doesNotMatch(inspect(error), /hush/);
      return true;
    });
  await refuses({ spin: '{"auths": {"a": "hush"' }, /registry-auth\.json are no JSON/);
  await refuses({ spin: { auths: { a: encoded('hush') } } }, /not of the form user:password/);
  await refuses({ docker: { auths: { a: { auth: encoded('hush') } } } }, /config\.json is not of the form/);
  await refuses({ docker: { credsStore: '../x' } }, /is not the name of a credential helper/);
  await refuses({ docker: { credsStore: 'test' } }, /docker-credential-test failed/);
  await refuses({ docker: { credsStore: 'test' }, helper: 'echo hush' }, /does not answer with JSON/);
  await refuses({ docker: { credsStore: 'none-such' } }, /docker-credential-none-such failed/);
});

test('a login is kept beside the others, for its user alone', async () => {
  const env = home({ spin: { auths: { other: encoded('x:y') }, more: 1 } });
  const file = keepCredentials('a.example.com', 'me', 'pass', env);
  assert.deepEqual(await findCredentials('a.example.com', env), login('me', 'pass'));
  assert.deepEqual(await findCredentials('other', env), login('x', 'y'));
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).more, 1);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const full = home({});
  writeFileSync(join(full.HOME ?? '', 'file'), '');
  assert.throws(() => keepCredentials('a', 'b', 'c', { ...full, XDG_CONFIG_HOME: join(full.HOME ?? '', 'file') }), {
    code: 'registry-credentials',
  });
});
