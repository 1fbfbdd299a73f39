// Files that a manifest names: the source of each component and its mounts.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type FilesEntry, MountFault, mergeMounts, resolveEntry } from '../../files/mounts.ts';
import type { LockedMount } from '../../locked-app.ts';
import { asArray, asTable, asText, type ComponentEntry, type Entries, textsOf } from '../document.ts';
import type { Problems } from '../problems.ts';

/** The mounts of each component, by id. */
export function checkFiles(directory: string, { components }: Entries, problems: Problems): Map<string, LockedMount[]> {
  const mounts = new Map<string, LockedMount[]>();
  for (const component of components) {
    checkSource(directory, component, problems);
    mounts.set(component.id, checkMounts(directory, component, problems));
  }
  return mounts;
}

function checkSource(directory: string, { id, path, table }: ComponentEntry, problems: Problems): void {
  const source = asText(table.source);
  if (source === undefined) return;
  const stat = statSync(resolve(directory, source), { throwIfNoEntry: false });
  if (stat?.isFile()) return;
  const message = stat ? `is not a file` : 'does not exist';
  problems.add('manifest-source', [...path, 'source'], `The source "${source}" of component "${id}" ${message}`, {
    hint: asTable(table.build)
      ? "Run 'mayfly build' first, or 'mayfly up --build'"
      : 'Correct the path; it starts at the folder of the manifest',
  });
}

function checkMounts(directory: string, { path, table }: ComponentEntry, problems: Problems): LockedMount[] {
  const mounts = asArray(table.files).flatMap((value, index) => {
    const entry = asEntry(value);
    if (entry === undefined) return [];
    try {
      return resolveEntry(directory, entry);
    } catch (error) {
      if (!(error instanceof MountFault)) throw error;
      const source = typeof entry === 'string' ? entry : entry.source;
      problems.add('manifest-files', [...path, 'files', index], `"${source}" ${error.message}`, { hint: error.hint });
      return [];
    }
  });
  const exclude = textsOf(table.exclude_files).map(({ text }) => text);
  return mergeMounts(directory, mounts, exclude);
}

function asEntry(value: unknown): FilesEntry | undefined {
  const table = asTable(value);
  const [source, destination] = [asText(table?.source), asText(table?.destination)];
  return asText(value) ?? (source !== undefined && destination !== undefined ? { source, destination } : undefined);
}
