// A required variable without a value is reported at its place in the manifest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockedApp, lockedVariable } from '../../app/locked-app.test-kit.ts';
import type { LockedApp, LockedVariable } from '../../app/locked-app.ts';
import { valuesProvider } from './backends/values.ts';
import { missingVariables } from './required.ts';
import { createResolver } from './resolver.ts';

function appWith(variables: Record<string, Partial<LockedVariable>>): LockedApp {
  const all = Object.entries(variables).map(([name, one], index) => [
    name,
    lockedVariable({ location: { file: 'spin.toml', line: index + 1, column: 1 }, ...one }),
  ]);
  return lockedApp({ variables: Object.fromEntries(all) });
}

test('a required variable without a value is a problem at its place, used or not', async () => {
  const app = appWith({
    given: { required: true },
    absent: { required: true },
    fallback: { default: '' },
    later: { required: true },
  });
  const broken = {
    name: 'vault',
    get: async (name: string) => (name === 'later' ? Promise.reject(new Error('no')) : undefined),
  };
  const resolver = createResolver(app.variables, [valuesProvider('--variable', { given: '' }), broken]);
  const problems = await missingVariables(app, resolver);
  assert.deepEqual(
    problems.map(({ code, message, location }) => [code, message, location?.line]),
    [
      [
        'variable-missing',
        'Variable "absent" is required and has no value: No provider has the required variable "absent"',
        2,
      ],
      ['variable-missing', 'Variable "later" is required and has no value: Provider "vault" failed for "later": no', 4],
    ],
  );
});
