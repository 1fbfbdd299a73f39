// Who the trigger is: the environment comes first, then the profile in Amazon's files, then the role of a container.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCredentials, readRegion } from './credentials.ts';

const keys = { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S' };
const amazon = new URL('https://sqs.eu-west-3.amazonaws.com/1/q');

function home(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-aws-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, '.aws'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, '.aws', name), text);
  return folder;
}

test('keys of the environment', async () => {
  assert.deepEqual(await readCredentials(keys), { accessKeyId: 'A', secretAccessKey: 'S', sessionToken: undefined });
  const { sessionToken } = await readCredentials({ ...keys, AWS_SESSION_TOKEN: 'T' });
  assert.equal(sessionToken, 'T');
});

test('profiles of both files, with names that have dots or are those of objects', async (t) => {
  const HOME = home(t, {
    credentials:
      '[default]\naws_access_key_id = D\naws_secret_access_key = d/+=\n\n# other\n[my.team]\naws_access_key_id=M\naws_secret_access_key=m\naws_session_token=t\n[__proto__]\naws_access_key_id=P\n',
    config: '[default]\nregion = eu-north-1\n[profile my.team]\nregion=us-west-2\n[profile only]\nregion=x\n',
  });
  const { accessKeyId, secretAccessKey } = await readCredentials({ HOME });
  assert.deepEqual([accessKeyId, secretAccessKey], ['D', 'd/+=']);
  assert.deepEqual(await readCredentials({ HOME, AWS_PROFILE: 'my.team' }), {
    accessKeyId: 'M',
    secretAccessKey: 'm',
    sessionToken: 't',
  });
  assert.equal(await readRegion({ HOME }, amazon), 'eu-north-1');
  assert.equal(await readRegion({ HOME, AWS_PROFILE: 'my.team' }, amazon), 'us-west-2');
  assert.equal(await readRegion({ HOME, AWS_REGION: 'r' }, amazon), 'r');
  for (const name of ['only', 'none', '__proto__', 'constructor']) {
    await assert.rejects(readCredentials({ HOME, AWS_PROFILE: name }), {
      code: 'trigger-start',
      message: /no credentials/,
    });
  }
});

test('the region of the queue, where nothing else names one', async (t) => {
  const HOME = home(t, {});
  assert.equal(await readRegion({ HOME }, amazon), 'eu-west-3');
  assert.equal(await readRegion({ HOME }, new URL('https://ap-south-1.queue.amazonaws.com/1/q')), 'ap-south-1');
  assert.equal(await readRegion({ HOME }, new URL('http://localhost:9324/1/q')), 'us-east-1');
});

test('the role of a container, with its token, and what it says when it gives none', async (t) => {
  let status = 200;
  const server = createServer(({ headers }, response) => {
    response.statusCode = headers.authorization === 'secret' ? status : 401;
    response.end(
      JSON.stringify({ AccessKeyId: 'R', SecretAccessKey: 'r', Token: 't', Expiration: '2030-01-01T00:00:00Z' }),
    );
  }).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/role`;
  const HOME = home(t, { token: 'secret\n' });
  const environment = {
    HOME,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(HOME, '.aws', 'token'),
  };
  assert.deepEqual(await readCredentials(environment), {
    accessKeyId: 'R',
    secretAccessKey: 'r',
    sessionToken: 't',
    expiresAt: Date.parse('2030-01-01T00:00:00Z'),
  });
  status = 500;
  await assert.rejects(readCredentials(environment), { code: 'trigger-start', message: /answers 500/ });
  const missing = { ...environment, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/nonexistent/token' };
  await assert.rejects(readCredentials(missing), { code: 'trigger-start', message: /gets no credentials/ });
});
