// The schema of a component in spin.toml, whether it has a table of its own or stands in a trigger; and the terms that
// other tables have in common with it.
import * as z from 'zod/mini';
import { componentSettings } from './component-settings.ts';
import { choose, dictionary, table, textOr } from './schema-tools.ts';

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
  choose('a string or a table', (value) => ('url' in Object(value) ? remote : packaged)),
);

const build = table({
  command: textOr('array', texts),
  workdir: z.optional(text),
  watch: z.optional(texts),
});

const mount = textOr('table', table({ source: text, destination: text }));

const inherits = choose('true, false or an array', (value) =>
  typeof value === 'boolean' ? z.boolean() : Array.isArray(value) ? texts : undefined,
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
  return choose('a table', (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const way = (['component', 'path', 'url'] as const).find((key) => key in value) ?? 'package';
    return ways[way] as z.core.$ZodType;
  });
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
  build: z.optional(z.partial(build)),
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

export type ManifestComponent = z.output<typeof component>;
