// Checks that the components which a trigger names are there.
import { nearest } from '../../suggest.ts';
import { asTable, asText, componentPlaces, type Table, type TriggerEntry } from '../document.ts';
import type { Problems } from '../problems.ts';

export function checkNamedComponent(document: Table, { table, path }: TriggerEntry, problems: Problems): void {
  const components = asTable(document.component) ?? {};
  for (const { inTrigger, value } of componentPlaces(table)) {
    const name = asText(value);
    if (name === undefined || Object.hasOwn(components, name)) continue;
    const meant = nearest(name, Object.keys(components));
    problems.add('manifest-component-unknown', [...path, ...inTrigger], `There is no component "${name}"`, {
      hint: meant ? `Did you mean '${meant}'?` : `Add a [component.${name}] table`,
    });
  }
}
