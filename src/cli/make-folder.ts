// Makes a folder that the command line names, and those above it, one by one: Node's own way with `recursive` never ends below
// /proc.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { MayflyError, messageOf } from '../errors.ts';

/** `what` names the option. Throws `usage` with the system's reason. */
export function makeFolder(what: string, folder: string): void {
  const missing: string[] = [];
  try {
    for (let at = folder; statSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at)) missing.push(at);
    for (const one of missing.reverse()) makeOne(one);
    if (!statSync(folder).isDirectory()) throw new Error('it is a file');
  } catch (cause) {
    throw new MayflyError('usage', `${what} cannot be a folder at ${folder}: ${messageOf(cause)}`, {
      cause,
      hint: 'Name a folder that can be written',
    });
  }
}

/** Another worker may make it at the same time. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
