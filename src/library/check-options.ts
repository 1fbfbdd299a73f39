// Checks what a program of Node gives to `load`: it may be JavaScript, where no compiler has looked at it.
import * as z from 'zod/mini';
import { lockLimits } from '../app/lock-parts.ts';
import { manifestLimits } from '../app/manifest/settings-schema.ts';
import { engineNames } from '../app/script-file.ts';
import { nearest } from '../app/suggest.ts';
import { MayflyError } from '../errors.ts';
import type { Limits } from '../limits.ts';

const texts = z.array(z.string());
const named = z.record(z.string(), z.string());
const positive = z.int().check(z.positive());
const callable = (words: string) => z.custom((value) => typeof value === 'function', words);
const isLog = (value: unknown): boolean =>
  ['debug', 'info', 'warn', 'error', 'child'].every((name) => typeof Object(value)[name] === 'function');

const options = z.strictObject({
  variables: z.optional(named),
  environment: z.optional(named),
  limits: z.optional(manifestLimits),
  runtimeConfig: z.optional(z.string()),
  profile: z.optional(z.string()),
  engine: z.optional(z.enum(engineNames)),
  permissions: z.optional(
    z.strictObject({
      allowedOutboundHosts: z.optional(texts),
      keyValueStores: z.optional(texts),
      sqliteDatabases: z.optional(texts),
      aiModels: z.optional(texts),
    }),
  ),
  log: z.optional(z.custom(isLog, 'a log of pino, or of its form')),
  onError: z.optional(callable('a function')),
  reset: z.optional(z.enum(['auto', 'scan', 'madvise', 'copy'])),
  verifyResets: z.optional(z.boolean()),
  maximumSandboxes: z.optional(positive),
  stackBytes: z.optional(positive),
  cacheDirectory: z.optional(z.string()),
  debug: z.optional(z.boolean()),
});

/** Gives the limits. Throws `usage` with all mistakes of the options. */
export function checkedOptions(given: object): Limits {
  const result = z.safeParse(options, given);
  if (result.success) return result.data.limits ? lockLimits(result.data.limits) : {};
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue));
  throw problems.length === 1 ? problems[0] : new MayflyError('usage', 'Options of load are wrong', { problems });
}

function problemsOf(issue: z.core.$ZodIssue): MayflyError[] {
  const place = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownOption(place, key));
  const name = place.join('.') || 'options';
  return [new MayflyError('usage', `The option '${name}' must be ${expected(issue)}`)];
}

function unknownOption(place: readonly string[], key: string): MayflyError {
  const known = Object.keys(place.reduce<object>((shape, part) => shapeOf(Object(shape)[part]), shapeOf(options)));
  const meant = nearest(key, known);
  return new MayflyError('usage', `There is no option '${[...place, key].join('.')}'`, {
    hint: meant === undefined ? `There are ${known.join(', ')}` : `Did you mean '${[...place, meant].join('.')}'?`,
  });
}

/** The keys of an object's schema, also of one that may be absent. */
function shapeOf(schema: unknown): object {
  const { def } = Object(Object(schema)._zod) as {
    readonly def?: { readonly innerType?: unknown; readonly shape?: object };
  };
  return def?.shape ?? (def?.innerType === undefined ? {} : shapeOf(def.innerType));
}

function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.map((value) => `'${String(value)}'`).join(' or ');
    case 'custom':
      return (issue.params as { readonly hint?: string } | undefined)?.hint ?? issue.message;
    case 'too_small':
      return 'a whole number from 1';
    case 'invalid_type':
      return names[issue.expected] ?? issue.expected;
    default:
      return issue.message;
  }
}

const names: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  array: 'a list',
  record: 'an object of strings',
  object: 'an object',
};
