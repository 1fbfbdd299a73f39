// Makes the runtime configuration of what its file says: all defaults filled in, and all paths absolute. Paths of
// key-value stores and of certificates start at the folder of the file, the others where Mayfly was started, as in Spin.
import { dirname, resolve } from 'node:path';
import {
  type ClientTlsConfig,
  defaultRuntimeConfig,
  type KeyValueStoreConfig,
  type LlmComputeConfig,
  type RuntimeConfig,
  type SqliteDatabaseConfig,
  type VariablesProviderConfig,
} from './runtime-config.ts';
import type { RuntimeConfigDocument } from './schema.ts';

export interface Places {
  readonly file: string;
  /** The folder of the app's data when the command line says so: `''` keeps everything in memory. */
  readonly stateDirectory: string | undefined;
  /** The folder of the app's data when nothing else says so; undefined keeps everything in memory. */
  readonly defaultStateDirectory: string | undefined;
}

export function convert(document: RuntimeConfigDocument, places: Places): RuntimeConfig {
  const { outbound_http: http, outbound_networking: networking, llm_compute: llm } = document;
  const state = stateDirectory(places.stateDirectory ?? document.state_dir, places.defaultStateDirectory);
  const defaults = defaultRuntimeConfig(state);
  const directory = dirname(places.file);
  return {
    file: places.file,
    stateDirectory: state,
    logDirectory: document.log_dir === undefined ? defaults.logDirectory : stateDirectory(document.log_dir, undefined),
    maxInstanceMemory: document.max_instance_memory,
    variablesProviders: (document.variables_provider ?? document.config_provider ?? []).flatMap(provider),
    keyValueStores: new Map([
      ...defaults.keyValueStores,
      ...entriesOf(document.key_value_store, (store) => keyValueStore(store, directory)),
    ]),
    sqliteDatabases: new Map([...defaults.sqliteDatabases, ...entriesOf(document.sqlite_database, sqliteDatabase)]),
    llmCompute: llm && llmCompute(llm),
    outboundNetworking: {
      blockNetworks: networking?.block_networks ?? [],
      maxSocketConnections: networking?.max_socket_connections,
      maxTotalConnections: networking?.max_total_connections,
    },
    clientTls: (document.client_tls ?? []).map((entry) => clientTls(entry, directory)),
    outboundHttp: {
      connectionPooling: http?.connection_pooling ?? true,
      maxConnections: http?.max_connections ?? http?.max_concurrent_requests,
    },
    maxConnections: {
      postgres: document.outbound_pg?.max_connections,
      mysql: document.outbound_mysql?.max_connections,
      redis: document.outbound_redis?.max_connections,
      mqtt: document.outbound_mqtt?.max_connections,
    },
    mqttMaxPayloadBytes: document.outbound_mqtt?.max_payload_size_bytes,
  };
}

/** The folder of the app's data; `''` stands for none. */
export function stateDirectory(given: string | undefined, otherwise: string | undefined): string | undefined {
  if (given === undefined) return otherwise;
  return given === '' ? undefined : resolve(given);
}

type Element<List> = NonNullable<List> extends readonly (infer One)[] ? One : never;
type Value<Table> = NonNullable<Table> extends Record<string, infer One> ? One : never;

/** The entries of a table that Mayfly supports. */
function entriesOf<From, To>(
  table: Readonly<Record<string, From>> | undefined,
  change: (value: From) => To | undefined,
): [label: string, config: To][] {
  return Object.entries(table ?? {}).flatMap(([label, value]): [string, To][] => {
    const changed = change(value);
    return changed === undefined ? [] : [[label, changed]];
  });
}

function provider(given: Element<RuntimeConfigDocument['variables_provider']>): VariablesProviderConfig[] {
  switch (given.type) {
    case 'env':
      return [{ type: 'env', prefix: given.prefix, dotenvPath: given.dotenv_path && resolve(given.dotenv_path) }];
    case 'static':
      return [{ type: 'static', values: new Map(Object.entries(given.values)) }];
    case 'vault':
      return [{ type: 'vault', url: given.url, token: given.token, mount: given.mount, prefix: given.prefix }];
    case 'azure_key_vault':
      return [];
  }
}

function keyValueStore(
  given: Value<RuntimeConfigDocument['key_value_store']>,
  directory: string,
): KeyValueStoreConfig | undefined {
  if (given.type === 'spin') return { type: 'spin', path: filePath(given.path, directory) };
  return given.type === 'redis' ? { type: 'redis', url: given.url } : undefined;
}

function sqliteDatabase(given: Value<RuntimeConfigDocument['sqlite_database']>): SqliteDatabaseConfig {
  if (given.type === 'libsql') return { type: 'libsql', url: given.url, token: given.token };
  return { type: 'spin', path: filePath(given.path), allowAttachFile: given.allow_attach_file ?? false };
}

/** The absolute path of a file of SQLite; undefined for one in memory. */
function filePath(path: string | undefined, directory = ''): string | undefined {
  return path === undefined || path === ':memory:' ? undefined : resolve(directory, path);
}

function llmCompute(given: NonNullable<RuntimeConfigDocument['llm_compute']>): LlmComputeConfig | undefined {
  if (given.type === 'spin') return undefined;
  const apiType = given.api_type === 'open_ai' ? 'open_ai' : 'default';
  return { type: 'remote_http', url: given.url, authToken: given.auth_token, apiType };
}

function clientTls(given: Element<RuntimeConfigDocument['client_tls']>, directory: string): ClientTlsConfig {
  const inFolder = (path: string | undefined): string | undefined => path && resolve(directory, path);
  return {
    componentIds: given.component_ids,
    hosts: given.hosts,
    caUsePlatformRoots:
      given.ca_use_platform_roots ?? (given.ca_use_webpki_roots === undefined && given.ca_roots_file === undefined),
    caUseWebpkiRoots: given.ca_use_webpki_roots ?? false,
    caRootsFile: inFolder(given.ca_roots_file),
    clientCertFile: inFolder(given.client_cert_file),
    clientPrivateKeyFile: inFolder(given.client_private_key_file),
  };
}
