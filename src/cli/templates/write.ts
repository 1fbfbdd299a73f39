// Writes what a template comes to: all of it, or nothing when something is in the way.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { MayflyError } from '../../errors.ts';
import type { Plan } from './plan.ts';

/** Throws `target-exists` when the folder holds anything; call it before the first question. */
export function refuseFull(folder: string): void {
  let entries: string[] = [];
  try {
    entries = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new MayflyError('target-exists', `"${folder}" is no folder`, { cause: error });
    }
  }
  if (entries.length === 0) return;
  throw new MayflyError('target-exists', `The folder "${folder}" is not empty`, {
    hint: "Choose another name or '--output', or replace files with '--allow-overwrite'",
  });
}

/** Throws `target-exists` for a file that is there. */
export function refuseExisting({ files }: Plan, exists: (file: string) => boolean): void {
  const taken = [...files.keys()].find(exists);
  if (taken === undefined) return;
  throw new MayflyError('target-exists', `"${taken}" is there already`, {
    hint: "Choose another folder with '--output', or replace files with '--allow-overwrite'",
  });
}

export function writePlan({ files, folders, manifest }: Plan): void {
  for (const [file, content] of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  if (manifest) writeFileSync(manifest.file, manifest.text);
}
