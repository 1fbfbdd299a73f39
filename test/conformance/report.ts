// Weighs cases against the known failures and counts them.

import type { Case } from './suite.ts';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * A known failure counts as skipped; one that passes counts as failed, so that the list only shrinks. `print` gets a
 * line for every failing case: `id reason`, ready for a known-failures file when `list` is set.
 */
export async function tally(
  cases: AsyncIterable<Case>,
  known: ReadonlyMap<string, string>,
  print: (line: string) => void,
  list = false,
): Promise<Tally> {
  const counts: Tally = { passed: 0, failed: 0, skipped: 0 };
  for await (const item of cases) {
    const reason = verdict(item, known.get(item.id));
    if (reason === undefined) counts[item.status === 'passed' ? 'passed' : 'skipped']++;
    else {
      counts.failed++;
      print(list ? `${item.id} ${reason}` : `FAILED ${item.id}: ${reason}`);
    }
  }
  return counts;
}

/** Why a case counts as failed; undefined when it does not. */
function verdict(item: Case, known: string | undefined): string | undefined {
  if (item.status === 'passed' && known !== undefined) return `Passes, but is listed as a known failure: ${known}`;
  if (item.status === 'failed' && known === undefined) return item.reason;
  return undefined;
}
