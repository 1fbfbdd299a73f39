// Checks the names in a manifest: ids of components, names of variables, labels of stores.
import { kebabIdFault, toKebab, variableNameFault } from '../../names.ts';
import type { KeyPath } from '../../toml/positions.ts';
import { asTable, type Entries, type Table, textsOf } from '../document.ts';
import type { Problems } from '../problems.ts';

export function checkNames(document: Table, { components }: Entries, problems: Problems): void {
  const check = (kind: string, path: KeyPath, fault: string | undefined, example: string) => {
    if (fault === undefined) return;
    problems.add('manifest-value', path, `"${path.at(-1)}" cannot be the name of a ${kind}: ${fault}`, {
      at: 'key',
      hint: example && `Write it as '${example}'`,
    });
  };
  const checkVariables = (path: KeyPath, table: unknown) => {
    for (const name of Object.keys(asTable(table) ?? {})) {
      check('variable', [...path, name], variableNameFault(name), toKebab(name).replaceAll('-', '_'));
    }
  };

  checkVariables(['variables'], document.variables);
  for (const { id, path, table, isInline } of components) {
    if (!isInline) check('component', path, kebabIdFault(id), toKebab(id));
    checkVariables([...path, 'variables'], table.variables);
    for (const key of ['key_value_stores', 'sqlite_databases']) {
      for (const { index, text } of textsOf(table[key])) {
        if (kebabIdFault(text) === undefined || variableNameFault(text) === undefined) continue;
        problems.add('manifest-value', [...path, key, index], `"${text}" cannot be a label in '${key}'`, {
          hint: 'Labels are words of letters and digits, joined by - or by _',
        });
      }
    }
  }
}
