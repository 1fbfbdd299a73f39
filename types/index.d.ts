// What compilers see of `import … from 'mayfly'`: the same as src/index.ts, without the types of what Mayfly is made of.
// src/library/declarations.test.ts compares the two.

/** Values of a program's variables, environment and modules, by their names. */
type Texts = Readonly<Record<string, string>>;

/** An app in this process, without a socket. */
export interface App {
  /**
   * Answers a request as the HTTP trigger would; takes what the global `fetch` takes, URLs whole. Rejects only when the request's
   * own signal is aborted, and with a TypeError for what is no request.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * Calls a function that a program exports, in a sandbox of its own, with values that can be handed over: those of JSON,
   * undefined, bigint, dates, maps, sets, errors and arrays of numbers. Rejects with what the function throws.
   */
  call(name: string, ...given: readonly unknown[]): Promise<unknown>;
  /** Lets requests in flight finish, and gives everything back. */
  close(): Promise<void>;
}

/** What is written into; pino's loggers fit. */
export interface Log {
  debug(fields: object, text?: string): void;
  info(fields: object, text?: string): void;
  warn(fields: object, text?: string): void;
  error(fields: object, text?: string): void;
  child(bindings: object): Log;
}

export interface Permissions {
  /** As `allowed_outbound_hosts` of the manifest. */
  readonly allowedOutboundHosts?: readonly string[];
  readonly keyValueStores?: readonly string[];
  readonly sqliteDatabases?: readonly string[];
  readonly aiModels?: readonly string[];
}

/** The request that failed. */
export interface FailedRequest {
  readonly component: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
}

/** What can be set when an app is loaded. docs/embedding.md has the options one by one. */
export interface LibraryOptions {
  readonly variables?: Texts | undefined;
  readonly environment?: Texts | undefined;
  /** Limits by their names in the manifest: `{ memory: '64MiB', cpu: '200ms' }`. */
  readonly limits?: Readonly<Record<string, string | number>> | undefined;
  /** The path of a `runtime-config.toml`. */
  readonly runtimeConfig?: string | undefined;
  readonly profile?: string | undefined;
  readonly engine?: 'quickjs' | 'starlingmonkey' | undefined;
  /** What a program that is no file may use; nothing by default. */
  readonly permissions?: Permissions | undefined;
  readonly log?: Log | undefined;
  readonly onError?: ((error: MayflyError, request: FailedRequest) => void) | undefined;
  readonly reset?: 'auto' | 'scan' | 'madvise' | 'copy' | undefined;
  readonly verifyResets?: boolean | undefined;
  /** The most sandboxes that may be busy at once, over all components. */
  readonly maximumSandboxes?: number | undefined;
  /** Bytes of stack that guests get. */
  readonly stackBytes?: number | undefined;
  /** The absolute path of the folder where prepared components are kept; none are kept by default. */
  readonly cacheDirectory?: string | undefined;
  readonly debug?: boolean | undefined;
}

/** A program as text, or as texts by the names under which they import one another. */
export type ScriptSource =
  | { readonly script: string }
  | { readonly modules: Texts; readonly entry?: string | undefined };

/**
 * Loads an app: the path of a manifest, of its folder, of a .wasm or source file, or a program that is no file. Rejects with
 * a MayflyError with all mistakes.
 */
export function load(from: string | ScriptSource, options?: LibraryOptions): Promise<App>;

/** One of docs/errors.md. */
export type ErrorCode = string;

/** A place in a file; lines and columns count from 1, `offset` is in bytes from 0. */
export interface Location {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly offset?: number | undefined;
}

export class MayflyError extends Error {
  private constructor();
  readonly name: 'MayflyError';
  readonly code: ErrorCode;
  /** Who can mend it. */
  readonly blame: string;
  readonly location: Location | undefined;
  /** What mends it. */
  readonly hint: string | undefined;
  /** All mistakes, where there are several. */
  readonly problems: readonly MayflyError[];
  /** The limit that was reached. */
  readonly limit: { readonly name: string; readonly value: number } | undefined;
}
