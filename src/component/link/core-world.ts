// Reads the worlds that a core module was made for: bindings generators leave them in its custom sections
// `component-type…`. They give the types of all functions by the names that the module imports and exports them under.
// The host is not known here.

import { MayflyError } from '../../errors.ts';
import type { Declaration } from '../binary/ast.ts';
import type { CoreModuleInfo } from '../rewrite/core-module.ts';
import type { StringEncoding } from '../types/string-encoding.ts';
import type { FuncType, ResourceType } from '../types/val-type.ts';
import { fullName, funcTypeAt, type InstanceTypeItem, walkInstanceType } from './host-instance.ts';
import { type InstanceItem, Scope } from './items.ts';
import { at, outer, resolveDefType } from './resolve-types.ts';
import { worldsOfSection } from './world-section.ts';

/** One interface, or the functions that stand in a world directly. */
export interface WorldInterface {
  readonly functions: Map<string, FuncType>;
  readonly resources: Map<string, ResourceType>;
}

export interface World {
  encoding: StringEncoding;
  /** The imported interfaces by full name; ROOT for functions in no interface. */
  readonly imports: Map<string, WorldInterface>;
  readonly exports: Map<string, WorldInterface>;
}

export interface WorldResources {
  imported(interfaceName: string, key: string): ResourceType;
  exported(interfaceName: string, key: string): ResourceType;
}

export const ROOT = '$root';

export function isComponentType(section: string | undefined): boolean {
  return section?.startsWith('component-type') === true;
}

/**
 * Reads all worlds of the module as one: several libraries in it may each have brought theirs. Errors:
 * `component-corrupt`.
 */
export function readWorld(bytes: Uint8Array, info: CoreModuleInfo, resources: WorldResources): World {
  const world: World = { encoding: 'utf8', imports: new Map(), exports: new Map() };
  for (const { name, start, end } of info.layout.sections) {
    if (isComponentType(name)) readSection(bytes.subarray(start, end), name as string, world, resources);
  }
  return world;
}

function readSection(contents: Uint8Array, name: string, world: World, resources: WorldResources): void {
  const { encoding, worlds } = worldsOfSection(contents, name);
  world.encoding = encoding ?? world.encoding;
  for (const one of worlds) new Walk(world, resources).declareAll(one.declarations);
}

/** Goes through the declarations of one world, whose indices count as those of a component do. */
class Walk {
  readonly #world: World;
  readonly #resources: WorldResources;
  readonly #scope = new Scope(undefined, 0);

  constructor(world: World, resources: WorldResources) {
    this.#world = world;
    this.#resources = resources;
  }

  declareAll(declarations: readonly Declaration[]): void {
    for (const declaration of declarations) this.#declare(declaration);
  }

  #declare(declaration: Declaration): void {
    const scope = this.#scope;
    switch (declaration.kind) {
      case 'core-type':
        return; // Nothing that a world may have refers to one.
      case 'type':
        if (declaration.type.kind === 'resource') throw unknown('a resource definition');
        scope.types.push(resolveDefType(declaration.type, scope));
        return;
      case 'alias':
        this.#alias(declaration);
        return;
      case 'import':
        this.#extern(declaration, this.#world.imports, this.#resources.imported);
        return;
      case 'export':
        this.#extern(declaration, this.#world.exports, this.#resources.exported);
    }
  }

  #alias({ sort, target }: Extract<Declaration, { kind: 'alias' }>): void {
    if (sort.core || sort.sort !== 'type' || target.kind === 'core-export')
      throw unknown('an alias of something else than a type');
    const scope = this.#scope;
    if (target.kind === 'outer') {
      scope.types.push(at(outer(scope, target.count).types, target.index, 'outer type'));
      return;
    }
    const item = at(scope.instances, target.instance, 'instance').exports.get(target.name);
    if (item?.kind !== 'type') throw unknown(`an alias of "${target.name}"`);
    scope.types.push(item.item);
  }

  #extern(
    { name, desc }: Extract<Declaration, { kind: 'import' | 'export' }>,
    into: Map<string, WorldInterface>,
    resource: (interfaceName: string, key: string) => ResourceType,
  ): void {
    const scope = this.#scope;
    const full = fullName(name);
    if (desc.kind === 'instance') {
      const type = at(scope.types, desc.type, 'type');
      if (type.kind !== 'instance') throw unknown(`an instance "${full}" of another type`);
      scope.instances.push(walkInterface(full, type, interfaceIn(into, full), (key) => resource(full, key)));
    } else if (desc.kind === 'func') {
      interfaceIn(into, ROOT).functions.set(full, funcTypeAt(scope, desc.type));
    } else if (desc.kind === 'type') {
      const { bound } = desc;
      if (bound.kind === 'eq') scope.types.push(at(scope.types, bound.type, 'type'));
      else {
        const type = resource(ROOT, full);
        interfaceIn(into, ROOT).resources.set(full, type);
        scope.types.push({ kind: 'resource', type });
      }
    } else throw unknown(`a ${desc.kind} "${full}"`);
  }
}

function interfaceIn(map: Map<string, WorldInterface>, name: string): WorldInterface {
  const known = map.get(name) ?? { functions: new Map(), resources: new Map() };
  map.set(name, known);
  return known;
}

function walkInterface(
  name: string,
  type: InstanceTypeItem,
  { functions, resources }: WorldInterface,
  resource: (key: string) => ResourceType,
): InstanceItem {
  return walkInstanceType(name, type, {
    func(key, func) {
      functions.set(key, func);
      return undefined;
    },
    resource(key) {
      const known = resources.get(key) ?? resource(key);
      resources.set(key, known);
      return known;
    },
  });
}

function unknown(what: string): MayflyError {
  return new MayflyError('component-unsupported', `The world of the core module holds ${what}`);
}
