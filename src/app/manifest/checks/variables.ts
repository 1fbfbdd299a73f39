// Checks variables: each needs a default or is required, and `{{ … }}` may name only declared ones.
import { MayflyError } from '../../../errors.ts';
import { nearest } from '../../suggest.ts';
import { parseTemplate, variablesOf } from '../../template.ts';
import type { KeyPath } from '../../toml/positions.ts';
import { asTable, type Entries, type Table, textEntriesOf, textsOf } from '../document.ts';
import type { Problems } from '../problems.ts';

export function checkVariables(document: Table, { components }: Entries, problems: Problems): void {
  const declared = asTable(document.variables) ?? {};
  for (const [name, value] of Object.entries(declared)) checkDeclaration(name, asTable(value), problems);
  for (const { path, table } of components) {
    for (const [key, text] of textEntriesOf(table.variables)) {
      checkTemplate([...path, 'variables', key], text, declared, problems);
    }
    for (const { index, text } of textsOf(table.allowed_outbound_hosts)) {
      checkTemplate([...path, 'allowed_outbound_hosts', index], text, declared, problems);
    }
  }
}

function checkDeclaration(name: string, table: Table | undefined, problems: Problems): void {
  if (!table || (table.required === true) !== 'default' in table) return;
  const both = 'default' in table;
  const message = both
    ? `Variable "${name}" is required and has a default`
    : `Variable "${name}" has no default and is not required`;
  problems.add('manifest-value', ['variables', name], message, {
    at: 'key',
    hint: both ? "Remove 'required' or 'default'" : "Add 'default = \"…\"' or 'required = true'",
  });
}

/** Checks the `{{ … }}` of a text; `declared` is the table `[variables]`. */
export function checkTemplate(path: KeyPath, text: string, declared: Table, problems: Problems): void {
  let names: readonly string[];
  try {
    names = variablesOf(parseTemplate(text));
  } catch (error) {
    if (!(error instanceof MayflyError)) throw error;
    problems.add(error.code, path, error.message, { hint: error.hint });
    return;
  }
  for (const name of names) {
    if (Object.hasOwn(declared, name)) continue;
    const meant = nearest(name, Object.keys(declared));
    problems.add('manifest-variable', path, `'{{ ${name} }}' names a variable that is not declared`, {
      hint: meant ? `Did you mean '{{ ${meant} }}'?` : `Add '${name} = { required = true }' under [variables]`,
    });
  }
}
