// Makes a manifest of version 2 out of one of version 1, as Spin does when it reads one. It takes manifests that may be
// wrong. Places in the result lead to the file as it is written.
import { kebabIdFault } from '../../names.ts';
import type { KeyPath } from '../../toml/positions.ts';
import { asArray, asTable, asText, type Table } from '../document.ts';
import type { ManifestSource } from '../read.ts';
import { viewOf } from '../view.ts';

export type VersionKey = 'spin_manifest_version' | 'spin_version';

/** The key under which a manifest says that it is of version 1; undefined for one that does not. */
export function versionKeyOf1(document: Table): VersionKey | undefined {
  if ('application' in document) return undefined;
  if ('spin_version' in document) return 'spin_version';
  const { spin_manifest_version: version } = document;
  return version === '1' || version === 1 ? 'spin_manifest_version' : undefined;
}

/** What a component may reach when nothing is said of hosts: version 1 had no permissions for databases. */
const databaseHosts = ['redis://*:*', 'mysql://*:*', 'postgres://*:*'];

interface Converted {
  readonly id: string;
  readonly index: number;
  readonly table: Table;
}

/** The components with the ids that they get. */
export function componentsOfVersion1({ component }: Table): Converted[] {
  return asArray(component).flatMap((value, index): Converted[] => {
    const table = asTable(value);
    const id = asText(table?.id);
    return table && id !== undefined ? [{ id: componentId(id), index, table }] : [];
  });
}

export function convertVersion1(source: ManifestSource, key: VersionKey): ManifestSource {
  const { document } = source;
  const { type, ...settings } = asTable(document.trigger) ?? {};
  const triggerType = asText(type) ?? 'http';
  const components = componentsOfVersion1(document);
  const hasSettings = Object.keys(settings).length > 0;
  const converted = {
    spin_manifest_version: 2,
    application: {
      ...picked(document, ['name', 'version', 'description', 'authors']),
      ...(hasSettings ? { trigger: Object.fromEntries([[triggerType, settings]]) } : {}),
    },
    ...picked(document, ['variables']),
    trigger: Object.fromEntries(
      components.length > 0 ? [[triggerType, components.map(({ id, table }) => trigger(id, table))]] : [],
    ),
    component: Object.fromEntries(components.map(({ id, table }) => [id, component(table)])),
  };
  const written = (path: KeyPath): KeyPath => writtenPath(path, key, components);
  return viewOf(source, converted, written);
}

/** The id; words that version 1 allowed are mended as Spin does. */
function componentId(id: string): string {
  return kebabIdFault(id) === undefined ? id : id.replaceAll('_', '-').toLowerCase();
}

function trigger(id: string, { trigger: settings }: Table): Table {
  return { ...asTable(settings), id: `trigger-${id}`, component: id };
}

function component(table: Table): Table {
  const { id: _, trigger: __, config, ...rest } = table;
  return {
    ...rest,
    ...(config === undefined ? {} : { variables: config }),
    ...('allowed_outbound_hosts' in table ? {} : { allowed_outbound_hosts: databaseHosts }),
  };
}

function picked(table: Table, keys: readonly string[]): Table {
  return Object.fromEntries(keys.flatMap((key) => (key in table ? [[key, table[key]]] : [])));
}

/** The path in a manifest of version 1 of what stands at `path` in the converted one. */
function writtenPath(path: KeyPath, key: VersionKey, components: readonly Converted[]): KeyPath {
  const [first, second, third, ...rest] = path;
  switch (first) {
    case 'spin_manifest_version':
      return [key];
    case 'application':
      return second === 'trigger' ? ['trigger', ...rest] : path.slice(1);
    case 'trigger': {
      if (third === undefined) return second === undefined ? ['trigger'] : ['trigger', 'type'];
      const place: KeyPath = ['component', components[Number(third)]?.index ?? 0];
      const names = rest[0] === 'component' || rest[0] === 'id';
      return names ? [...place, 'id'] : [...place, 'trigger', ...rest];
    }
    case 'component': {
      const found = components.findLast(({ id }) => id === second);
      const place: KeyPath = found ? ['component', found.index] : ['component'];
      if (third === undefined) return found ? [...place, 'id'] : place;
      return [...place, third === 'variables' ? 'config' : third, ...rest];
    }
    default:
      return path;
  }
}
