// Every provider of variables keeps the contract, and the environment comes before the .env file.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { environmentProvider } from './environment.ts';
import { providerContract } from './provider.contract.ts';
import { valuesProvider } from './values.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-env-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

function dotenv(text: string): string {
  const file = path.join(folder, `${files++}.env`);
  writeFileSync(file, text);
  return file;
}
const upper = (values: Record<string, string>) =>
  Object.entries(values).map(([name, value]) => [`SPIN_VARIABLE_${name.toUpperCase()}`, value] as const);

providerContract('values', (values) => valuesProvider('command line', values));
providerContract('environment', (values) => environmentProvider({ environment: Object.fromEntries(upper(values)) }));
providerContract('.env file', (values) => {
  const lines = upper(values).map(([name, value]) => `${name}='${value}'`);
  return environmentProvider({ environment: {}, dotenvPath: dotenv(lines.join('\n')) });
});

test('the environment comes before the .env file, and the prefix can be another', () => {
  const dotenvPath = dotenv('APP_A=file\nAPP_B=file # comment\nSPIN_VARIABLE_A=no');
  const provider = environmentProvider({ prefix: 'APP', environment: { APP_A: 'environment' }, dotenvPath });
  assert.deepEqual([provider.get('a'), provider.get('b')], ['environment', 'file']);
});

test('a .env file may be missing, but not unreadable', () => {
  const missing = environmentProvider({ environment: {}, dotenvPath: path.join(folder, 'none') });
  assert.equal(missing.get('a'), undefined);
  const unreadable = environmentProvider({ environment: {}, dotenvPath: folder });
  assert.throws(() => unreadable.get('a'), { code: 'EISDIR' });
});
