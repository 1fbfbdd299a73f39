// Makes files of the locked app out of the tables of a manifest that name them: sources of components, dependencies and
// middleware.
import { resolve } from 'node:path';
import { parseDependencyName } from './dependency-name.ts';
import { inheritedOf } from './inherited.ts';
import type { LockedDependency, LockedFile, LockedMiddleware } from './locked-file.ts';
import {
  asArray,
  asTable,
  asText,
  type ComponentEntry,
  type Entries,
  type Table,
  textEntriesOf,
} from './manifest/document.ts';
import type { ManifestSource } from './manifest/read.ts';
import { remoteSourceOf } from './remote-source.ts';
import type { KeyPath } from './toml/positions.ts';

/** The manifest, as far as files are concerned. */
export interface FileContext {
  readonly source: Pick<ManifestSource, 'file' | 'directory' | 'positions'>;
  readonly entries: Entries;
}

/** The file of a component. */
export function lockSource({ path, table }: ComponentEntry, context: FileContext): LockedFile {
  return fileOf(table.source, [...path, 'source'], context);
}

/** The dependencies of a component; none when there are none. */
export function lockDependencies({ path, table }: ComponentEntry, context: FileContext): LockedDependency[] {
  const inheritsAll = table.dependencies_inherit_configuration === true;
  return Object.entries(asTable(table.dependencies) ?? {}).map(([name, value]) => {
    const dependency = asTable(value);
    const environment = environmentOf(dependency, context);
    return {
      name,
      export: asText(dependency?.export),
      inherits: inheritsAll ? 'all' : inheritedOf(dependency?.inherit_configuration),
      ...(environment.length > 0 ? { environment: Object.fromEntries(environment) } : {}),
      ...fileOf(value, [...path, 'dependencies', name], context, name),
    };
  });
}

/** The environment of a dependency that is a component of the app. */
function environmentOf(dependency: Table | undefined, { entries }: FileContext): [string, string][] {
  const component = asText(dependency?.component);
  const named = entries.components.find(({ id, isInline }) => id === component && !isInline);
  return textEntriesOf(named?.table.environment);
}

/** The middleware of a trigger, the outermost first. */
export function lockMiddleware(dependencies: unknown, path: KeyPath, context: FileContext): LockedMiddleware[] {
  return asArray(asTable(dependencies)?.middleware).map((value, index) => ({
    inherits: inheritedOf(asTable(value)?.inherit_configuration),
    ...fileOf(value, [...path, 'dependencies', 'middleware', index], context),
  }));
}

/**
 * The file that a value names: a path, a version of the package that `key` names, or a table with `component`, `path`,
 * `url`, or `version`.
 */
function fileOf(value: unknown, path: KeyPath, context: FileContext, key?: string): LockedFile {
  const { source } = context;
  if (typeof value === 'string' && key === undefined) return { source: resolve(source.directory, value) };
  const table: Table = typeof value === 'string' ? { version: value } : (asTable(value) ?? {});
  const [component, file] = [asText(table.component), asText(table.path)];
  if (component !== undefined) {
    const named = context.entries.components.find(({ id, isInline }) => id === component && !isInline);
    return named ? lockSource(named, context) : { source: '' };
  }
  if (file !== undefined) return { source: resolve(source.directory, file) };
  const remote = remoteSourceOf(table, key === undefined ? undefined : packageOf(key));
  if (!remote) return { source: '' };
  // The source of a component names one version, a dependency the newest that fits.
  const exact = key === undefined && remote.kind === 'registry' && path.at(-1) === 'source';
  return {
    source: '',
    remote: exact ? { ...remote, version: `=${remote.version}` } : remote,
    remoteLocation: { file: source.file, ...source.positions.value(path) },
  };
}

function packageOf(key: string): string | undefined {
  const name = parseDependencyName(key);
  return name?.kind === 'package' ? name.package : undefined;
}
