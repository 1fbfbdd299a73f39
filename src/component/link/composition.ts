// Several components that are linked as one: a component, those that fulfil imports of it, and middleware before it.
import { MayflyError } from '../../errors.ts';
import type { Component } from '../binary/ast.ts';
import type { CoreModuleInfo } from '../rewrite/core-module.ts';
import { ROOT } from './core-world.ts';
import { exportedHandler, handlerImportOf } from './given-instance.ts';
import { fullName } from './host-instance.ts';
import type { Item, Scope } from './items.ts';
import { parseVersionedName, sameTrack } from './version.ts';

/** How the components belong together, as plain data; their order is that of the components beside it. */
export interface Composition {
  readonly dependencies: readonly JoinedDependency[];
  /** The outermost comes first. */
  readonly middleware: readonly Joined[];
}

export interface Joined {
  /**
   * The number of the configuration under which its imports of the host are served; 0 is that of the component that the
   * others are joined to.
   */
  readonly configuration: number;
}

export interface JoinedDependency extends Joined {
  /** The imports that it fulfils, as a manifest names them: `ns:package/interface`, `ns:package`, or a plain name. */
  readonly name: string;
  /** The export that fulfils them; undefined for the one of the import's name. */
  readonly export: string | undefined;
}

/** A component, or a core module that was made for the world of one. */
export type Part =
  | { readonly kind: 'component'; readonly component: Component }
  | { readonly kind: 'module'; readonly bytes: Uint8Array; readonly info: CoreModuleInfo };

/** Walks a component whose imports of these names are fulfilled by these items. */
export type WalkRoot = (part: Part, given: ReadonlyMap<string, Item>, configuration: number) => Scope;

/**
 * Walks all of them, and gives the scope with the exports of the whole. `joined` are the dependencies, then the
 * middleware. Throws `component-dependency` and `guest-no-handler`.
 */
export function walkComposition(
  part: Part,
  joined: readonly Part[],
  { dependencies, middleware }: Composition,
  walk: WalkRoot,
): Scope {
  const given = new Map<string, Item>();
  const imports = importsOf(part);
  const matched = dependencies.map((dependency) => matchedImports(dependency, imports));
  checkConflicts(dependencies, matched);
  for (const [index, dependency] of dependencies.entries()) {
    const scope = walk(joined[index] as Part, new Map(), dependency.configuration);
    for (const name of matched[index] ?? []) given.set(name, exportFor(name, dependency, scope));
  }
  let scope = walk(part, given, 0);
  const before = middleware.map((one, index) => ({
    ...one,
    part: joined[dependencies.length + index] as Part,
  }));
  for (const { part: outer, configuration } of before.toReversed()) {
    const handler: Item = { kind: 'instance', item: exportedHandler(scope.exports) };
    scope = walk(outer, new Map([[handlerImportOf(importsOf(outer)), handler]]), configuration);
  }
  if (middleware.length > 0) exportedHandler(scope.exports);
  return scope;
}

/** The names of all imports; those of a module include what it does not import from another component. */
function importsOf(part: Part): string[] {
  if (part.kind === 'component') {
    return part.component.definitions.flatMap((one) => (one.kind === 'import' ? [fullName(one.name)] : []));
  }
  const names = part.info.imports.map(({ module, name }) => (module === ROOT ? name : module));
  return [...new Set(names)].filter((name) => !name.startsWith('['));
}

/** The imports that a dependency fulfils, by Spin's rules. */
function matchedImports({ name }: JoinedDependency, imports: readonly string[]): string[] {
  const found = imports.filter((one) => matchesImport(name, one));
  if (found.length > 0) return found;
  throw new MayflyError('component-dependency', `The dependency "${name}" fulfils no import of the component`, {
    hint: `The component imports ${imports.join(', ') || 'nothing'}`,
  });
}

export function matchesImport(dependency: string, importName: string): boolean {
  const wanted = parseVersionedName(dependency);
  const has = parseVersionedName(importName);
  if (!wanted.name.includes(':')) return dependency === importName;
  if (wanted.version !== undefined && wanted.version !== has.version) return false;
  return wanted.name.includes('/') ? wanted.name === has.name : has.name.startsWith(`${wanted.name}/`);
}

function checkConflicts(dependencies: readonly JoinedDependency[], matched: readonly (readonly string[])[]): void {
  const by = new Map<string, string>();
  for (const [index, { name }] of dependencies.entries()) {
    for (const one of matched[index] ?? []) {
      const other = by.get(one);
      if (other !== undefined) {
        const message = `The dependencies "${other}" and "${name}" both fulfil the import "${one}"`;
        throw new MayflyError('component-dependency', message, { hint: 'Name the interfaces that each is to fulfil' });
      }
      by.set(one, name);
    }
  }
}

function exportFor(importName: string, { name, export: named }: JoinedDependency, { exports }: Scope): Item {
  const wanted = named ?? importName;
  const exact = exports.get(wanted);
  if (exact) return exact;
  const { name: plain, version } = parseVersionedName(wanted);
  for (const [key, item] of exports) {
    const has = parseVersionedName(key);
    if (version !== undefined && has.name === plain && sameTrack(has.version, version)) return item;
  }
  const message = `The dependency "${name}" does not export "${wanted}" for the import "${importName}"`;
  throw new MayflyError('component-dependency', message, {
    hint: `It exports ${[...exports.keys()].join(', ') || 'nothing'}; 'export' names one of them`,
  });
}
