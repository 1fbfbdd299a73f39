// `--limit KEY=VALUE` of `mayfly up`: takes the keys and values of `tool.mayfly.limits`, and reads them as the manifest
// does.
import * as z from 'zod/mini';
import { lockLimits } from '../app/lock-parts.ts';
import { manifestLimits } from '../app/manifest/settings-schema.ts';
import { MayflyError } from '../errors.ts';
import type { Limits } from '../limits.ts';

/** Gathers repeated `KEY=VALUE` options, for commander. Throws `usage`. */
export function collectLimit(text: string, before: Limits = {}): Limits {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) throw notUnderstood(text, 'Write KEY=VALUE, such as "memory=64MiB"');
  const result = z.safeParse(manifestLimits, { [key]: /^\d+$/.test(value) ? Number(value) : value });
  if (result.success) return { ...before, ...lockLimits(result.data) };
  const issue = result.error.issues[0] as {
    readonly code: string;
    readonly message: string;
    readonly params?: unknown;
  };
  if (issue.code === 'unrecognized_keys') throw notUnderstood(text, `There are ${issue.message.split(' ').join(', ')}`);
  throw notUnderstood(text, (issue.params as { readonly hint?: string } | undefined)?.hint);
}

function notUnderstood(text: string, hint: string | undefined): MayflyError {
  return new MayflyError('usage', `"${text}" is not a limit`, { hint });
}
