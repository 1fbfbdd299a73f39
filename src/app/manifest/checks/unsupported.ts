// Reports what Mayfly does not have yet in manifests that are valid: clearly at load, not when a request comes.

import { nearest } from '../../suggest.ts';
import { asTable, type Table } from '../document.ts';
import type { Problems } from '../problems.ts';
import { manifestTriggers } from '../triggers/all.ts';

/** Types of triggers that there are elsewhere, and what Mayfly would need for them. */
const elsewhere: ReadonlyMap<string, string> = new Map([['kinesis', 'streams of Amazon Kinesis']]);

const known: readonly string[] = manifestTriggers.flatMap(({ type, isSetting }) => (isSetting ? [] : [type]));
const settings: readonly string[] = manifestTriggers.flatMap(({ type, isSetting }) => (isSetting ? [type] : []));
const names = known.map((type) => `'${type}'`).join(', ');

export function checkUnsupported(document: Table, problems: Problems): void {
  for (const [type, list] of Object.entries(asTable(document.trigger) ?? {})) {
    if (known.includes(type) || !Array.isArray(list)) continue;
    if (settings.includes(type)) {
      const message = `Spin starts no app with a '${type}' trigger: its table stands elsewhere`;
      const hint = `Write '[[application.tool.mayfly.${type}]]', which Spin ignores`;
      problems.add('unsupported', ['trigger', type, 0], message, { at: 'key', hint });
      continue;
    }
    const source = elsewhere.get(type);
    const why = source === undefined ? `; it serves ${names} triggers` : `, since it has no client for ${source}`;
    problems.add('unsupported', ['trigger', type, 0], `Mayfly has no '${type}' trigger yet${why}`, {
      at: 'key',
      hint: source ? `A program beside the app can read them, and post each to an 'http' trigger` : hintFor(type),
    });
  }
}

function hintFor(type: string): string {
  const meant = nearest(type, known);
  return meant ? `Did you mean '${meant}'?` : 'docs/limits.md lists what is missing';
}
