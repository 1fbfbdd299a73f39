// What the one who runs an app says of the place where it runs: plain data, with absolute paths and all defaults filled
// in. The file is `runtime-config.toml`, as in Spin.

export type VariablesProviderConfig =
  | { readonly type: 'env'; readonly prefix: string | undefined; readonly dotenvPath: string | undefined }
  | { readonly type: 'static'; readonly values: ReadonlyMap<string, string> }
  | {
      readonly type: 'vault';
      readonly url: string;
      readonly token: string;
      readonly mount: string;
      readonly prefix: string | undefined;
    };

export type KeyValueStoreConfig =
  /** Without a `path` the data are in memory. */
  { readonly type: 'spin'; readonly path: string | undefined } | { readonly type: 'redis'; readonly url: string };

export type SqliteDatabaseConfig =
  /** Without a `path` the data are in memory. */
  | { readonly type: 'spin'; readonly path: string | undefined; readonly allowAttachFile: boolean }
  | { readonly type: 'libsql'; readonly url: string; readonly token: string };

export interface LlmComputeConfig {
  readonly type: 'remote_http';
  readonly url: string;
  readonly authToken: string;
  readonly apiType: 'default' | 'open_ai';
}

/** Certificates for requests of some components to some hosts, in PEM files. */
export interface ClientTlsConfig {
  readonly componentIds: readonly string[];
  readonly hosts: readonly string[];
  readonly caUsePlatformRoots: boolean;
  readonly caUseWebpkiRoots: boolean;
  readonly caRootsFile: string | undefined;
  readonly clientCertFile: string | undefined;
  readonly clientPrivateKeyFile: string | undefined;
}

export interface RuntimeConfig {
  /** The absolute path of the file; undefined without one. */
  readonly file: string | undefined;
  /** The folder of the app's data; undefined keeps everything in memory. */
  readonly stateDirectory: string | undefined;
  /** The folder of files with what components print; undefined for none. */
  readonly logDirectory: string | undefined;
  /** The most bytes of a sandbox's memory, and what a component gets whose manifest sets no limit. */
  readonly maxInstanceMemory: number | undefined;
  /** The providers in the order in which they are asked. */
  readonly variablesProviders: readonly VariablesProviderConfig[];
  /** The stores by label; `default` is always there. */
  readonly keyValueStores: ReadonlyMap<string, KeyValueStoreConfig>;
  /** The databases by label; `default` is always there. */
  readonly sqliteDatabases: ReadonlyMap<string, SqliteDatabaseConfig>;
  readonly llmCompute: LlmComputeConfig | undefined;
  readonly outboundNetworking: {
    /** The networks that may not be reached: CIDR ranges, or `private`. */
    readonly blockNetworks: readonly string[];
    readonly maxSocketConnections: number | undefined;
    readonly maxTotalConnections: number | undefined;
  };
  readonly clientTls: readonly ClientTlsConfig[];
  readonly outboundHttp: { readonly connectionPooling: boolean; readonly maxConnections: number | undefined };
  /** The most connections of an app at once, to all servers of the kind. */
  readonly maxConnections: {
    readonly postgres: number | undefined;
    readonly mysql: number | undefined;
    readonly redis: number | undefined;
    readonly mqtt: number | undefined;
  };
  readonly mqttMaxPayloadBytes: number | undefined;
}

/** Where files with what components print are when nothing says so, as in Spin. */
export function defaultLogDirectory(stateDirectory: string | undefined): string | undefined {
  return stateDirectory === undefined ? undefined : `${stateDirectory}/logs`;
}

/** The configuration without a file. `stateDirectory` is absolute; undefined keeps stores and databases in memory. */
export function defaultRuntimeConfig(stateDirectory?: string): RuntimeConfig {
  const inState = (name: string): string | undefined =>
    stateDirectory === undefined ? undefined : `${stateDirectory}/${name}`;
  return {
    file: undefined,
    stateDirectory,
    logDirectory: defaultLogDirectory(stateDirectory),
    maxInstanceMemory: undefined,
    variablesProviders: [],
    keyValueStores: new Map([['default', { type: 'spin', path: inState('sqlite_key_value.db') }]]),
    sqliteDatabases: new Map([['default', { type: 'spin', path: inState('sqlite_db.db'), allowAttachFile: false }]]),
    llmCompute: undefined,
    outboundNetworking: { blockNetworks: [], maxSocketConnections: undefined, maxTotalConnections: undefined },
    clientTls: [],
    outboundHttp: { connectionPooling: true, maxConnections: undefined },
    maxConnections: { postgres: undefined, mysql: undefined, redis: undefined, mqtt: undefined },
    mqttMaxPayloadBytes: undefined,
  };
}

/** The files that decide what the app may do, or keep its data: no component may write them as files. */
export function filesOf({
  file,
  keyValueStores,
  sqliteDatabases,
  variablesProviders,
  clientTls,
}: RuntimeConfig): string[] {
  const stores = [...keyValueStores.values(), ...sqliteDatabases.values()];
  return [
    file,
    ...stores.map((store) => ('path' in store ? store.path : undefined)),
    ...clientTls.flatMap((entry) => [entry.caRootsFile, entry.clientCertFile, entry.clientPrivateKeyFile]),
    ...variablesProviders.map((provider) => (provider.type === 'env' ? provider.dotenvPath : undefined)),
  ].filter((path) => path !== undefined);
}
