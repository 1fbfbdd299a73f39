// Measures operations of services from a guest: each request in a fresh sandbox, with one operation or with many, one request
// after another, without a socket in front.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultRuntimeConfig } from '../../src/app/runtime-config/runtime-config.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { testLog } from '../../src/telemetry/log.test-kit.ts';
import { loadInto, request } from '../support/in-process.ts';
import { cpuMicroseconds, serveMeasurements } from '../support/measuring.ts';
import type { Operation, Places } from '../support/service-operations.ts';

export interface ServicesConfig extends Places {
  /** The component. */
  readonly file: string;
}

export interface ServicesInput {
  readonly operation: Operation;
  /** Plain Node has no requests. */
  readonly perRequest: number;
  readonly milliseconds: number;
}

export interface ServicesRound {
  readonly operations: number;
  /** Of all threads of this process, for all operations together. */
  readonly cpuUs: number;
  readonly wallUs: number;
}

await serveMeasurements<ServicesConfig, ServicesInput>(async ({ file, folder, servers }) => {
  const { log, lines } = testLog();
  const runtimeConfig = defaultRuntimeConfig(folder);
  const loaded = await loadInto(createEngine({}), await manifest(folder, file), { log, runtimeConfig });
  return async ({ operation, perRequest, milliseconds }) => {
    lines.length = 0;
    const server = servers[operation];
    const query = server === undefined ? '' : `&url=${encodeURIComponent(server)}`;
    const cpu = cpuMicroseconds();
    const start = performance.now();
    let done = 0;
    while (performance.now() - start < milliseconds) {
      try {
        await request(loaded, `/${operation}?times=${perRequest}&from=${done}${query}`, 'done');
      } catch (error) {
        throw new Error(lines.at(-1)?.message ?? String(error));
      }
      done += perRequest;
    }
    const wallUs = (performance.now() - start) * 1000;
    return { operations: done, cpuUs: cpuMicroseconds() - cpu, wallUs } satisfies ServicesRound;
  };
});

async function manifest(folder: string, file: string): Promise<string> {
  const path = join(folder, 'spin.toml');
  const lines = [
    'spin_manifest_version = 2',
    'application.name = "bench-services"',
    '[[trigger.http]]',
    'route = "/..."',
    'component = "repeat"',
    '[component.repeat]',
    `source = ${JSON.stringify(file)}`,
    'key_value_stores = ["default"]',
    'sqlite_databases = ["default"]',
    'allowed_outbound_hosts = ["*://127.0.0.1:*"]',
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}
