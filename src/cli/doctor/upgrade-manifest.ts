// Finds a manifest of version 1, and rewrites it as version 2. The old one is kept beside it, as Spin keeps it.
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { stringify } from 'smol-toml';
import type { ManifestSource } from '../../app/manifest/read.ts';
import { inFormOfVersion2 } from '../../app/manifest/version.ts';
import { MayflyError } from '../../errors.ts';
import type { Finding } from './finding.ts';

export function findOldManifest(source: ManifestSource): Finding[] {
  const current = inFormOfVersion2(source);
  if (current === source) return [];
  const text = `${source.file} is of version 1, which can be turned into version 2`;
  return [{ state: 'fixable', text, fix: async () => rewrite(source.file, current.document) }];
}

function rewrite(file: string, document: object): string {
  const backup = `${file}.v1_backup`;
  if (existsSync(backup)) {
    throw new MayflyError('target-exists', `"${backup}" is there already`, { hint: 'Move it away' });
  }
  const text = stringify(withoutNothing(document));
  renameSync(file, backup);
  writeFileSync(file, text);
  return `${basename(file)} is of version 2; the old one is ${basename(backup)}`;
}

/** Without keys that have no value, which TOML cannot say. */
function withoutNothing(document: object): object {
  return JSON.parse(JSON.stringify(document)) as object;
}
