// The locked app: an app as plain JSON, with all references of its manifest resolved. `up`, `registry` and `kube` start
// from it.
import type { ErrorCode } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { LockedDependency, LockedFile, ManifestLocation } from './locked-file.ts';
import type { OwnSettings } from './manifest/component-settings.ts';
import type { LockedTrigger } from './manifest/triggers/all.ts';
import type { EngineName } from './script-file.ts';

export interface LockedApp {
  readonly name: string;
  readonly version: string | undefined;
  readonly description: string | undefined;
  readonly authors: readonly string[];
  /** The absolute path of the manifest, or of the bare .wasm file that was given instead. */
  readonly origin: string;
  /** The absolute path of the folder from which relative paths of the manifest start. */
  readonly directory: string;
  readonly variables: Readonly<Record<string, LockedVariable>>;
  readonly triggers: readonly LockedTrigger[];
  readonly components: readonly LockedComponent[];
  /** The checked settings of `[application.tool.mayfly]`. */
  readonly settings: AppSettings;
  /** The digest of the image manifest that the app was pulled with, with `sha256:` before it; absent for one that is here. */
  readonly imageDigest?: string;
  /** What is not as it should be and does not keep the app from running, for the log; absent when there is nothing. */
  readonly warnings?: readonly LockedWarning[];
}

export interface LockedWarning {
  /** The code of the error that a strict reader would make of it, or `manifest-version-1`. */
  readonly kind: ErrorCode | 'manifest-version-1';
  readonly message: string;
  readonly location: ManifestLocation;
}

export interface LockedVariable {
  readonly description: string | undefined;
  readonly default: string | undefined;
  readonly required: boolean;
  readonly secret: boolean;
  /** The place in the manifest where the variable is declared. */
  readonly location?: ManifestLocation | undefined;
}

/** A program that is not a component: a source file, or texts by their names. */
export interface LockedScript {
  /** The absolute path of the file, or the name of the text with which it begins. */
  readonly entry: string;
  readonly modules?: Readonly<Record<string, string>>;
  /** The engine that it runs in; the first of `engineNames` by default. */
  readonly engine?: EngineName;
  /** Whether the file is what the bundler made of the program, with its source map at the end. */
  readonly bundled?: true;
}

export interface LockedComponent extends LockedFile {
  readonly id: string;
  /** Set for what is joined to the component and has only a part of its configuration. */
  readonly isPart?: true;
  /** The program of a component that is one: it runs in an engine component, and `source` is not looked at. */
  readonly script?: LockedScript;
  readonly description: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** The component's variables, whose values are templates such as `Hello {{ name }}`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly files: readonly LockedMount[];
  /** Warnings about `files`, for the log. */
  readonly fileWarnings?: readonly string[];
  /** Entries that may contain `{{ variable }}` expressions. */
  readonly allowedOutboundHosts: readonly string[];
  readonly keyValueStores: readonly string[];
  readonly sqliteDatabases: readonly string[];
  readonly aiModels: readonly string[];
  readonly build: LockedBuild | undefined;
  /** The components that are joined to this one when it is loaded; absent when there are none. */
  readonly dependencies?: readonly LockedDependency[];
  /** The place in the manifest where the component's table starts, for messages of services. */
  readonly location: ManifestLocation | undefined;
  /** The checked settings of `[component.<id>.tool.mayfly]`. */
  readonly settings: ComponentSettings;
}

/**
 * A mount. That of a directory has folders as `source` and `destination`; that of a single file (from a glob) has paths
 * of files.
 */
export interface LockedMount {
  readonly kind: 'directory' | 'file';
  /** The absolute path on the host, with all links resolved: whoever opens it follows no link. */
  readonly source: string;
  /** The absolute path as the guest sees it, separated by `/`. */
  readonly destination: string;
  /**
   * Set when a guest may have taken the source away, or put something else there: the app then starts without this
   * mount.
   */
  readonly shared?: true;
}

export interface LockedBuild {
  /** The commands that the shell runs one after the other. */
  readonly command: readonly string[];
  /** The absolute path of the folder in which they run. */
  readonly workdir: string;
  readonly watch: readonly string[];
}

export interface AppSettings {
  /** Limits for all components, which a component's own settings override. */
  readonly limits: Limits;
  /** The lines in which the manifest sets them; absent when it sets none. */
  readonly limitLines?: LimitLines;
}

/** Lines of the manifest by the keys of limits. */
export type LimitLines = Readonly<Record<string, number>>;

/**
 * The settings of one component; manifest/component-settings.ts has the keys and their defaults. `limits` has only the
 * limits that the manifest sets: src/limits.ts has the defaults.
 */
export interface ComponentSettings extends OwnSettings {
  readonly limits: Limits;
  /** The lines in which the manifest sets them; absent when it sets none. */
  readonly limitLines?: LimitLines;
}

/** The triggers of one type. */
export function triggersOf<Type extends LockedTrigger['type']>(
  { triggers }: LockedApp,
  type: Type,
): Extract<LockedTrigger, { type: Type }>[] {
  return triggers.filter((trigger): trigger is Extract<LockedTrigger, { type: Type }> => trigger.type === type);
}
