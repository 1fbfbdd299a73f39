// Which files are looked at for the programs of an app: those that they are made of, and what lies beside them, since a missing
// file that is made mends an import.
import { dirname, join, sep } from 'node:path';
import { isPython } from '../../app/script-file.ts';
import type { WatchList } from './watched.ts';

const likelyEndings = ['ts', 'tsx', 'mts', 'js', 'jsx', 'mjs', 'cjs', 'json', 'txt', 'html', 'md', 'sql', 'css', 'py'];

/** Whether a file is of a package of others, of which there may be thousands: in Python those beside the program, too. */
function isOfPackage(file: string, entries: readonly string[]): boolean {
  const beside = (entry: string): string => join(dirname(entry), 'packages', sep);
  return (
    /[\\/](?:node_modules|site-packages)[\\/]/.test(file) ||
    entries.some((entry) => isPython(entry) && file.startsWith(beside(entry)))
  );
}

/**
 * The list for programs with these entries, made of `files`. While one of them cannot be put together, nobody knows what it is
 * made of (`isBroken`): then folders below the entries count, too, three deep.
 */
export function programFiles(entries: readonly string[], files: readonly string[], isBroken: boolean): WatchList {
  const own = [...entries, ...files.filter((file) => !isOfPackage(file, entries))];
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
