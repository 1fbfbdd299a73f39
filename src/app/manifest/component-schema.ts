// The schema of a component in spin.toml, whether it has a table of its own or stands in a trigger; and the terms that
// other tables have in common with it.
import * as z from 'zod/mini';
import { componentSettings } from './component-settings.ts';
import { choose, dictionary, isTable, table, textOr } from './schema-tools.ts';

export const text = z.string();
export const texts = z.array(text);
export const textMap = dictionary(text);
export const anyTable = dictionary(z.unknown());

export const variable = table({
  description: z.optional(text),
  required: z.optional(z.boolean()),
  default: z.optional(text),
  secret: z.optional(z.boolean()),
});

const remote = table({ url: text, digest: text });
const packaged = table({ registry: z.optional(text), package: text, version: text });

const source = textOr(
  'table',
  choose('a string or a table', (value) => ('url' in Object(value) ? remote : packaged), [remote, packaged]),
);

const buildTable = table({
  command: textOr('array', texts),
  workdir: z.optional(text),
  watch: z.optional(texts),
});

/**
 * Spin's parser reads a list of values as the keys of a table in their order, and examples of Spin have
 * `build = ["command"]`. Only this form is known here: with two entries the second would be `workdir`, which nobody means.
 */
const commandAlone = z.pipe(
  z.array(text).check(z.length(1)),
  z.transform(([command = '']): z.output<typeof buildTable> => ({ command })),
);

const build = choose<typeof buildTable | typeof commandAlone>(
  'a table',
  (value) => (Array.isArray(value) && value.length === 1 ? commandAlone : isTable(value) ? buildTable : undefined),
  [buildTable, commandAlone],
);

const mount = textOr('table', table({ source: text, destination: text }));

const inherits = choose(
  'true, false or an array',
  (value) => (typeof value === 'boolean' ? z.boolean() : Array.isArray(value) ? texts : undefined),
  [z.boolean(), texts],
);

/**
 * The schema of another component that is joined to this one, by where it comes from; `more` are keys that all forms
 * have.
 */
export function origin<const More extends z.core.$ZodShape>(more: More, named: z.core.$ZodType) {
  const all = { ...more, inherit_configuration: z.optional(inherits) };
  const ways = {
    component: table({ component: text, ...all }),
    path: table({ path: text, ...all }),
    url: table({ url: text, digest: text, ...all }),
    package: table({ version: text, registry: z.optional(text), package: named, ...all }),
  };
  return choose(
    'a table',
    (value) => {
      if (!isTable(value)) return undefined;
      const way = (['component', 'path', 'url'] as const).find((key) => key in value) ?? 'package';
      return ways[way] as z.core.$ZodType;
    },
    Object.values(ways),
  );
}

const dependencies = dictionary(textOr('table', origin({ export: z.optional(text) }, z.optional(text))));

export const target = textOr(
  'table',
  table({
    url: z.optional(text),
    path: z.optional(text),
    registry: z.optional(text),
    id: z.optional(text),
  }),
);

const profile = table({
  source: z.optional(source),
  environment: z.optional(textMap),
  dependencies: z.optional(dependencies),
  build: z.optional(table({ command: textOr('array', texts) })),
});

export const component = table({
  source,
  description: z.optional(text),
  variables: z.optional(textMap),
  environment: z.optional(textMap),
  files: z.optional(z.array(mount)),
  exclude_files: z.optional(texts),
  allowed_http_hosts: z.optional(texts),
  allowed_outbound_hosts: z.optional(texts),
  key_value_stores: z.optional(texts),
  sqlite_databases: z.optional(texts),
  ai_models: z.optional(texts),
  targets: z.optional(z.array(target)),
  build: z.optional(build),
  tool: z.optional(z.catchall(z.object({ mayfly: z.optional(componentSettings) }), anyTable)),
  dependencies_inherit_configuration: z.optional(z.boolean()),
  dependencies: z.optional(dependencies),
  profile: z.optional(dictionary(profile)),
});

/** The key `components` of a trigger, which has one component or several under each name. */
export const triggerComponents = dictionary(
  choose(
    'a string, a table or an array',
    (value) => (Array.isArray(value) ? z.array(textOr('table', component)) : textOr('table', component)),
    [textOr('table', component), z.array(textOr('table', component))],
  ),
);

export type ManifestComponent = z.output<typeof component>;
