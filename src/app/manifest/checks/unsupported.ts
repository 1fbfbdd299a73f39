// Reports what Mayfly does not have yet in manifests that are valid: clearly at load, not when a request comes.

import { nearest } from '../../suggest.ts';
import { asTable, type Table } from '../document.ts';
import type { Problems } from '../problems.ts';
import { manifestTriggers } from '../triggers/all.ts';

const known: readonly string[] = manifestTriggers.map(({ type }) => type);
const names = known.map((type) => `'${type}'`).join(', ');

export function checkUnsupported(document: Table, problems: Problems): void {
  for (const [type, list] of Object.entries(asTable(document.trigger) ?? {})) {
    if (known.includes(type) || !Array.isArray(list)) continue;
    const meant = nearest(type, known);
    const message = `Mayfly has no '${type}' trigger yet; it serves ${names} triggers`;
    problems.add('unsupported', ['trigger', type, 0], message, {
      at: 'key',
      hint: meant ? `Did you mean '${meant}'?` : 'docs/limits.md lists what is missing',
    });
  }
}
