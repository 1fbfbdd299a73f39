// Runs the checks of docs/web-apis.md in the engines for programs: each in a sandbox of its own.
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from '../../../src/index.ts';
import { within } from '../../../src/triggers/http/wait.test-kit.ts';
import { startServer } from './server.ts';

export interface Check {
  readonly group: string;
  readonly row: string;
  readonly check: string;
}

export interface Finding extends Check {
  readonly ok: boolean;
  /** The JSON of what came instead of what was expected. */
  readonly got?: string;
  /** Name and message of what was thrown. */
  readonly error?: string;
}

/** The engines, by the names that people know them by. */
export const engines = ['QuickJS'] as const;

/** The program that has the checks. */
export const checksFile = fileURLToPath(new URL('program.js', import.meta.url));

export async function findings(names: readonly string[]): Promise<ReadonlyMap<string, readonly Finding[]>> {
  const server = await startServer();
  const all = new Map<string, readonly Finding[]>();
  try {
    for (const name of names) all.set(name, await findingsOf(server.base, [server.base, server.away]));
  } finally {
    server.close();
  }
  return all;
}

async function findingsOf(base: string, allowedOutboundHosts: readonly string[]): Promise<readonly Finding[]> {
  const app = await load(
    { modules: await checkModules(), entry: basename(checksFile) },
    { permissions: { allowedOutboundHosts } },
  );
  try {
    const checks = (await app.call('list')) as Check[];
    const found: Finding[] = [];
    for (const check of checks) {
      const outcome = await within(app.call('run', check, base), `${check.row}: ${check.check}`).catch((error) => ({
        error: error.code === undefined ? `${error.name}: ${error.message}` : `The request ended: ${error.message}`,
      }));
      found.push({ ok: false, ...check, ...(outcome as Partial<Finding>) });
    }
    return found;
  } finally {
    await app.close();
  }
}

async function checkModules(): Promise<Record<string, string>> {
  const folder = dirname(checksFile);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.js'));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}
