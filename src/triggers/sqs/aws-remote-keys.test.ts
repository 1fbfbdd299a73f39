// Credentials that are fetched: whom one asks, with what, in which order, and when again.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { keysOfMachine, type PassingKeys, refreshed, remoteKeys } from './aws-remote-keys.ts';
import { awsSettings } from './aws-settings.ts';

const limit = { timeout: 20_000 };
const answer = { AccessKeyId: 'id', SecretAccessKey: 'secret', Token: 'token', Expiration: '2030-01-01T00:00:00Z' };
const keys = {
  accessKeyId: 'id',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  endsAt: Date.UTC(2030, 0, 1),
};

type Answer = (request: IncomingMessage, body: string) => string | number | undefined;

/** A server that answers with texts, or with a status; undefined never. */
async function serve(t: TestContext, how: Answer): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const found = how(request, body);
    if (typeof found === 'number') response.writeHead(found).end();
    else if (found !== undefined) response.end(found);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

function fileOf(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'token');
  writeFileSync(file, text);
  return file;
}

test('a container is asked with its token, which may stand in a file', limit, async (t) => {
  const asked: unknown[] = [];
  const url = await serve(t, ({ url, headers }) => {
    asked.push([url, headers.authorization]);
    return JSON.stringify(answer);
  });
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/a?b` };
  assert.deepEqual(await remoteKeys(env, undefined)?.(), keys);
  await remoteKeys({ ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'one' }, undefined)?.();
  const file = { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: fileOf(t, 'two\n') };
  await remoteKeys({ ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'one', ...file }, undefined)?.();
  assert.deepEqual(asked, [
    ['/a?b', undefined],
    ['/a?b', 'one'],
    ['/a?b', 'two'],
  ]);
});

test('keys without an end, and with one that is none, last', limit, async (t) => {
  for (const Expiration of [undefined, null, 'never', {}]) {
    const url = await serve(t, () => JSON.stringify({ ...answer, Expiration }));
    const found = await remoteKeys({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url }, undefined)?.();
    assert.equal(found?.endsAt, undefined, String(Expiration));
  }
});

test('secrets are asked of no host that anybody may be', limit, async () => {
  for (const url of [
    'http://example.com/',
    'http://127.0.0.1.example.com/',
    'http://169.254.170.3/',
    'ftp://localhost/',
  ]) {
    const found = remoteKeys({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url }, undefined);
    await assert.rejects(async () => found?.(), { code: 'trigger-start', message: /without TLS/ });
  }
});

test('a web identity is exchanged for keys', limit, async (t) => {
  let sent: URLSearchParams | undefined;
  const url = await serve(t, ({ headers }, body) => {
    assert.equal(headers.accept, 'application/json');
    sent = new URLSearchParams(body);
    const Credentials = { ...answer, Token: undefined, SessionToken: 'token', Expiration: Date.UTC(2030, 0, 1) / 1000 };
    const result = { AssumeRoleWithWebIdentityResult: { Credentials } };
    return JSON.stringify({ AssumeRoleWithWebIdentityResponse: result });
  });
  const env = { AWS_WEB_IDENTITY_TOKEN_FILE: fileOf(t, 'jwt\n'), AWS_ROLE_ARN: 'arn:role', AWS_ENDPOINT_URL_STS: url };
  assert.deepEqual(await remoteKeys({ ...env, AWS_ROLE_SESSION_NAME: 'me' }, 'r')?.(), keys);
  assert.deepEqual(Object.fromEntries(sent ?? []), {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: 'arn:role',
    RoleSessionName: 'me',
    WebIdentityToken: 'jwt',
  });
});

test('a machine gives a token first, then the name of its role, then keys', limit, async (t) => {
  const asked: unknown[] = [];
  const url = await serve(t, ({ method, url, headers }) => {
    asked.push([method, url, headers['x-aws-ec2-metadata-token'] ?? headers['x-aws-ec2-metadata-token-ttl-seconds']]);
    if (method === 'PUT') return 'session';
    return url?.endsWith('/my%20role') ? JSON.stringify(answer) : 'my role\nother';
  });
  const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: url };
  assert.deepEqual(await keysOfMachine(env), keys);
  const folder = '/latest/meta-data/iam/security-credentials/';
  assert.deepEqual(asked, [
    ['PUT', '/latest/api/token', '21600'],
    ['GET', folder, 'session'],
    ['GET', `${folder}my%20role`, 'session'],
  ]);
  assert.equal(await keysOfMachine({ ...env, AWS_EC2_METADATA_DISABLED: 'TRUE' }), undefined);
  const none = await serve(t, () => 404);
  assert.equal(await keysOfMachine({ AWS_EC2_METADATA_SERVICE_ENDPOINT: none }), undefined);
  const nothing = { HOME: tmpdir(), AWS_SHARED_CREDENTIALS_FILE: '/nowhere', AWS_CONFIG_FILE: '/nowhere' };
  const { keys: found } = await awsSettings({ ...nothing, ...env });
  assert.equal((await found()).accessKeyId, 'id');
});

test('what fails is said, without what was sent', limit, async (t) => {
  const cases: readonly (readonly [Answer, RegExp])[] = [
    [() => 403, /credentials of the container: 127\.0\.0\.1:\d+ answers with status 403$/],
    [() => undefined, /does not answer$/],
    [() => '{"AccessKeyId":"id"}', /has no credentials$/],
    [() => '<html>', /JSON/],
    [() => 'x'.repeat(70_000), /longer than 65536 bytes$/],
  ];
  for (const [how, message] of cases) {
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: await serve(t, how),
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'secret',
    };
    const error = await remoteKeys(env, undefined)?.().catch((one: Error) => one);
    assert.match(String(error), message);
    assert.doesNotMatch(String(error), /secret/);
  }
  const gone = remoteKeys({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' }, undefined);
  await assert.rejects(async () => gone?.(), /127\.0\.0\.1:1 cannot be reached/);
});

test('keys are fetched anew five minutes before they end, once for all that ask', async () => {
  let now = 0;
  let fetched = 0;
  let fails = false;
  const next = async (): Promise<PassingKeys> => {
    fetched++;
    if (fails) throw new Error('gone');
    return { ...keys, accessKeyId: `${fetched}`, endsAt: now + 600_000 };
  };
  const get = refreshed({ ...keys, endsAt: 600_000 }, next, () => now);
  now = 299_999;
  assert.equal((await get()).accessKeyId, 'id');
  now = 300_000;
  assert.deepEqual(
    (await Promise.all([get(), get()])).map(({ accessKeyId }) => accessKeyId),
    ['1', '1'],
  );
  assert.equal(fetched, 1);
  fails = true;
  now = 899_999;
  assert.equal((await get()).accessKeyId, '1', 'they last a little longer');
  now = 900_000;
  await assert.rejects(get(), /gone/);
  fails = false;
  assert.equal((await get()).accessKeyId, '4');
  const lasting = refreshed({ ...keys, endsAt: undefined }, next, () => now);
  now = 1e15;
  assert.equal((await lasting()).accessKeyId, 'id');
});
