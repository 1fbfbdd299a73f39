// Puts the schema's complaints into words, each at its place in the file.
import * as z from 'zod/mini';
import type { ErrorCode } from '../../errors.ts';
import { nearest } from '../suggest.ts';
import { type FileKind, manifestFile } from '../toml/file-kind.ts';
import type { KeyPath } from '../toml/positions.ts';
import { type Problems, showPath } from './problems.ts';
import type { ManifestSource } from './read.ts';
import { type Manifest, manifestSchema } from './schema.ts';

/** The manifest of version 2 in its types; undefined after reporting what does not fit. */
export function checkSchema(source: ManifestSource, problems: Problems): Manifest | undefined {
  return checkFile(manifestSchema, source, problems, manifestFile);
}

/** The file in its types; undefined after reporting what does not fit. */
export function checkFile<S extends z.core.$ZodType>(
  schema: S,
  source: ManifestSource,
  problems: Problems,
  kind: FileKind,
): z.output<S> | undefined {
  const result = z.safeParse(schema, source.document);
  if (result.success) return result.data;
  for (const issue of result.error.issues) report(issue, source, problems, kind);
  return undefined;
}

function report(
  issue: z.core.$ZodIssue,
  source: ManifestSource,
  problems: Problems,
  { codes, secret }: FileKind,
): void {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const show = (of: KeyPath): string => showPath(source.written?.(of) ?? of);
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ');
    const where = path.length > 0 ? ` in '${show(path)}'` : '';
    for (const key of issue.keys) reportUnknown([...path, key], where, known, problems, codes.keyUnknown);
    return;
  }
  const value = valueAt(source.document, path);
  if (value === undefined) {
    const where = path.length > 1 ? ` in '${show(path.slice(0, -1))}'` : '';
    problems.add(codes.keyMissing, path, `The key '${path.at(-1)}' is missing${where}`, {
      at: 'key',
      hint: `Add ${exampleOf(path, issue)}`,
    });
  } else if (issue.code === 'custom') {
    const hint = issue.params?.hint as string;
    problems.add(codes.value, path, `'${show(path)}' has a value that ${issue.message}`, { hint });
  } else if (issue.code === 'invalid_value' && typeof value === 'string') {
    const names = issue.values.filter((each) => typeof each === 'string');
    const meant = nearest(value, names);
    const hint = meant && `Did you mean "${meant}"?`;
    problems.add(codes.value, path, `'${show(path)}' must be ${names.map((name) => `"${name}"`).join(' or ')}`, {
      hint,
    });
  } else {
    const expected = expectedBy(issue);
    const message = `'${show(path)}' must be ${expected}, not ${secret ? kindOf(value) : shown(value)}`;
    problems.add(codes.type, path, message, { hint: hintForType(path, value, expected, !secret) });
  }
}

function reportUnknown(
  path: KeyPath,
  where: string,
  known: readonly string[],
  problems: Problems,
  code: ErrorCode,
): void {
  const key = String(path.at(-1));
  const meant = nearest(key, known);
  problems.add(code, path, `Unknown key '${key}'${where}`, {
    at: 'key',
    hint: meant ? `Did you mean '${meant}'?` : `Known here: ${known.join(', ')}`,
  });
}

function valueAt(document: unknown, path: KeyPath): unknown {
  let value = document;
  for (const key of path) value = Object(value)[key];
  return value;
}

function expectedBy(issue: z.core.$ZodIssue): string {
  const names: Record<string, string> = {
    string: 'a string',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'an array',
    object: 'a table',
    record: 'a table',
  };
  if (issue.code === 'invalid_value' && typeof issue.values[0] === 'string') return 'a string';
  const expected = issue.code === 'invalid_type' ? issue.expected : 'int';
  return names[expected] ?? expected;
}

/** The value if it is short, and what it is. */
function shown(value: unknown): string {
  if (typeof value === 'boolean') return `${value}`;
  return typeof value === 'number' || typeof value === 'bigint' ? `the number ${value}` : kindOf(value);
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'boolean') return 'a boolean';
  if (typeof value === 'number' || typeof value === 'bigint') return 'a number';
  if (Array.isArray(value)) return 'an array';
  return value instanceof Date ? 'a date' : 'a table';
}

function exampleOf(path: KeyPath, issue: z.core.$ZodIssue): string {
  const key = String(path.at(-1));
  const examples: Record<string, string> = {
    spin_manifest_version: `'spin_manifest_version = 2'`,
    application: `an '[application]' table`,
    trigger: path.length > 1 ? `a '[component.trigger]' table` : `a '[[trigger.http]]' table`,
    route: path[0] === 'trigger' ? `'route = "/..."', or 'route = { private = true }'` : `'route = "/path"'`,
    source: `'source = "<path to the .wasm file>"'`,
  };
  return examples[key] ?? `'${key} = …', ${expectedBy(issue)}`;
}

function hintForType(path: KeyPath, value: unknown, expected: string, mayShow: boolean): string | undefined {
  if (path[0] === 'spin_manifest_version' && path.length === 1) return `Write 'spin_manifest_version = 2'`;
  if (path[0] === 'trigger' && path.length === 2 && !Array.isArray(value)) return `Write '[[trigger.${path[1]}]]'`;
  if (expected === 'an array' && path.length === 1 && kindOf(value) === 'a table') return `Write '[[${path[0]}]]'`;
  if (typeof value === 'number' || typeof value === 'boolean')
    return `If text is meant, put it in quotes${mayShow ? `: "${value}"` : ''}`;
  return undefined;
}
