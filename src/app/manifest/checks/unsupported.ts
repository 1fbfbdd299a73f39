// Reports what Mayfly does not have yet in manifests that are valid: clearly at load, not when a request comes.

import type { KeyPath } from '../../toml/positions.ts';
import { asTable, type Entries, type Table } from '../document.ts';
import type { Problems } from '../problems.ts';
import { manifestTriggers } from '../triggers/all.ts';

const hint = 'docs/limits.md lists what is missing';
const known: readonly string[] = manifestTriggers.map(({ type }) => type);
const names = known.map((type) => `'${type}'`).join(', ');

export function checkUnsupported(document: Table, { triggers, components }: Entries, problems: Problems): void {
  const report = (path: KeyPath, message: string) => problems.add('unsupported', path, message, { hint, at: 'key' });

  for (const [type, list] of Object.entries(asTable(document.trigger) ?? {})) {
    if (!known.includes(type) && Array.isArray(list)) {
      report(['trigger', type, 0], `Mayfly has no '${type}' trigger yet; it serves ${names} triggers`);
    }
  }
  for (const { type, path, table } of triggers) {
    if (!known.includes(type)) continue;
    if (table.components) report([...path, 'components'], `Mayfly has no meaning for 'components' of a trigger yet`);
  }
  for (const { id, path, table } of components) {
    const source = asTable(table.source);
    if (source) {
      const kind = 'url' in source ? 'a URL' : 'a registry';
      report([...path, 'source'], `Mayfly does not fetch the source of component "${id}" from ${kind} yet`);
    }
    if (Object.keys(asTable(table.dependencies) ?? {}).length > 0) {
      report([...path, 'dependencies'], `Mayfly does not compose the dependencies of component "${id}" yet`);
    }
  }
}
