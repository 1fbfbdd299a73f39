// What is looked at for changes.

/** Files named by a pattern from a folder, or, without one, all that the path leads to. */
export interface Watched {
  readonly folder: string;
  readonly pattern: string;
}

export interface WatchList {
  /** Changes of these call for a build. */
  readonly sources: readonly Watched[];
  /** Changes of these call for a new start of the app. */
  readonly artifacts: readonly Watched[];
  /** Absolute paths of the manifest. */
  readonly manifest: string;
}
