// The locked app: an app as plain JSON, all references of its manifest resolved. `up`, `registry` and `kube` start here.
import type { Limits } from '../limits.ts';
import type { OwnSettings } from './manifest/component-settings.ts';
import type { LockedTrigger } from './manifest/triggers/all.ts';

export interface LockedApp {
  readonly name: string;
  readonly version: string | undefined;
  readonly description: string | undefined;
  readonly authors: readonly string[];
  /** Absolute path of the manifest, or of the bare .wasm that was given instead. */
  readonly origin: string;
  /** Absolute path of the folder that relative paths of the manifest start from. */
  readonly directory: string;
  readonly variables: Readonly<Record<string, LockedVariable>>;
  readonly triggers: readonly LockedTrigger[];
  readonly components: readonly LockedComponent[];
  /** `[application.tool.mayfly]` as it stands, checked. */
  readonly settings: AppSettings;
}

export interface LockedVariable {
  readonly description: string | undefined;
  readonly default: string | undefined;
  readonly required: boolean;
  readonly secret: boolean;
  /** Where in the manifest it is declared. */
  readonly location?: ManifestLocation | undefined;
}

export interface ManifestLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface LockedComponent {
  readonly id: string;
  readonly description: string | undefined;
  /** Absolute path of the WebAssembly file. */
  readonly source: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Component variables: templates such as `Hello {{ name }}`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly files: readonly LockedMount[];
  /** What to know about `files`, for the log. */
  readonly fileWarnings?: readonly string[];
  /** May hold `{{ variable }}` expressions. */
  readonly allowedOutboundHosts: readonly string[];
  readonly keyValueStores: readonly string[];
  readonly sqliteDatabases: readonly string[];
  readonly aiModels: readonly string[];
  readonly build: LockedBuild | undefined;
  /** Where in the manifest the component's table starts, for messages of services. */
  readonly location: ManifestLocation | undefined;
  /** `[component.<id>.tool.mayfly]` as it stands, checked. */
  readonly settings: ComponentSettings;
}

/** A directory mount has `source` and `destination` folders; a single file (from a glob) has two file paths. */
export interface LockedMount {
  readonly kind: 'directory' | 'file';
  /** Absolute path on the host, with all links resolved: whoever opens it follows none. */
  readonly source: string;
  /** Absolute path as the guest sees it, `/` separated. */
  readonly destination: string;
  /** A guest may have taken the source away, or put something else there: then the app starts without this mount. */
  readonly shared?: true;
}

export interface LockedBuild {
  /** Run one after the other by the shell. */
  readonly command: readonly string[];
  /** Absolute path. */
  readonly workdir: string;
  readonly watch: readonly string[];
}

export interface AppSettings {
  /** Limits for all components, which a component's own settings override. */
  readonly limits: Limits;
}

/** `[component.<id>.tool.mayfly]` with its defaults; its keys are in manifest/component-settings.ts. */
export interface ComponentSettings extends OwnSettings {
  readonly limits: Limits;
}

/** The triggers of one type. */
export function triggersOf<Type extends LockedTrigger['type']>(
  { triggers }: LockedApp,
  type: Type,
): Extract<LockedTrigger, { type: Type }>[] {
  return triggers.filter((trigger): trigger is Extract<LockedTrigger, { type: Type }> => trigger.type === type);
}
