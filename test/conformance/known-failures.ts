// The cases of a suite that are known to fail: `id reason`, one a line; `#` starts a comment.

import { existsSync, readFileSync } from 'node:fs';

/** Case id → reason. An absent file means that nothing is known to fail. */
export function readKnownFailures(file: string | URL): Map<string, string> {
  if (!existsSync(file)) return new Map();
  return parseKnownFailures(readFileSync(file, 'utf8'));
}

export function parseKnownFailures(text: string): Map<string, string> {
  const known = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, id, reason] = /^(\S+)\s+(\S.*)$/.exec(line) ?? [];
    if (!id || !reason) throw new Error(`A known failure needs a reason: "${line}"`);
    known.set(id, reason);
  }
  return known;
}
