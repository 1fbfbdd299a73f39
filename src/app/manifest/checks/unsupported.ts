// Reports what Mayfly does not have yet in manifests that are valid: clearly at load, not when a request comes.

import type { KeyPath } from '../../toml/positions.ts';
import { asTable, type Entries, type Table } from '../document.ts';
import type { Problems } from '../problems.ts';
import { manifestTriggers } from '../triggers/all.ts';

const hint = 'docs/limits.md lists what is missing';

/** Types of triggers that there are elsewhere, and what Mayfly would need for them. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ['sqs', 'queues of Amazon SQS'],
  ['kinesis', 'streams of Amazon Kinesis'],
]);

const known: readonly string[] = manifestTriggers.map(({ type }) => type);
const names = known.map((type) => `'${type}'`).join(', ');

export function checkUnsupported(document: Table, { triggers, components }: Entries, problems: Problems): void {
  const report = (path: KeyPath, message: string, mend = hint) =>
    problems.add('unsupported', path, message, { hint: mend, at: 'key' });

  for (const [type, list] of Object.entries(asTable(document.trigger) ?? {})) {
    if (!known.includes(type) && Array.isArray(list)) {
      const source = elsewhere.get(type);
      const why = source === undefined ? `; it serves ${names} triggers` : `, since it has no client for ${source}`;
      const instead = `A program beside the app can read them, and post each to an 'http' trigger`;
      report(['trigger', type, 0], `Mayfly has no '${type}' trigger yet${why}`, source && instead);
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

/**
 * Reports a manifest of version 1, and returns true for one. Its keys are altogether different, so nothing else is
 * worth reporting.
 */
export function reportOldManifest(document: Table, problems: Problems): boolean {
  const version = document.spin_manifest_version ?? document.spin_version;
  const isOld = 'spin_version' in document || version === '1' || version === 1;
  const key = 'spin_version' in document ? 'spin_version' : 'spin_manifest_version';
  if (isOld) {
    problems.add('unsupported', [key], 'Mayfly reads manifests of version 2, and this one is of version 1', {
      hint: "'spin doctor' rewrites a manifest to version 2",
    });
  } else if (typeof version === 'number' && version !== 2) {
    problems.add('manifest-value', [key], `There is no manifest version ${version}`, {
      hint: "Write 'spin_manifest_version = 2'",
    });
  }
  return isOld;
}
