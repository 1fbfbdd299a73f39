// Tools that zod lacks for reading manifests well: tables that know their keys, and a choice of schema without zod's
// unions, whose errors say only that nothing fitted. Each schema that zod cannot describe says itself what it is in JSON
// Schema.
import * as z from 'zod/mini';

/** A schema of JSON Schema, draft 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;
/** Writes another schema as JSON Schema. */
export type ToJson = (schema: z.core.$ZodType) => JsonSchema;

const forms = new WeakMap<z.core.$ZodType, (toJson: ToJson) => JsonSchema>();

/** The form of a schema that is made here, in JSON Schema; undefined for one of zod's own. */
export function jsonFormOf(schema: z.core.$ZodType, toJson: ToJson): JsonSchema | undefined {
  return forms.get(schema)?.(toJson);
}

function withForm<S extends z.core.$ZodType>(schema: S, form: (toJson: ToJson) => JsonSchema): S {
  forms.set(schema, form);
  return schema;
}

/**
 * Makes the schema of a table without other keys. The message of its `unrecognized_keys` issue lists the keys that it
 * knows.
 */
export function table<const Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : undefined),
  });
}

/**
 * Makes a schema that hands a value to the one which `pick` chooses by looking at it. `expected` names what is
 * accepted, for the error of a value that no schema accepts; `alternatives` are all that `pick` may give.
 */
export function choose<S extends z.core.$ZodType>(
  expected: string,
  pick: (value: unknown) => S | undefined,
  alternatives: readonly z.core.$ZodType[] = [],
) {
  const chosen = z.pipe(
    z.unknown(),
    z.transform((value: unknown, context): z.output<S> => {
      const schema = pick(value);
      const result = schema && z.safeParse(schema, value);
      if (result?.success) return result.data;
      if (result)
        for (const issue of result.error.issues) context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
      else context.issues.push({ code: 'invalid_type', expected: expected as 'string', input: value });
      return z.NEVER;
    }),
  );
  return withForm(chosen, (toJson) => (alternatives.length > 0 ? { anyOf: alternatives.map(toJson) } : {}));
}

/**
 * Makes the schema of a table with keys of the author's choice, including `__proto__`, which zod's own would leave out.
 */
export function dictionary<S extends z.core.$ZodType>(schema: S) {
  const read = z.pipe(
    z.unknown(),
    z.transform((value: unknown, context): Record<string, z.output<S>> => {
      const all: Record<string, z.output<S>> = Object.create(null);
      if (!isTable(value)) {
        context.issues.push({ code: 'invalid_type', expected: 'record', input: value });
        return z.NEVER;
      }
      for (const [key, one] of Object.entries(value)) {
        const result = z.safeParse(schema, one);
        if (result.success) all[key] = result.data;
        else for (const issue of result.error.issues) context.issues.push(below(issue, key, one));
      }
      return all;
    }),
  );
  return withForm(read, (toJson) => ({ type: 'object', additionalProperties: toJson(schema) }));
}

/** Whether TOML calls the value a table; dates are objects, too. */
export function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function below(issue: z.core.$ZodIssue, key: string, input: unknown): z.core.$ZodRawIssue {
  return { ...issue, path: [key, ...issue.path], input } as z.core.$ZodRawIssue;
}

/** Makes the schema of a string or a value of another type, as in `source = "a.wasm"` and `source = { url = … }`. */
export function textOr<S extends z.core.$ZodType>(kind: 'array' | 'table', schema: S) {
  return choose(
    `a string or ${kind === 'array' ? 'an array' : 'a table'}`,
    (value) => {
      if (typeof value === 'string') return z.string();
      return (kind === 'array' ? Array.isArray(value) : isTable(value)) ? schema : undefined;
    },
    [z.string(), schema],
  );
}

/**
 * Makes the schema of a number written for people, such as `64MiB`; `read` gives undefined for what it cannot read, and
 * `form` says in JSON Schema what it reads.
 */
export function quantity(read: (value: string | number) => number | undefined, hint: string, form: JsonSchema) {
  const parsed = z.pipe(
    z.unknown(),
    z.transform((value: unknown, context): number => {
      const number = typeof value === 'string' || typeof value === 'number' ? read(value) : undefined;
      if (number !== undefined) return number;
      context.issues.push({ code: 'custom', message: 'is not understood', input: value, params: { hint } });
      return z.NEVER;
    }),
  );
  return withForm(parsed, () => form);
}
