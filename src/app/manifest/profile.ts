// `[component.<id>.profile.<name>]`: what is different when the app is built or run with this profile. A component that
// has no such profile stays as it is.

import { MayflyError } from '../../errors.ts';
import { nearest } from '../suggest.ts';
import type { KeyPath } from '../toml/positions.ts';
import { asTable, type Table } from './document.ts';
import type { ManifestSource } from './read.ts';
import { viewOf } from './view.ts';

/**
 * The manifest with a profile, which must have been checked. Throws `usage` when no component has it.
 */
export function withProfile(source: ManifestSource, name: string): ManifestSource {
  const { document } = source;
  const components = Object.entries(asTable(document.component) ?? {});
  const names = components.flatMap(([, component]) => Object.keys(profilesOf(component)));
  if (!names.includes(name)) throw unknownProfile(name, new Set(names));
  const changed = components.map(([id, component]) => [id, withOverrides(asTable(component) ?? {}, name)] as const);
  const written = (path: KeyPath): KeyPath => writtenPath(path, name, document);
  return viewOf(source, { ...document, component: Object.fromEntries(changed) }, written);
}

function unknownProfile(name: string, known: ReadonlySet<string>): MayflyError {
  const meant = nearest(name, known);
  const there = known.size > 0 ? `There are: ${[...known].join(', ')}` : 'No component has a profile';
  return new MayflyError('usage', `No component of the app has a profile "${name}"`, {
    hint: meant ? `Did you mean '${meant}'?` : there,
  });
}

function profilesOf(component: unknown): Table {
  return asTable(asTable(component)?.profile) ?? {};
}

/** Environment and dependencies are added entry by entry, all else takes the place of what was there. */
function withOverrides(component: Table, name: string): Table {
  const profile = profileOf(component, name);
  if (!profile) return component;
  const { environment, dependencies, build, ...rest } = profile;
  return {
    ...component,
    ...rest,
    ...merged('environment', component, environment),
    ...merged('dependencies', component, dependencies),
    ...merged('build', component, build),
  };
}

function profileOf(component: unknown, name: string): Table | undefined {
  const profiles = profilesOf(component);
  return Object.hasOwn(profiles, name) ? asTable(profiles[name]) : undefined;
}

function merged(key: string, component: Table, added: unknown): Table {
  return added === undefined ? {} : { [key]: { ...asTable(component[key]), ...asTable(added) } };
}

/** The path of what stands at `path` once the profile counts: in the profile, if it says that. */
function writtenPath(path: KeyPath, name: string, document: Table): KeyPath {
  const [first, id, key, entry] = path;
  if (first !== 'component' || id === undefined || key === undefined) return path;
  const components = asTable(document.component) ?? {};
  const profile = profileOf(components[id], name);
  const inProfile: KeyPath = ['component', id, 'profile', name, ...path.slice(2)];
  if (!profile || !(key in profile)) return path;
  const isMerged = ['environment', 'dependencies', 'build'].includes(String(key));
  const isThere = !isMerged || (entry !== undefined && String(entry) in (asTable(profile[key]) ?? {}));
  return isThere ? inProfile : path;
}
