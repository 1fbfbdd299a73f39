import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { makeSignatures, signaturesFile } from '../../../scripts/wit-signatures.ts';
import { variablesInterfaces } from '../variables/bindings.ts';
import { candidateInterfaces, wasiInterfaces } from './service.ts';

test('the signatures are those of the WIT: run `node scripts/wit-signatures.ts` when not', async () => {
  assert.deepEqual(JSON.parse(await readFile(signaturesFile('0.2'), 'utf8')), await makeSignatures('0.2'));
});

test('every interface and function of WASI 0.2 is there, and none that the WIT does not have', async () => {
  const bound = wasiInterfaces.map(({ name, functions }) => [name, Object.keys(functions).sort()]);
  const inWit = Object.entries(await makeSignatures('0.2')).map(([name, functions]) => [
    name,
    Object.keys(functions).sort(),
  ]);
  assert.deepEqual(bound.sort(), inWit.sort());
});

test('every function has a signature', () => {
  for (const { name, functions, signatures } of [...wasiInterfaces, ...candidateInterfaces, ...variablesInterfaces]) {
    assert.deepEqual(Object.keys(signatures ?? {}).sort(), Object.keys(functions).sort(), name);
  }
});
