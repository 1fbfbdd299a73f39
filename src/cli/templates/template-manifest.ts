// Reads a template: a folder in the format of Spin, described by its `metadata/spin-template.toml`.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { parse } from 'smol-toml';
import * as z from 'zod/mini';
import { MayflyError, messageOf } from '../../errors.ts';

export interface Parameter {
  readonly id: string;
  readonly prompt: string;
  readonly default: string | undefined;
  /** What is wrong with a value; undefined for one that fits. */
  fault(value: string): string | undefined;
  readonly allowedValues: readonly string[] | undefined;
}

/** What a template does for a new app, or for a new component of one. */
export interface Variant {
  /** Files of `content` that are not written. */
  readonly skipFiles: readonly string[];
  readonly skipParameters: readonly string[];
  /** Names of files in `metadata/snippets`, by what becomes of them. */
  readonly snippets: Readonly<Record<string, string>>;
  readonly conditions: readonly Conditional[];
}

interface Conditional {
  /** The keys that lead to an entry of the manifest. */
  readonly entry: readonly string[];
  readonly skipFiles: readonly string[];
  readonly skipParameters: readonly string[];
  readonly skipSnippets: readonly string[];
}

export interface Template {
  readonly id: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly folder: string;
  readonly newApp: Variant | undefined;
  readonly addComponent: Variant | undefined;
  readonly parameters: readonly Parameter[];
  /** Folders that are made, whose paths are templates. */
  readonly folders: readonly { readonly path: string; readonly at: 'component' | 'manifest' }[];
}

const texts = z.optional(z.array(z.string()));
const variant = z.optional(
  z.strictObject({
    supported: z.optional(z.boolean()),
    skip_files: texts,
    skip_parameters: texts,
    snippets: z.optional(z.record(z.string(), z.string())),
    conditions: z.optional(
      z.record(
        z.string(),
        z.strictObject({
          condition: z.strictObject({ manifest_entry_exists: z.string() }),
          skip_files: texts,
          skip_parameters: texts,
          skip_snippets: texts,
        }),
      ),
    ),
  }),
);

const schema = z.strictObject({
  manifest_version: z.literal('1'),
  id: z.string().check(z.minLength(1), z.maxLength(200)),
  description: z.optional(z.string()),
  trigger_type: z.optional(z.unknown()),
  tags: texts,
  new_application: variant,
  add_component: variant,
  parameters: z.optional(
    z.record(
      z.string(),
      z.strictObject({
        type: z.literal('string'),
        prompt: z.string(),
        default: z.optional(z.string()),
        pattern: z.optional(z.string()),
        allowed_values: texts,
      }),
    ),
  ),
  outputs: z.optional(
    z.record(
      z.string(),
      z.strictObject({
        action: z.literal('create_dir'),
        path: z.string(),
        at: z.optional(z.enum(['component', 'manifest'])),
      }),
    ),
  ),
});

type Raw = z.output<typeof schema>;

/** Whether a folder holds a template, right or wrong. */
export function isTemplate(folder: string): boolean {
  return existsSync(manifestOf(folder));
}

function manifestOf(folder: string): string {
  return join(folder, 'metadata', 'spin-template.toml');
}

/** Reads the template of a folder. Throws `template-invalid`. */
export function readTemplate(folder: string): Template {
  const file = manifestOf(folder);
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw invalid(file, messageOf(cause).split('\n')[0] ?? '', cause);
  }
  const result = z.safeParse(schema, document);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw invalid(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
  }
  const { id, description = '', tags = [], parameters = {}, outputs = {}, ...rest } = result.data;
  return {
    id,
    description,
    tags: tags.map((tag) => tag.toLowerCase()),
    folder,
    newApp: variantOf(rest.new_application ?? {}),
    addComponent: rest.add_component && variantOf(rest.add_component),
    parameters: Object.entries(parameters).map(([name, parameter]) => parameterOf(name, parameter, file)),
    folders: Object.values(outputs).map(({ path, at = 'component' }) => ({ path, at })),
  };
}

function variantOf(raw: NonNullable<Raw['new_application']>): Variant | undefined {
  if (raw.supported === false) return undefined;
  const conditions = Object.values(raw.conditions ?? {}).map((one) => ({
    entry: one.condition.manifest_entry_exists.split('.'),
    skipFiles: one.skip_files ?? [],
    skipParameters: one.skip_parameters ?? [],
    skipSnippets: one.skip_snippets ?? [],
  }));
  const { skip_files: skipFiles = [], skip_parameters: skipParameters = [], snippets = {} } = raw;
  return { skipFiles, skipParameters, snippets, conditions };
}

function parameterOf(id: string, raw: NonNullable<Raw['parameters']>[string], file: string): Parameter {
  const pattern = raw.pattern === undefined ? undefined : expressionOf(raw.pattern, id, file);
  const { prompt, default: fallback, allowed_values: allowedValues } = raw;
  const fault = (value: string): string | undefined => {
    const mismatch = pattern && mismatchOf(pattern, value);
    if (mismatch) return `it ${mismatch} ${raw.pattern}`;
    if (allowedValues && !allowedValues.includes(value)) return `it is not one of ${allowedValues.join(', ')}`;
    return undefined;
  };
  return { id, prompt, default: fallback, fault, allowedValues };
}

/** Milliseconds; expressions of Rust take no more than the length of the value asks for, and ours may try for ever. */
const MOST_MATCHING_MS = 500;

/** What is between value and expression, in words; undefined when the value fits. */
function mismatchOf(pattern: RegExp, value: string): string | undefined {
  try {
    const matches = runInNewContext('pattern.test(value)', { pattern, value }, { timeout: MOST_MATCHING_MS });
    return matches ? undefined : 'does not match';
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return 'takes too long to compare with';
  }
}

/** Reads an expression of Rust's `regex`, whose flags for the whole stand in front. */
function expressionOf(pattern: string, id: string, file: string): RegExp {
  const [, flags = '', rest = pattern] = /^\(\?([imsu]+)\)([\s\S]*)$/.exec(pattern) ?? [];
  try {
    return new RegExp(rest, [...new Set(`${flags}u`)].join(''));
  } catch (cause) {
    throw invalid(file, `the pattern of "${id}" cannot be used`, cause);
  }
}

function invalid(file: string, reason: string, cause?: unknown): MayflyError {
  return new MayflyError('template-invalid', `The template is not valid: ${reason}`, { location: { file }, cause });
}
