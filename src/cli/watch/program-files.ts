// Which files are looked at for the programs of an app: those that they are made of, and what lies beside them, since a missing
// file that is made mends an import.
import { dirname } from 'node:path';
import type { WatchList } from './watched.ts';

const likelyEndings = ['ts', 'tsx', 'mts', 'js', 'jsx', 'mjs', 'cjs', 'json', 'txt', 'html', 'md', 'sql', 'css', 'py'];

/** Packages of others, of which there may be thousands of files. */
const ofPackages = /[\\/](?:node_modules|packages|site-packages)[\\/]/;

/**
 * The list for programs with these entries, made of `files`. While one of them cannot be put together, nobody knows what it is
 * made of (`isBroken`): then folders below the entries count, too, three deep.
 */
export function programFiles(entries: readonly string[], files: readonly string[], isBroken: boolean): WatchList {
  const own = [...entries, ...files.filter((file) => !ofPackages.test(file))];
  const folders = new Set(own.map((file) => dirname(file)));
  const likely = [...folders].flatMap((folder) => likelyFiles(folder, ''));
  const named = own.map((file) => ({ folder: dirname(file), pattern: file }));
  const below = isBroken ? entries.flatMap((file) => deep(dirname(file))) : [];
  // A watch list has a manifest; a program may have none, and its entry stands for it.
  return { sources: [...named, ...likely, ...below], artifacts: [], manifest: entries[0] ?? '' };
}

function deep(folder: string): WatchList['sources'] {
  return ['*/', '*/*/', '*/*/*/'].flatMap((path) => likelyFiles(folder, path));
}

function likelyFiles(folder: string, path: string): WatchList['sources'] {
  return likelyEndings.map((ending) => ({ folder, pattern: `${path}*.${ending}` }));
}
