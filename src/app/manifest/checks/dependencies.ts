// Checks `dependencies` of components: their names, where each comes from, and what it inherits.
import { type DependencyName, mayMeet, parseDependencyName } from '../../dependency-name.ts';
import { inheritableKeys } from '../../inherited.ts';
import { nearest } from '../../suggest.ts';
import type { KeyPath } from '../../toml/positions.ts';
import { asArray, asTable, asText, type ComponentEntry, type Entries, type Table, textsOf } from '../document.ts';
import type { Problems } from '../problems.ts';
import { checkRemote, checkRequirement } from './remote-sources.ts';

export function checkDependencies(entries: Entries, problems: Problems): void {
  for (const component of entries.components) checkComponent(component, entries, problems);
}

function checkComponent({ id, path, table }: ComponentEntry, entries: Entries, problems: Problems): void {
  const seen: [key: string, name: DependencyName][] = [];
  for (const [key, value] of Object.entries(asTable(table.dependencies) ?? {})) {
    const place = [...path, 'dependencies', key];
    const name = checkName(key, place, seen, problems);
    if (typeof value === 'string') checkRequirement(value, place, problems);
    const dependency = asTable(value);
    if (name) checkFits(name, key, value, place, problems);
    if (!dependency) continue;
    checkRemote(dependency, place, 'requirement', problems);
    checkInherits(dependency, place, problems);
    checkComponentOf(id, dependency, place, entries, problems);
    if ('inherit_configuration' in dependency && 'dependencies_inherit_configuration' in table) {
      problems.add(
        'manifest-value',
        [...place, 'inherit_configuration'],
        `Component "${id}" says for all dependencies together what they inherit, and for "${key}" alone`,
        { at: 'key', hint: "Remove 'dependencies_inherit_configuration', and say it of each dependency" },
      );
    }
  }
}

function checkName(
  key: string,
  place: KeyPath,
  seen: [string, DependencyName][],
  problems: Problems,
): DependencyName | undefined {
  const name = parseDependencyName(key);
  if (!name) {
    problems.add('manifest-value', place, `"${key}" cannot be the name of a dependency`, {
      at: 'key',
      hint: 'Write the import that it fulfils: "namespace:package/interface", "namespace:package" or a plain name',
    });
    return undefined;
  }
  const other = seen.find(([, one]) => mayMeet(one, name));
  if (other) {
    problems.add('manifest-value', place, `The dependencies "${other[0]}" and "${key}" fulfil the same imports`, {
      at: 'key',
      hint: 'Name different interfaces of the package, or versions that do not fit together',
    });
  }
  seen.push([key, name]);
  return name;
}

/** Checks that a name says enough for what stands behind it, and not too much. */
function checkFits(name: DependencyName, key: string, value: unknown, place: KeyPath, problems: Problems): void {
  const table = asTable(value) ?? {};
  const isVersion = typeof value === 'string' || ('version' in table && !('package' in table));
  if (name.kind === 'plain' && isVersion) {
    problems.add('manifest-value', place, `The dependency "${key}" does not say which package it is`, {
      hint: `Write { package = "<namespace>:<name>", version = "…" }`,
    });
  }
  if (name.kind === 'package' && name.interface === undefined && 'export' in table) {
    problems.add(
      'manifest-value',
      [...place, 'export'],
      `"${key}" means all interfaces of a package, and 'export' one`,
      {
        at: 'key',
        hint: `Write "${key}/<interface>" as the name, or remove 'export'`,
      },
    );
  }
}

/** Checks the list of what a dependency or a middleware inherits. */
export function checkInherits(table: Table, place: KeyPath, problems: Problems): void {
  for (const { index, text } of textsOf(table.inherit_configuration)) {
    if (inheritableKeys.some((key) => key === text)) continue;
    const meant = nearest(text, inheritableKeys);
    problems.add(
      'manifest-value',
      [...place, 'inherit_configuration', index],
      `"${text}" is not a part of a configuration that can be inherited`,
      { hint: meant ? `Did you mean "${meant}"?` : `There are: ${inheritableKeys.join(', ')}` },
    );
  }
}

/** What a component that is a dependency must not have, since it would have no effect. */
const ownResources = [
  'ai_models',
  'allowed_http_hosts',
  'allowed_outbound_hosts',
  'dependencies',
  'files',
  'key_value_stores',
  'sqlite_databases',
  'variables',
];

function checkComponentOf(id: string, table: Table, place: KeyPath, entries: Entries, problems: Problems): void {
  const name = asText(table.component);
  if (name === undefined) return;
  const found = checkComponentName(name, [...place, 'component'], entries, problems);
  if (!found) return;
  if (name === id) {
    problems.add('manifest-value', [...place, 'component'], `Component "${id}" cannot be a dependency of itself`, {
      hint: 'Name another component',
    });
    return;
  }
  const surprises = ownResources.filter((key) => hasAny(found.table[key]));
  if (surprises.length === 0) return;
  problems.add(
    'manifest-value',
    [...place, 'component'],
    `Component "${name}" cannot be a dependency: it has ${surprises.join(', ')} of its own, which would not count`,
    { hint: `Give these to component "${id}", and let the dependency inherit them with 'inherit_configuration'` },
  );
}

function hasAny(value: unknown): boolean {
  return asArray(value).length > 0 || Object.keys(asTable(value) ?? {}).length > 0;
}

/** Finds the component that another table names; reports one that is not there. */
export function checkComponentName(
  name: string,
  place: KeyPath,
  { components }: Entries,
  problems: Problems,
): ComponentEntry | undefined {
  const named = components.filter(({ isInline }) => !isInline);
  const found = named.find(({ id }) => id === name);
  if (found) return found;
  const meant = nearest(
    name,
    named.map(({ id }) => id),
  );
  problems.add('manifest-component-unknown', place, `There is no component "${name}"`, {
    hint: meant ? `Did you mean '${meant}'?` : `Add a [component.${name}] table`,
  });
  return undefined;
}
