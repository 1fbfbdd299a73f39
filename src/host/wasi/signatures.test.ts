import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { makeSignatures, signaturesFile } from '../../../scripts/wit-signatures.ts';
import { variablesInterfaces } from '../variables/bindings.ts';
import { candidateInterfaces, wasiInterfaces, wasiInterfaces03 } from './service.ts';

const versions = { '0.2': wasiInterfaces, '0.3': wasiInterfaces03 } as const;

for (const version of ['0.2', '0.3'] as const) {
  test(`the signatures are those of the WIT of ${version}: run \`node scripts/wit-signatures.ts\` when not`, async () => {
    assert.deepEqual(JSON.parse(await readFile(signaturesFile(version), 'utf8')), await makeSignatures(version));
  });

  test(`every interface and function of WASI ${version} is there, and none that the WIT does not have`, async () => {
    const bound = versions[version].map(({ name, functions }) => [name, Object.keys(functions).sort()]);
    const inWit = Object.entries(await makeSignatures(version)).map(([name, functions]) => [
      name,
      Object.keys(functions).sort(),
    ]);
    assert.deepEqual(bound.sort(), inWit.sort());
  });
}

test('functions of asynchronous type may take their time', () => {
  for (const { name, functions, signatures = {} } of wasiInterfaces03) {
    for (const [key, func] of Object.entries(functions)) {
      assert.equal(func.suspends, signatures[key]?.startsWith('async '), `${name} ${key}`);
    }
  }
});

test('every function has a signature', () => {
  for (const { name, functions, signatures } of [
    ...wasiInterfaces,
    ...wasiInterfaces03,
    ...candidateInterfaces,
    ...variablesInterfaces,
  ]) {
    assert.deepEqual(Object.keys(signatures ?? {}).sort(), Object.keys(functions).sort(), name);
    for (const [key, text] of Object.entries(signatures ?? {}))
      assert.match(text, /^(?:async )?func\(/, `${name} ${key}`);
  }
});
