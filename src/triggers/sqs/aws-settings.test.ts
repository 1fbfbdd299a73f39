// Credentials, region and endpoint come from the environment, and else from the files in `.aws`.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { awsSettings, parseIni } from './aws-settings.ts';

const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };

function files(t: TestContext, texts: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-aws-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  return {
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: folder,
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_CONFIG_FILE: join(folder, 'config'),
  };
}

test('the environment counts most, and a region or an endpoint may come from the files', async (t) => {
  const env = files(t, {
    credentials: '[default]\naws_access_key_id = a\naws_secret_access_key=b=/+ # a note\naws_session_token = c\n',
    config: '[default]\nregion = eu-one-1\n[profile other]\nregion = eu-two-2\nendpoint_url = http://localhost:1\n',
  });
  const one = await awsSettings(env);
  assert.deepEqual([one.region, one.endpoint], ['eu-one-1', undefined]);
  assert.deepEqual(await one.keys(), { accessKeyId: 'a', secretAccessKey: 'b=/+', sessionToken: 'c' });
  const other = await awsSettings({ ...env, ...keys, AWS_PROFILE: 'other' });
  assert.deepEqual([other.region, other.endpoint], ['eu-two-2', 'http://localhost:1']);
  assert.deepEqual(await other.keys(), { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: undefined });
  const most = { AWS_DEFAULT_REGION: 'r', AWS_ENDPOINT_URL: 'http://all', AWS_ENDPOINT_URL_SQS: 'http://sqs' };
  const { region, endpoint } = await awsSettings({ ...env, ...keys, ...most });
  assert.deepEqual([region, endpoint], ['r', 'http://sqs']);
});

test('no credentials, half of them, and a file that is none are errors', async (t) => {
  const env = files(t, { credentials: '[other]\naws_access_key_id = a\n' });
  await assert.rejects(awsSettings(env), { code: 'trigger-start', message: /no credentials.*"default"/ });
  await assert.rejects(awsSettings({ ...env, AWS_ACCESS_KEY_ID: 'id' }), { code: 'trigger-start' });
  await assert.rejects(awsSettings({ ...env, AWS_PROFILE: 'other' }), { code: 'trigger-start' });
  await assert.rejects(awsSettings({ ...env, ...keys, AWS_CONFIG_FILE: tmpdir() }), { code: 'trigger-start' });
});

test('names of sections and keys are those of the file, whatever they are called', () => {
  const sections = parseIni(
    '; note\nlost = 1\n[ profile  a ]\n__proto__ = 1\ns3 =\n  nested = 2\nX=3\r\n[__proto__]\ny=4',
  );
  assert.deepEqual([...sections.keys()], ['profile a', '__proto__']);
  assert.deepEqual(
    [...(sections.get('profile a') ?? [])],
    [
      ['__proto__', '1'],
      ['s3', ''],
      ['x', '3'],
    ],
  );
});
