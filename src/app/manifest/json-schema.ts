// The schema of spin.toml as JSON Schema, for editors: made from the schema that manifests are read with, with a
// description of each key.
import * as z from 'zod/mini';
import { allLimits } from '../../limits.ts';
import { component } from './component-schema.ts';
import { type Description, descriptions } from './descriptions.ts';
import { manifestSchema } from './schema.ts';
import { type JsonSchema, jsonFormOf, type ToJson } from './schema-tools.ts';

/** Schemas that stand at several places, by their names in `$defs`. */
const named = new Map<z.core.$ZodType, string>([[component, 'component']]);

/** The JSON Schema of a manifest of version 2, draft 2020-12. */
export function manifestJsonSchema(): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const toJson: ToJson = (schema) => {
    const name = named.get(schema);
    if (name === undefined) return convert(schema, toJson);
    // The name is taken before the schema is written, since it may name itself.
    if (!(name in definitions)) {
      definitions[name] = {};
      definitions[name] = convert(schema, toJson);
    }
    return { $ref: `#/$defs/${name}` };
  };
  const root = toJson(manifestSchema);
  const all = new Map<string, Description>([...Object.entries(descriptions), ...limitDescriptions()]);
  describe(root, '', all);
  for (const [name, definition] of Object.entries(definitions)) describe(definition, `${name}.*`, all);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'spin.toml, version 2, as Mayfly reads it',
    ...root,
    $defs: definitions,
  };
}

/** Writes one schema; those inside of it that are not zod's own, or have a name, are written by `toJson`. */
function convert(schema: z.core.$ZodType, toJson: ToJson): JsonSchema {
  const { $schema: _, ...written } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
    override({ zodSchema, jsonSchema }) {
      const form = zodSchema !== schema && named.has(zodSchema) ? toJson(zodSchema) : jsonFormOf(zodSchema, toJson);
      if (!form) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      Object.assign(jsonSchema, form);
    },
  });
  return written as JsonSchema;
}

/** Adds the descriptions to a schema and all inside of it; `path` is where in a manifest its value stands. */
function describe(schema: JsonSchema, path: string, all: ReadonlyMap<string, Description>): void {
  const found = all.get(path);
  if (typeof found === 'string') schema.description = found;
  else if (found) Object.assign(schema, found);
  // Zod says that whole numbers are those which JavaScript can hold, which nobody needs to read.
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  const inside = (key: string): string => (path === '' ? key : `${path}.${key}`);
  for (const [key, value] of Object.entries(schema.properties ?? {})) descend(value, inside(key), all);
  descend(schema.additionalProperties, inside('*'), all);
  descend(schema.items, `${path}[]`, all);
  // An alternative is the same value; its own keys are described, not itself.
  for (const one of schema.anyOf ?? []) {
    for (const [key, value] of Object.entries(one.properties ?? {})) descend(value, inside(key), all);
    descend(one.additionalProperties, inside('*'), all);
    if (one.items) descend(one.items, `${path}[]`, all);
    if (one.anyOf) describe({ anyOf: one.anyOf }, path, new Map([...all].filter(([key]) => key !== path)));
  }
}

function descend(value: unknown, path: string, all: ReadonlyMap<string, Description>): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) describe(value as JsonSchema, path, all);
}

/** The limits, of which src/limits.ts says what each bounds. */
function limitDescriptions(): [string, Description][] {
  const places = ['application.tool.mayfly', 'component.*.tool.mayfly'];
  return places.flatMap((place) =>
    allLimits.map(([, { key, of }]): [string, Description] => [`${place}.limits.${key}`, `Limits ${of}`]),
  );
}
