// Where Mayfly itself is installed, and what it starts there. In a checkout the sources run as they stand; in the package that
// people install they are put together as a few files, right in `dist` (scripts/pack.ts), which a start reads sooner.
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of Mayfly's own package.json. */
export const home = dirname(import.meta.dirname);

/** Whether this is the package, and not a checkout. */
export const isPacked = !import.meta.url.endsWith('.ts');

/** What a process starts with, by its path below `src` without an ending. */
export function entryFile(path: string): string {
  return fileURLToPath(new URL(isPacked ? `./${basename(path)}.mjs` : `./${path}.ts`, import.meta.url));
}

/** The folder of a user for configuration, as the XDG base directory specification names it. */
export function configOfUser(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_CONFIG_HOME, HOME } = env;
  return XDG_CONFIG_HOME && isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : join(HOME ?? homedir(), '.config');
}

/** The folder of a user for what can be made again, as the XDG base directory specification names it. */
export function cacheOfUser(): string {
  const { XDG_CACHE_HOME } = process.env;
  return XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache');
}
