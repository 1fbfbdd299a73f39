// Where Mayfly itself is installed, and what of it the commands use.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { home } from '../home.ts';

export function version(): string {
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/**
 * Finds the folders with the commands of Mayfly's dependencies: in its own tree, and beside it when npm installed it.
 */
export function toolFolders(): string[] {
  return [join(home, 'node_modules', '.bin'), join(dirname(home), '.bin')].filter((folder) => existsSync(folder));
}
