// The JSON Schema for editors says of manifests what reading them says, and describes each key.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'smol-toml';
import { descriptions } from './descriptions.ts';
import { manifestJsonSchema } from './json-schema.ts';
import type { JsonSchema } from './schema-tools.ts';

const folder = join(import.meta.dirname, '../../../test/cases/manifests');
const schema = manifestJsonSchema();
const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, allowUnionTypes: true });
const validate = ajv.compile(schema);

interface Golden {
  readonly name: string;
  readonly document: unknown;
  readonly isAccepted: boolean;
}

/** The golden manifests of version 2. */
const goldens: readonly Golden[] = readdirSync(folder)
  .filter((file) => file.endsWith('.toml') && !file.startsWith('v1-'))
  .flatMap((file) => {
    const isAccepted = existsSync(join(folder, file.replace(/\.toml$/, '.json')));
    try {
      return [{ name: file, document: parse(readFileSync(join(folder, file), 'utf8')), isAccepted }];
    } catch {
      return [];
    }
  });

/** The codes of mistakes that a schema can find: those of keys and of types. */
const findable = /manifest-(key-unknown|type)\]/;

test('golden manifests that are accepted fit the schema', () => {
  const accepted = goldens.filter(({ isAccepted }) => isAccepted);
  assert.ok(accepted.length > 20, `${accepted.length} manifests`);
  for (const { name, document } of accepted) {
    assert.equal(validate(document), true, `${name}: ${ajv.errorsText(validate.errors)}`);
  }
});

test('golden manifests with keys and types that are wrong do not fit it', () => {
  const refused = goldens.filter(
    ({ name, isAccepted }) =>
      !isAccepted && findable.test(readFileSync(join(folder, name.replace(/\.toml$/, '.err')), 'utf8')),
  );
  assert.ok(refused.length > 5, `${refused.length} manifests`);
  assert.deepEqual(
    refused.filter(({ document }) => validate(document)).map(({ name }) => name),
    [],
  );
});

test('what editors show of a key is there for each key that Mayfly has, and for none that it has not', () => {
  const used = new Set<string>();
  const bare: string[] = [];
  const visit = (one: JsonSchema, path: string): void => {
    if (path in descriptions) used.add(path);
    const inside = (key: string): string => (path === '' ? key : `${path}.${key}`);
    for (const [key, value] of Object.entries(one.properties ?? {})) {
      const child = value as JsonSchema;
      if (child.description === undefined) bare.push(inside(key));
      visit(child, inside(key));
    }
    for (const [value, step] of [
      [one.additionalProperties, inside('*')],
      [one.items, `${path}[]`],
    ] as const) {
      if (typeof value === 'object' && !Array.isArray(value)) visit(value as JsonSchema, step);
    }
    for (const value of one.anyOf ?? []) visit(value as JsonSchema, path);
  };
  visit(schema, '');
  for (const [name, definition] of Object.entries(schema.$defs ?? {})) visit(definition as JsonSchema, `${name}.*`);
  const missing = Object.keys(descriptions).filter((path) => !used.has(path));
  assert.deepEqual(missing, []);
  // Types of triggers have their keys in files of their own, which need not say more; nor does Mayfly read targets.
  const others = bare.filter((path) => !/^(application\.)?trigger\.(?!http)|targets\[\]/.test(path));
  assert.deepEqual(others, []);
});
