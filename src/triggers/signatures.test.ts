// The types of the handlers that triggers call are those of the WIT that spin-sdk ships.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { spinWitMissing } from '../../scripts/spin-wit.ts';
import { makeSpinSignatures, triggerInterfaces, triggerSignaturesFile } from '../../scripts/wit-signatures.ts';

for (const [type, interfaces] of Object.entries(triggerInterfaces)) {
  test(`${type}: run \`node scripts/wit-signatures.ts\` when these are not the types of the WIT`, {
    skip: spinWitMissing() ?? false,
  }, async () => {
    const stored: unknown = JSON.parse(readFileSync(triggerSignaturesFile(type), 'utf8'));
    assert.deepEqual(stored, await makeSpinSignatures(interfaces));
  });
}
