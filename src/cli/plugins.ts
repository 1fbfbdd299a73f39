// Plugins: executables named `mayfly-<name>` on the path, which run as `mayfly <name>`.
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { home } from '../home.ts';
import { ChildFailure } from './exit-code.ts';
import { version } from './installation.ts';

export interface Plugin {
  readonly name: string;
  readonly path: string;
}

const PREFIX = 'mayfly-';

/** The plugins on the path, by name. Of several with one name the first counts; folders named by no full path do not. */
export function findPlugins(path = process.env.PATH ?? ''): Plugin[] {
  const found = new Map<string, Plugin>();
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    for (const file of namesIn(folder)) {
      const name = file.slice(PREFIX.length).replace(/\.(exe|cmd|bat)$/i, '');
      const plugin = { name, path: join(folder, file) };
      if (name !== '' && !found.has(name) && isExecutable(plugin.path)) found.set(name, plugin);
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Runs a plugin with the terminal of this process. Resolves to its exit code, or 128 and the number of the signal that
 * ended it. Rejects when it cannot be started.
 */
export async function runPlugin({ path }: Plugin, args: readonly string[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const own = { MAYFLY_VERSION: version(), MAYFLY_BIN_PATH: join(home, 'bin', 'mayfly.mjs') };
  // A terminal sends its signals to both, and the plugin decides what they mean; others it would not get. They are heard before
  // the plugin starts: a signal right after that would end this process and leave the plugin behind.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let child: ChildProcess | undefined;
  const pass = (signal: NodeJS.Signals): void => void (signal !== 'SIGINT' && child?.kill(signal));
  for (const signal of signals) process.on(signal, pass);
  try {
    child = spawn(path, args, { stdio: 'inherit', env: { ...process.env, ...own } });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(Math.min(255, new ChildFailure(code, signal).exitCode)));
    return await promise;
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}
