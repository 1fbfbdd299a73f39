// Reads a file of tests: `*.test.toml` or `*.test.json`, in the format of docs/testing.md.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'smol-toml';
import * as z from 'zod/mini';
import { indexPositions } from '../../app/toml/positions.ts';
import { MayflyError, messageOf } from '../../errors.ts';

function isExpression(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

const texts = z.record(z.string(), z.string());

/** Bytes, as a text or as what they are made from. */
const content = z.union([
  z.string(),
  z.strictObject({ json: z.unknown() }),
  z.strictObject({ base64: z.string() }),
  z.strictObject({ file: z.string() }),
]);

const expectedText = z.union([
  z.string(),
  z.strictObject({ contains: z.string() }),
  z.strictObject({ matches: z.string().check(z.refine(isExpression, 'it is no regular expression')) }),
  z.strictObject({ json: z.unknown() }),
  z.strictObject({ base64: z.string() }),
]);

const expectedHeaders = z.record(z.string(), z.union([z.literal(false), expectedText]));

const answer = z.strictObject({
  method: z.optional(z.string()),
  url: z.string(),
  status: z.optional(z.int().check(z.gte(100), z.lte(599))),
  headers: z.optional(texts),
  body: z.optional(content),
  times: z.optional(z.int()),
});

const setup = {
  variables: z.optional(texts),
  environment: z.optional(texts),
  key_value: z.optional(z.record(z.string(), z.record(z.string(), content))),
  sqlite: z.optional(z.record(z.string(), z.array(z.string()))),
  http: z.optional(z.array(answer)),
};

const request = z.strictObject({
  method: z.optional(z.string()),
  path: z.string().check(z.regex(/^\//)),
  host: z.optional(z.string()),
  headers: z.optional(texts),
  body: z.optional(content),
  expect: z.optional(
    z.strictObject({
      status: z.optional(z.int()),
      headers: z.optional(expectedHeaders),
      body: z.optional(expectedText),
    }),
  ),
});

const after = z.strictObject({
  key_value: z.optional(z.record(z.string(), z.record(z.string(), z.union([z.literal(false), expectedText])))),
  sqlite: z.optional(
    z.array(
      z.strictObject({ database: z.optional(z.string()), query: z.string(), rows: z.array(z.array(z.unknown())) }),
    ),
  ),
  http: z.optional(
    z.array(
      z.strictObject({
        method: z.optional(z.string()),
        url: z.string(),
        headers: z.optional(expectedHeaders),
        body: z.optional(expectedText),
        times: z.optional(z.int()),
      }),
    ),
  ),
  output: z.optional(z.array(expectedText)),
});

const schema = z.strictObject({
  manifest: z.optional(z.string()),
  ...setup,
  test: z.array(
    z.strictObject({
      name: z.string(),
      skip: z.optional(z.union([z.boolean(), z.string()])),
      timeout_ms: z.optional(z.int().check(z.gte(1))),
      ...setup,
      request: z.optional(z.union([request, z.array(request)])),
      after: z.optional(after),
    }),
  ),
});

export type Content = z.output<typeof content>;
export type ExpectedText = z.output<typeof expectedText>;
export type ExpectedHeaders = z.output<typeof expectedHeaders>;
export type Answer = z.output<typeof answer>;
export type RequestSpec = z.output<typeof request>;
export type After = z.output<typeof after>;

export interface Setup {
  readonly variables: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly keyValue: Readonly<Record<string, Readonly<Record<string, Content>>>>;
  readonly sqlite: Readonly<Record<string, readonly string[]>>;
  readonly http: readonly Answer[];
}

export interface TestCase extends Setup {
  readonly name: string;
  /** Why it is not run; undefined when it is. */
  readonly skip: string | undefined;
  readonly timeoutMs: number;
  readonly requests: readonly RequestSpec[];
  readonly after: After;
}

export interface TestFile {
  readonly file: string;
  /** The manifest that the file names; undefined without one. */
  readonly manifest: string | undefined;
  readonly tests: readonly TestCase[];
}

const DEFAULT_TIMEOUT_MS = 30_000;

type RawSetup = Pick<z.output<typeof schema>, 'variables' | 'environment' | 'key_value' | 'sqlite' | 'http'>;

/** Reads a file. Throws `test-invalid`, with all mistakes at once. */
export function readTestFile(file: string): TestFile {
  let text: string;
  let document: unknown;
  try {
    text = readFileSync(file, 'utf8');
    document = file.endsWith('.json') ? JSON.parse(text) : parse(text);
  } catch (cause) {
    throw new MayflyError('test-invalid', `The tests cannot be read: ${messageOf(cause).split('\n')[0]}`, {
      cause,
      location: { file },
    });
  }
  const result = z.safeParse(schema, document);
  if (!result.success) throw problemsOf(result.error, file, text);
  const { manifest, test, ...common } = result.data;
  return {
    file,
    manifest: manifest && resolve(dirname(file), manifest),
    tests: test.map((one) => ({
      ...merged(common, one),
      name: one.name,
      skip: one.skip === true ? 'skipped' : one.skip || undefined,
      timeoutMs: one.timeout_ms ?? DEFAULT_TIMEOUT_MS,
      requests: one.request === undefined ? [] : [one.request].flat(),
      after: one.after ?? {},
    })),
  };
}

/** A test's own settings stand before those of the file; statements of the file run first. */
function merged(file: RawSetup, own: RawSetup): Setup {
  const keyValue = { ...file.key_value };
  for (const [label, keys] of Object.entries(own.key_value ?? {})) keyValue[label] = { ...keyValue[label], ...keys };
  const sqlite = { ...file.sqlite };
  for (const [label, statements] of Object.entries(own.sqlite ?? {})) {
    sqlite[label] = [...(sqlite[label] ?? []), ...statements];
  }
  return {
    variables: { ...file.variables, ...own.variables },
    environment: { ...file.environment, ...own.environment },
    keyValue,
    sqlite,
    http: [...(own.http ?? []), ...(file.http ?? [])],
  };
}

type Place = readonly PropertyKey[];

/** Of what has several forms: the mistake that lies deepest, since the form in which it is was meant. */
function meant(issue: z.core.$ZodIssue): { readonly issue: z.core.$ZodIssue; readonly path: Place } {
  const own = { issue, path: issue.path };
  if (issue.code !== 'invalid_union') return own;
  const below = issue.errors.flat().map(meant);
  const most = below.reduce((depth, { path }) => Math.max(depth, path.length), 0);
  const found = below.find((one) => one.path.length === most && (most > 0 || one.issue.code === 'custom'));
  return found ? { issue: found.issue, path: [...issue.path, ...found.path] } : own;
}

/** zod itself has no words without a locale: it says `Invalid input` of everything. */
function inWords(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `there is no key ${issue.keys.map((key) => `'${key}'`).join(', ')}`;
  if (issue.code === 'invalid_type') return `it is no ${issue.expected}`;
  if (issue.code === 'too_small') return `it is less than ${issue.minimum}`;
  if (issue.code === 'too_big') return `it is more than ${issue.maximum}`;
  if (issue.code === 'invalid_union') return 'it has none of the forms that it may have';
  return issue.code === 'invalid_format' ? 'it does not have the right form' : issue.message;
}

function problemsOf(error: z.core.$ZodError, file: string, text: string): MayflyError {
  const positions = file.endsWith('.json') ? undefined : indexPositions(text);
  const problems = error.issues.map((given) => {
    const { issue, path: whole } = meant(given);
    const path = whole.filter((key) => typeof key !== 'symbol');
    const where = path.join('.') || 'the file';
    const place = positions?.key(path as (string | number)[]);
    return new MayflyError('test-invalid', `"${where}": ${inWords(issue)}`, {
      location: { file, ...place },
      hint: 'docs/testing.md has the keys',
    });
  });
  const [first] = problems;
  if (problems.length === 1 && first) return first;
  return new MayflyError('test-invalid', `The file of tests has ${problems.length} mistakes`, { problems });
}
