// Checks the labels of stores and databases; which ones exist is declared outside of the manifest.
import { kebabIdFault, variableNameFault } from '../../names.ts';
import { type Entries, textsOf } from '../document.ts';
import type { Problems } from '../problems.ts';

/** The labels that exist without being declared; nothing can declare others yet. */
const declared = ['default'];

const kinds = { key_value_stores: 'key-value store', sqlite_databases: 'SQLite database' } as const;

export function checkStores({ components }: Entries, problems: Problems): void {
  for (const { id, path, table } of components) {
    for (const [key, kind] of Object.entries(kinds)) {
      for (const { index, text } of textsOf(table[key])) {
        if (declared.includes(text) || isMalformed(text)) continue;
        problems.add(
          'manifest-value',
          [...path, key, index],
          `Component "${id}" names the ${kind} "${text}", which nothing declares`,
          {
            hint: 'Write "default": Mayfly reads no runtime configuration yet, and so there is no other',
          },
        );
      }
    }
  }
}

/** Whether the label is malformed, which checks/names.ts reports. */
function isMalformed(label: string): boolean {
  return kebabIdFault(label) !== undefined && variableNameFault(label) !== undefined;
}
