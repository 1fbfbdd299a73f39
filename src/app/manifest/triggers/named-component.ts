// Checks that the component which a trigger names is there.
import { nearest } from '../../suggest.ts';
import { asTable, asText, type Table, type TriggerEntry } from '../document.ts';
import type { Problems } from '../problems.ts';

export function checkNamedComponent(document: Table, { table, path }: TriggerEntry, problems: Problems): void {
  const components = asTable(document.component) ?? {};
  const name = asText(table.component);
  if (name === undefined || Object.hasOwn(components, name)) return;
  const meant = nearest(name, Object.keys(components));
  problems.add('manifest-component-unknown', [...path, 'component'], `There is no component "${name}"`, {
    hint: meant ? `Did you mean '${meant}'?` : `Add a [component.${name}] table`,
  });
}
