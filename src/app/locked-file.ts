// The WebAssembly files of a locked app, and what is said of those that are joined to a component.
import type { Inherited } from './inherited.ts';
import type { RemoteSource } from './remote-source.ts';

export interface ManifestLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A WebAssembly file that the manifest names. */
export interface LockedFile {
  /** The absolute path of the file; empty for one from elsewhere that was not fetched yet. */
  readonly source: string;
  /** Where the file is fetched from; absent for one of the app's own. */
  readonly remote?: RemoteSource;
  /** The place in the manifest that names the file, for a fetched one. */
  readonly remoteLocation?: ManifestLocation;
}

/** A component that fulfils imports of another one. */
export interface LockedDependency extends LockedFile {
  /** The imports that it fulfils: `namespace:package`, `namespace:package/interface`, both with a version, or a name. */
  readonly name: string;
  /** The export that fulfils them; undefined for the one of the import's name. */
  readonly export: string | undefined;
  /** What it has of the configuration of the component that it is joined to. */
  readonly inherits: Inherited;
  /** Environment variables of its own, which a component of the app has; absent when there are none. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A component that a request passes before it reaches the one that answers. */
export interface LockedMiddleware extends LockedFile {
  /** What it has of the configuration of the component that answers. */
  readonly inherits: Inherited;
}
