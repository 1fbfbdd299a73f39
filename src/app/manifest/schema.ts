// The schema of spin.toml, version 2: which keys there are and what type each has. What values mean is checked apart.
import * as z from 'zod/mini';
import { choose, dictionary, table, textOr } from './schema-tools.ts';
import { appSettings, componentSettings } from './settings-schema.ts';

const text = z.string();
const texts = z.array(text);
const textMap = dictionary(text);
const anyTable = dictionary(z.unknown());

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

/** Where a component comes from that another one is joined to; `more` are keys that all ways have. */
function origin<const More extends z.core.$ZodShape>(more: More, named: z.core.$ZodType) {
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

const target = textOr(
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

const component = table({
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

const httpTrigger = table({
  id: z.optional(text),
  component: z.optional(textOr('table', component)),
  components: z.optional(anyTable),
  dependencies: z.optional(table({ middleware: z.optional(z.array(origin({}, text))) })),
  route: textOr('table', table({ private: z.boolean() })),
  static_response: z.optional(
    table({
      status_code: z.optional(z.int()),
      headers: z.optional(textMap),
      body: z.optional(text),
    }),
  ),
  executor: z.optional(table({ type: text, argv: z.optional(text), entrypoint: z.optional(text) })),
});

const variable = table({
  description: z.optional(text),
  required: z.optional(z.boolean()),
  default: z.optional(text),
  secret: z.optional(z.boolean()),
});

export const manifestSchema = table({
  spin_manifest_version: z.int(),
  application: table({
    name: text,
    version: z.optional(text),
    description: z.optional(text),
    authors: z.optional(texts),
    targets: z.optional(z.array(target)),
    trigger: z.optional(
      z.catchall(
        z.object({
          http: z.optional(table({ base: z.optional(text) })),
          redis: z.optional(table({ address: z.optional(text) })),
        }),
        anyTable,
      ),
    ),
    tool: z.optional(z.catchall(z.object({ mayfly: z.optional(appSettings) }), anyTable)),
  }),
  variables: z.optional(dictionary(variable)),
  trigger: z.catchall(z.object({ http: z.optional(z.array(httpTrigger)) }), z.array(anyTable)),
  component: z.optional(dictionary(component)),
});

export type Manifest = z.output<typeof manifestSchema>;
export type ManifestComponent = z.output<typeof component>;
export type ManifestHttpTrigger = z.output<typeof httpTrigger>;
