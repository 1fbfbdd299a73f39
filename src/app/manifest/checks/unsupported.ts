// Reports what Mayfly does not have yet in manifests that are valid: clearly at load, not when a request comes.

import type { KeyPath } from '../../toml/positions.ts';
import { asTable, type Table } from '../document.ts';
import type { Problems } from '../problems.ts';
import { manifestTriggers } from '../triggers/all.ts';

const hint = 'docs/limits.md lists what is missing';
const known: readonly string[] = manifestTriggers.map(({ type }) => type);
const names = known.map((type) => `'${type}'`).join(', ');

export function checkUnsupported(document: Table, problems: Problems): void {
  const report = (path: KeyPath, message: string) => problems.add('unsupported', path, message, { hint, at: 'key' });

  for (const [type, list] of Object.entries(asTable(document.trigger) ?? {})) {
    if (!known.includes(type) && Array.isArray(list)) {
      report(['trigger', type, 0], `Mayfly has no '${type}' trigger yet; it serves ${names} triggers`);
    }
  }
}
