// A case as its file case.toml has it. HACKING.md says how one is written; a key that nothing reads is a mistake.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import * as z from 'zod/mini';

const text = z.string();
const texts = z.optional(z.array(text));
const number = z.optional(z.number());
const table = z.optional(z.record(text, text));

const ask = z.strictObject({
  /** Done first: see actions.ts. */
  before: texts,
  /** The next one is asked while this one is under way; all are awaited at the end. */
  background: z.optional(z.boolean()),
  method: z.optional(text),
  path: z.optional(text),
  headers: table,
  body: z.optional(text),
  /** A body of that many bytes. */
  'body-size': number,
  /** Calls that the guest makes, a line each, with `=>` and what they give. */
  calls: z.optional(text),
  /** Bytes that are sent instead of a request; `answer` and `answer-has` are about all that comes back. */
  raw: z.optional(text),
  status: number,
  answer: z.optional(text),
  'answer-has': texts,
  'answer-lacks': texts,
  'answer-size': number,
  /** Their values; `false` for a header that must not be there. */
  'answer-headers': z.optional(z.record(text, z.union([text, z.literal(false)]))),
  /** All headers that the answer may have. */
  'only-headers': texts,
  /** How often, one after another, or all at once. */
  times: number,
  together: number,
  /** Seconds in which the answer must be there, and those before which it must not. */
  within: number,
  'not-before': number,
});

const line = z.strictObject({
  event: z.optional(text),
  /** A part of the message, or of the error that comes with it. */
  has: z.optional(text),
  fields: z.optional(z.record(text, z.union([text, z.number()]))),
  /** How often, if not once or more. */
  times: number,
});

const schema = z.strictObject({
  shows: text,
  /** It hardly computes, and runs beside others that wait. */
  waits: z.optional(z.boolean()),
  /** What is started: see servers.ts. `%{port=redis}` is its port, and `%{path=disk}` its folder. */
  needs: texts,
  variables: table,
  environment: table,
  /** Done before the app is loaded: see actions.ts. */
  setup: texts,
  'key-values': table,
  sqlite: texts,
  'maximum-sandboxes': number,
  /** What `mayfly up` prints that refuses to load the app, without the folder of the case. */
  'load-error': z.optional(text),
  ask: z.optional(z.array(ask)),
  log: z.optional(z.array(line)),
  /** Events that the log must not have. */
  'log-lacks': texts,
  /** Served by `mayfly up` with these arguments, instead of in the process of the test. */
  up: texts,
  /** Files that there are before the app is loaded: `bytes` of them, or a link. */
  files: z.optional(
    z.array(
      z.strictObject({
        path: text,
        text: z.optional(text),
        hex: z.optional(text),
        bytes: number,
        link: z.optional(text),
      }),
    ),
  ),
});

export type Case = z.output<typeof schema>;
export type Ask = z.output<typeof ask>;
export type LogLine = z.output<typeof line>;

/** The case in a folder. Throws for a key that there is not. */
export function readCase(folder: string): Case {
  const found = schema.safeParse(parse(readFileSync(join(folder, 'case.toml'), 'utf8')));
  if (!found.success) throw new Error(`${folder}: ${z.prettifyError(found.error)}`);
  return found.data;
}
