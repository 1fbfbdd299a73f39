// Makes a folder and those above it, one by one: Node's own way with `recursive` never ends below /proc.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Does nothing where the folder is there. Throws the system's error, or one like it where a file is. */
export function makeFolders(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; statSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at)) missing.push(at);
  for (const one of missing.reverse()) makeOne(one);
  if (statSync(folder).isDirectory()) return;
  throw Object.assign(new Error(`ENOTDIR: it is a file, '${folder}'`), { code: 'ENOTDIR' });
}

/** Another worker may make it at the same time. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
