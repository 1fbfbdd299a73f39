// Checks the labels of stores and databases: the runtime configuration says which there are.
import { kebabIdFault, variableNameFault } from '../../names.ts';
import type { RuntimeConfig } from '../../runtime-config/runtime-config.ts';
import { nearest } from '../../suggest.ts';
import { type Entries, textsOf } from '../document.ts';
import type { Problems } from '../problems.ts';

type Declared = Pick<RuntimeConfig, 'keyValueStores' | 'sqliteDatabases'>;

interface Kind {
  readonly key: string;
  readonly name: string;
  /** The table of the runtime configuration that declares one. */
  readonly table: string;
  readonly labels: (declared: Declared) => Iterable<string>;
}

const kinds: readonly Kind[] = [
  {
    key: 'key_value_stores',
    name: 'key-value store',
    table: 'key_value_store',
    labels: ({ keyValueStores }) => keyValueStores.keys(),
  },
  {
    key: 'sqlite_databases',
    name: 'SQLite database',
    table: 'sqlite_database',
    labels: ({ sqliteDatabases }) => sqliteDatabases.keys(),
  },
];

export function checkStores({ components }: Entries, declared: Declared, problems: Problems): void {
  for (const kind of kinds) {
    const labels = new Set(kind.labels(declared));
    for (const { id, path, table } of components) {
      for (const { index, text } of textsOf(table[kind.key])) {
        if (labels.has(text) || isMalformed(text)) continue;
        const message = `Component "${id}" names the ${kind.name} "${text}", which nothing declares`;
        problems.add('manifest-value', [...path, kind.key, index], message, { hint: hintFor(kind, text, labels) });
      }
    }
  }
}

function hintFor({ table }: Kind, label: string, labels: ReadonlySet<string>): string {
  const meant = nearest(label, labels);
  if (meant !== undefined) return `Did you mean "${meant}"?`;
  return `Add [${table}.${label}] to the file that '--runtime-config-file' names, or write "default", which is always there`;
}

/** Whether the label is malformed, which checks/names.ts reports. */
function isMalformed(label: string): boolean {
  return kebabIdFault(label) !== undefined && variableNameFault(label) !== undefined;
}
