// The signatures of Spin's interfaces are those of the WIT that spin-sdk ships, those of our own those of wit/, and each
// interface has all its functions.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { spinWitMissing } from '../../scripts/spin-wit.ts';
import {
  makeOwnSignatures,
  makeSpinSignatures,
  ownInterfaces,
  ownSignaturesFile,
  spinInterfaces,
  spinSignaturesFile,
} from '../../scripts/wit-signatures.ts';
import type { HostInterface } from '../component/types/val-type.ts';
import { keyValueInterfaces } from './key-value/service.ts';
import { llmInterfaces } from './llm/bindings.ts';
import { mqttInterfaces } from './mqtt/bindings.ts';
import { mysqlInterfaces } from './mysql/bindings.ts';
import { otelInterfaces } from './otel/bindings.ts';
import { spinHttpInterface } from './outbound-http/spin-interface.ts';
import { postgresInterfaces } from './postgres/bindings.ts';
import { redisInterfaces } from './redis/bindings.ts';
import { sqliteInterfaces } from './sqlite/bindings.ts';
import { variablesInterfaces } from './variables/bindings.ts';
import { webSocketInterfaces } from './websocket/bindings.ts';

/** Of each service that has bindings. */
const bound: Readonly<Record<string, readonly HostInterface[]>> = {
  'outbound-http': [spinHttpInterface],
  'key-value': keyValueInterfaces,
  llm: llmInterfaces,
  mqtt: mqttInterfaces,
  otel: otelInterfaces,
  redis: redisInterfaces,
  mysql: mysqlInterfaces,
  postgres: postgresInterfaces,
  sqlite: sqliteInterfaces,
  variables: variablesInterfaces,
  websocket: webSocketInterfaces,
};

type Signatures = Record<string, Record<string, string>>;

for (const service of Object.keys(spinInterfaces)) {
  const missing = spinWitMissing();
  test(`${service}: run \`node scripts/wit-signatures.ts\` when these are not the types of the WIT`, {
    skip: missing ?? false,
  }, async () => {
    const stored = JSON.parse(readFileSync(spinSignaturesFile(service), 'utf8')) as Signatures;
    assert.deepEqual(stored, await makeSpinSignatures(spinInterfaces[service]));
  });
}

for (const [folder, interfaces] of Object.entries(ownInterfaces)) {
  test(`${folder}: run \`node scripts/wit-signatures.ts\` when these are not the types of wit/`, async () => {
    const stored: unknown = JSON.parse(readFileSync(ownSignaturesFile(folder), 'utf8'));
    assert.deepEqual(stored, await makeOwnSignatures(interfaces));
  });
}

for (const [service, interfaces] of Object.entries(bound)) {
  const stored = JSON.parse(readFileSync(spinSignaturesFile(service), 'utf8')) as Signatures;

  test(`${service}: every interface and function is there, and none that the WIT does not have`, () => {
    const names = interfaces.map(({ name, version }) => (version === undefined ? name : `${name}@${version}`));
    assert.deepEqual(names.toSorted(), Object.keys(stored).sort());
    for (const { name, version, functions, signatures } of interfaces) {
      const types = stored[version === undefined ? name : `${name}@${version}`] as Record<string, string>;
      assert.deepEqual(Object.keys(functions).sort(), Object.keys(types).sort(), name);
      assert.deepEqual(signatures, types, name);
    }
  });

  test(`${service}: functions of asynchronous type may take their time`, () => {
    for (const { name, functions, signatures = {} } of interfaces) {
      for (const [key, func] of Object.entries(functions)) {
        assert.ok(func.suspends || !signatures[key]?.startsWith('async '), `${name} ${key}`);
      }
    }
  });
}
