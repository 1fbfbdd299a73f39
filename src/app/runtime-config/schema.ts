// The schema of runtime-config.toml: which keys there are, and what type each has. What Spin has and Mayfly has not is
// in it, too: unsupported.ts says what is missing.
import { BlockList, isIP } from 'node:net';
import * as z from 'zod/mini';
import { text, textMap, texts } from '../manifest/component-schema.ts';
import { count, size } from '../manifest/quantities.ts';
import { choose, dictionary, table } from '../manifest/schema-tools.ts';
import { nearest } from '../suggest.ts';

const optionalText = z.optional(text);
const flag = z.optional(z.boolean());
const optionalCount = z.optional(count);

/** The schema of a string that `accepts`; `message` completes "has a value that". */
function checked(
  accepts: (value: string) => boolean,
  message: string | ((value: string) => string),
  hint: (value: string) => string,
) {
  return z.pipe(
    text,
    z.transform((value: string, context): string => {
      if (accepts(value)) return value;
      const text = typeof message === 'string' ? message : message(value);
      context.issues.push({ code: 'custom', message: text, input: value, params: { hint: hint(value) } });
      return z.NEVER;
    }),
  );
}

function urlOf(...schemes: string[]) {
  const accepts = (value: string): boolean => schemes.includes(URL.parse(value)?.protocol.slice(0, -1) ?? '');
  return checked(
    accepts,
    'is no URL that can be used here',
    () => `Write one that starts with ${words(schemes, '://')}`,
  );
}

function oneOf<const Name extends string>(names: readonly Name[]) {
  return checked(
    (value) => (names as readonly string[]).includes(value),
    (value) => `is not known: ${JSON.stringify(value)}`,
    (value) => {
      const meant = nearest(value, names);
      return meant === undefined ? `There are ${words(names)}` : `Did you mean "${meant}"?`;
    },
  );
}

function words(names: readonly string[], after = ''): string {
  return names.map((name) => `"${name}${after}"`).join(', ');
}

/** Makes the schema of tables of which each has a `type` out of `kinds`, and its other keys. */
function byType<const Kinds extends Record<string, z.core.$ZodShape>>(kinds: Kinds) {
  type Table<Name extends keyof Kinds> = { type: Name } & z.output<z.ZodMiniObject<Kinds[Name], z.core.$strict>>;
  type AnyTable = { [Name in keyof Kinds]: Table<Name> }[keyof Kinds];
  const names = Object.keys(kinds);
  const untyped = z.object({ type: oneOf(names) });
  return choose('a table', (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const { type } = value as { type?: unknown };
    const known = typeof type === 'string' && Object.hasOwn(kinds, type);
    const schema = known ? table({ type: text, ...kinds[type] }) : untyped;
    return schema as unknown as z.ZodMiniType<AnyTable>;
  });
}

const variablesProvider = byType({
  env: { prefix: optionalText, dotenv_path: optionalText },
  static: { values: textMap },
  vault: { url: urlOf('http', 'https'), token: text, mount: text, prefix: optionalText },
  azure_key_vault: {
    vault_url: text,
    client_id: optionalText,
    client_secret: optionalText,
    tenant_id: optionalText,
    authority_host: optionalText,
  },
});

const keyValueStore = byType({
  spin: { path: optionalText },
  redis: { url: urlOf('redis', 'rediss') },
  azure_cosmos: { key: optionalText, account: text, database: text, container: text },
  aws_dynamo: {
    region: text,
    table: text,
    access_key: optionalText,
    secret_key: optionalText,
    token: optionalText,
    consistent_read: flag,
  },
});

const sqliteDatabase = byType({
  spin: { path: optionalText, allow_attach_file: flag },
  libsql: { url: urlOf('https', 'http', 'libsql'), token: text },
});

const llmCompute = byType({
  spin: {},
  remote_http: {
    url: urlOf('http', 'https'),
    auth_token: text,
    api_type: z.optional(oneOf(['default', 'open_ai'])),
  },
});

const network = checked(
  isNetwork,
  'names no network',
  () => 'Write a range such as "10.0.0.0/8" or "fd00::/8", or "private"',
);

function isNetwork(value: string): boolean {
  if (value === 'private') return true;
  const [address = '', bits, ...more] = value.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  if (!/^\d{1,3}$/.test(bits)) return false;
  try {
    new BlockList().addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false;
  }
}

const clientTls = table({
  component_ids: texts,
  hosts: texts,
  ca_use_platform_roots: flag,
  ca_use_webpki_roots: flag,
  ca_roots_file: optionalText,
  client_cert_file: optionalText,
  client_private_key_file: optionalText,
});

const connections = z.optional(table({ max_connections: optionalCount }));

export const runtimeConfigSchema = table({
  state_dir: optionalText,
  log_dir: optionalText,
  max_instance_memory: z.optional(size),
  variables_provider: z.optional(z.array(variablesProvider)),
  config_provider: z.optional(z.array(variablesProvider)),
  key_value_store: z.optional(dictionary(keyValueStore)),
  sqlite_database: z.optional(dictionary(sqliteDatabase)),
  llm_compute: z.optional(llmCompute),
  outbound_networking: z.optional(
    table({
      block_networks: z.optional(z.array(network)),
      max_socket_connections: optionalCount,
      max_total_connections: optionalCount,
    }),
  ),
  client_tls: z.optional(z.array(clientTls)),
  outbound_http: z.optional(
    table({ connection_pooling: flag, max_connections: optionalCount, max_concurrent_requests: optionalCount }),
  ),
  outbound_pg: connections,
  outbound_mysql: connections,
  outbound_redis: connections,
  outbound_mqtt: z.optional(table({ max_connections: optionalCount, max_payload_size_bytes: z.optional(size) })),
});

export type RuntimeConfigDocument = z.output<typeof runtimeConfigSchema>;
