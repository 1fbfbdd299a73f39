// The sources of variables are asked in Spin's order.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockedApp, lockedVariable } from '../app/locked-app.test-kit.ts';
import { defaultRuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { createResolver } from '../host/variables/resolver.ts';
import { silentLog } from '../telemetry/log.ts';
import { variableProviders } from './services.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-services-'));
after(() => rmSync(folder, { recursive: true }));

test('variables: the command line, the configured providers in order, the environment, the default', async () => {
  writeFileSync(join(folder, '.env'), ['A', 'B', 'C', 'D'].map((name) => `SPIN_VARIABLE_${name}=dotenv`).join('\n'));
  writeFileSync(join(folder, 'app.env'), ['A', 'B', 'C'].map((name) => `APP_${name}=app`).join('\n'));
  const variables = Object.fromEntries([...'abcde'].map((name) => [name, lockedVariable({ default: 'default' })]));
  const app = lockedApp({ directory: folder, variables });
  const runtimeConfig = {
    ...defaultRuntimeConfig(),
    variablesProviders: [
      { type: 'static', values: new Map([...'ab'].map((name) => [name, 'static'])) },
      { type: 'env', prefix: 'APP', dotenvPath: join(folder, 'app.env') },
    ] as const,
  };
  const providers = variableProviders(app, {
    variables: { a: 'command line' },
    environment: {},
    log: silentLog,
    runtimeConfig,
  });
  const resolver = createResolver(app.variables, providers);
  const values = await Promise.all([...'abcde'].map((name) => resolver.resolve(name)));
  assert.deepEqual(values, ['command line', 'static', 'app', 'dotenv', 'default']);
});
