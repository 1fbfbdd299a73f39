// The locked app as Spin writes it to a registry (crates/locked-app of Spin): the names and shapes are Spin's.
import type { JsonObject } from '../json.ts';

/** The content type of a bundled program, which is in images of our own alone. */
export const PROGRAM_TYPE = 'application/javascript';

export interface SpinContent {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** The content itself where it is small: base64 of the standard alphabet, without padding. */
  readonly inline?: string;
}

export interface SpinSource extends SpinContent {
  readonly content_type: 'application/wasm' | typeof PROGRAM_TYPE;
}

export interface SpinDependency {
  readonly source: SpinSource;
  readonly export: string | null;
  readonly inherit?: 'All' | { readonly Some: readonly string[] };
}

export interface SpinFile extends SpinContent {
  /** Relative, with `/`, without `.` and `..`. */
  readonly path: string;
}

export interface SpinComponent {
  readonly id: string;
  readonly metadata?: JsonObject;
  readonly source: SpinSource;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: readonly SpinFile[];
  readonly config?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, SpinDependency>>;
  readonly host_requirements?: JsonObject;
}

export interface SpinTrigger {
  readonly id: string;
  readonly trigger_type: string;
  readonly trigger_config: JsonObject;
  readonly trigger_dependencies?: Readonly<Record<string, readonly SpinDependency[]>>;
}

export interface SpinVariable {
  readonly description?: string;
  readonly default?: string;
  readonly secret?: true;
}

export interface SpinLock {
  readonly spin_lock_version: 0 | 1;
  readonly must_understand?: readonly string[];
  readonly metadata: JsonObject;
  readonly variables?: Readonly<Record<string, SpinVariable>>;
  readonly triggers: readonly SpinTrigger[];
  readonly components: readonly SpinComponent[];
}

/** Bytes up to which content stands in the lock: registries refuse very small blobs. */
export const MOST_INLINE_BYTES = 128;
/** The requirement of a component that calls others of its app. */
export const SERVICE_CHAINING = 'local_service_chaining';
/** The key of the metadata under which what Mayfly adds stands; Spin does not look at it. */
export const OWN_METADATA = 'mayfly';
