// The environment in which Amazon's programs look for credentials, for the length of a test.
import type { TestContext } from 'node:test';
import { credentials } from './servers/sqs.ts';

const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_REGION', 'AWS_ENDPOINT_URL'];

/** Sets the environment of Amazon's programs until the test is over. */
export function awsEnvironment(t: TestContext, values: Readonly<Record<string, string>> = {}): void {
  const { id, secret, token, region } = credentials;
  const before = names.map((name) => [name, process.env[name]] as const);
  const wanted: Readonly<Record<string, string>> = {
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: token,
    AWS_REGION: region,
    ...values,
  };
  for (const name of names) setVariable(name, wanted[name]);
  t.after(() => {
    for (const [name, value] of before) setVariable(name, value);
  });
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
