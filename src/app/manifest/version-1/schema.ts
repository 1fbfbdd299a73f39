// The schema of spin.toml, version 1, which Spin 1 had and later versions still read. What its triggers may say is
// checked when it is version 2.
import * as z from 'zod/mini';
import { anyTable, component, text, textMap, texts, variable } from '../component-schema.ts';
import { dictionary, table } from '../schema-tools.ts';

const { source, files, build } = component.def.shape;

const componentOfVersion1 = table({
  id: text,
  source,
  description: z.optional(text),
  config: z.optional(textMap),
  environment: z.optional(textMap),
  files,
  exclude_files: z.optional(texts),
  allowed_http_hosts: z.optional(texts),
  allowed_outbound_hosts: z.optional(texts),
  key_value_stores: z.optional(texts),
  sqlite_databases: z.optional(texts),
  ai_models: z.optional(texts),
  build,
  trigger: anyTable,
});

const shape = {
  name: text,
  version: z.optional(text),
  description: z.optional(text),
  authors: z.optional(texts),
  trigger: z.catchall(z.object({ type: text }), z.unknown()),
  variables: z.optional(dictionary(variable)),
  component: z.optional(z.array(componentOfVersion1)),
};

/** The schemas, by the key under which the version stands: `spin_version` is the older one. */
export const schemasOfVersion1 = {
  spin_manifest_version: table({ spin_manifest_version: z.unknown(), ...shape }),
  spin_version: table({ spin_version: z.unknown(), ...shape }),
} as const;
