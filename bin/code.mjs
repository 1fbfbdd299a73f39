// The code of Mayfly: the sources in a checkout; in the package the files of dist, into which scripts/pack.ts put them together.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';

export const isCheckout = existsSync(new URL('../src/cli/main.ts', import.meta.url));

/** The URL of what a process starts with, by its path below `src` without an ending. */
export function codeOf(path) {
  return new URL(isCheckout ? `../src/${path}.ts` : `../dist/${basename(path)}.mjs`, import.meta.url);
}
