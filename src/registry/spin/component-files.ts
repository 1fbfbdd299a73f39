// The files of a component's mounts, as they are packed: each by its path in the guest.
import { readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { LockedComponent, LockedMount } from '../../app/locked-app.ts';

export interface ComponentFile {
  /** The path in the guest, without the first `/`. */
  readonly path: string;
  /** The absolute path on this machine. */
  readonly file: string;
}

/** Sorted by path; where two mounts have a file of one path, the later one counts. Links are not followed. */
export function filesOfMounts({ files }: Pick<LockedComponent, 'files'>): ComponentFile[] {
  const found = new Map<string, string>();
  for (const mount of files) for (const { path, file } of filesOfMount(mount)) found.set(path, file);
  return [...found].map(([path, file]) => ({ path, file })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function filesOfMount({ kind, source, destination }: LockedMount): ComponentFile[] {
  const below = posix.normalize(`/${destination}`).slice(1);
  if (kind === 'file') return [{ path: below, file: source }];
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return { path: posix.join(below, file.slice(source.length + 1).replaceAll('\\', '/')), file };
    });
}
