// What the one who runs an app says of the place where it runs: plain data, paths absolute, all defaults filled in.
// The file is `runtime-config.toml`, as Spin has it.

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
  /** `path` undefined: in memory. */
  { readonly type: 'spin'; readonly path: string | undefined } | { readonly type: 'redis'; readonly url: string };

export type SqliteDatabaseConfig =
  /** `path` undefined: in memory. */
  | { readonly type: 'spin'; readonly path: string | undefined; readonly allowAttachFile: boolean }
  | { readonly type: 'libsql'; readonly url: string; readonly token: string };

export interface LlmComputeConfig {
  readonly type: 'remote_http';
  readonly url: string;
  readonly authToken: string;
  readonly apiType: 'default' | 'open_ai';
}

/** Certificates for requests of some components to some hosts. PEM files. */
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
  /** Where the app's data lie; undefined: nowhere, all is kept in memory. */
  readonly stateDirectory: string | undefined;
  readonly logDirectory: string | undefined;
  /** Bytes, over what a manifest says. */
  readonly maxInstanceMemory: number | undefined;
  /** In the order in which they are asked. */
  readonly variablesProviders: readonly VariablesProviderConfig[];
  /** By label; `default` is always there. */
  readonly keyValueStores: ReadonlyMap<string, KeyValueStoreConfig>;
  /** By label; `default` is always there. */
  readonly sqliteDatabases: ReadonlyMap<string, SqliteDatabaseConfig>;
  readonly llmCompute: LlmComputeConfig | undefined;
  readonly outboundNetworking: {
    /** CIDR, or `private`. */
    readonly blockNetworks: readonly string[];
    readonly maxSocketConnections: number | undefined;
    readonly maxTotalConnections: number | undefined;
  };
  readonly clientTls: readonly ClientTlsConfig[];
  readonly outboundHttp: { readonly connectionPooling: boolean; readonly maxConnections: number | undefined };
  /** Connections of an app at once, to all servers of the kind. */
  readonly maxConnections: {
    readonly postgres: number | undefined;
    readonly mysql: number | undefined;
    readonly redis: number | undefined;
    readonly mqtt: number | undefined;
  };
  readonly mqttMaxPayloadBytes: number | undefined;
}

/** Without a file. `stateDirectory`: absolute; undefined keeps stores and databases in memory. */
export function defaultRuntimeConfig(stateDirectory?: string): RuntimeConfig {
  const inState = (name: string): string | undefined =>
    stateDirectory === undefined ? undefined : `${stateDirectory}/${name}`;
  return {
    stateDirectory,
    logDirectory: undefined,
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
