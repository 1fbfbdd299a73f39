// core module → plan, for a module that was made for a world but not wrapped into a component: what a componentizer
// would write into the file is done here. Its imports of wasi_snapshot_preview1 need no adapter, since the host has
// them.

import type { CoreItem, ResolvedOptions } from '../abi/options.ts';
import type { CoreFuncType } from '../binary/ast.ts';
import type { FuncItem } from '../canon/func-item.ts';
import { makeLowerSteps } from '../canon/lower-in-task.ts';
import type { InstantiateStep, LiftedFunction, Plan, PlannedExport, Trampoline } from '../canon/plan.ts';
import { type DefinedResource, makeResourceDrop } from '../canon/resource.ts';
import type { CoreImport, CoreModuleInfo } from '../rewrite/core-module.ts';
import type { FuncType, ResourceType } from '../types/val-type.ts';
import { lowered } from './async-canon.ts';
import { coreTrampoline, RUN_INTERFACE } from './core-command.ts';
import { checkMemory, printCoreType } from './core-module-kind.ts';
import {
  checkCoreType,
  corrupt,
  dropOf,
  itemOf,
  liftedSignature,
  ownResource,
  refuseAsync,
  startModule,
  unknownImport,
  whenMemoryIsThere,
} from './core-module-parts.ts';
import { ROOT, readWorld, type World, type WorldInterface } from './core-world.ts';
import { givenFunction } from './given-instance.ts';
import { type HostBinding, hostFunction, hostResource, missing } from './host-instance.ts';
import type { HostRegistry } from './host-registry.ts';
import type { Item } from './items.ts';
import { own } from './own.ts';
import { findSuspending } from './suspends.ts';

/** How the module names what belongs to its world. */
export interface Naming {
  readonly realloc: string;
  importOf(one: CoreImport): { readonly module: string; readonly name: string };
  /** The core function behind a function that is exported through an interface. */
  exportOf(interfaceName: string, key: string): string;
  postReturn(coreName: string): string | undefined;
  /** Makes the trampoline of an import that is not served in the usual way; undefined for all others. */
  special(one: CoreImport): Trampoline | undefined;
}

const currentNaming: Naming = {
  realloc: 'cabi_realloc',
  importOf: (one) => one,
  exportOf: (interfaceName, key) => `${interfaceName}#${key}`,
  postReturn: (coreName) => `cabi_post_${coreName}`,
  special: () => undefined,
};

/**
 * Links the module. Throws `component-import-missing` for an import that neither the world nor the host has,
 * `component-corrupt` where the module is not what its world says.
 */
export function linkCoreComponent(bytes: Uint8Array, info: CoreModuleInfo, host: HostRegistry): Plan {
  return new CoreLinker(bytes, info, host, currentNaming).plan();
}

/** Links a module whose world is known from elsewhere. */
export function linkCoreModule(
  bytes: Uint8Array,
  info: CoreModuleInfo,
  host: HostRegistry,
  world: World,
  naming: Naming,
): Plan {
  return new CoreLinker(bytes, info, host, naming, world).plan();
}

/** Where in a plan the parts of a module come: how much of each there is already. */
export interface Place {
  /** The number of the module's component instance. */
  readonly owner: number;
  readonly slot: number;
  readonly module: number;
  readonly trampoline: number;
  readonly lifted: number;
}

const alone: Place = { owner: 0, slot: 0, module: 0, trampoline: 0, lifted: 0 };

/** What a module adds to a plan. */
export interface ModuleParts extends Pick<Plan, 'modules' | 'steps' | 'trampolines' | 'lifted' | 'imports'> {
  readonly exports: ReadonlyMap<string, Item>;
}

/**
 * Links the module as a part of a plan. `given` fulfils imports of it, by their names; the host fulfils the others.
 * Throws what `linkCoreComponent` throws.
 */
export function linkCorePart(
  bytes: Uint8Array,
  info: CoreModuleInfo,
  host: HostBinding,
  place: Place,
  given: ReadonlyMap<string, Item>,
): ModuleParts {
  const linker = new CoreLinker(bytes, info, host.registry, currentNaming, undefined, { place, given, host });
  const { exports, ...parts } = linker.parts();
  return { ...parts, exports: linker.items(exports) };
}

interface Joining {
  readonly place: Place;
  readonly given: ReadonlyMap<string, Item>;
  readonly host: HostBinding;
}

class CoreLinker {
  readonly #place: Place;
  readonly #given: ReadonlyMap<string, Item>;
  readonly #bytes: Uint8Array;
  readonly #info: CoreModuleInfo;
  readonly #host: HostBinding;
  readonly #world: World;
  readonly #naming: Naming;
  readonly #services: string[] = [];
  readonly #lifted: LiftedFunction[] = [];
  readonly #funcExports: ReadonlyMap<string, CoreFuncType>;

  constructor(
    bytes: Uint8Array,
    info: CoreModuleInfo,
    registry: HostRegistry,
    naming: Naming,
    world?: World,
    joining?: Joining,
  ) {
    this.#place = joining?.place ?? alone;
    this.#given = joining?.given ?? new Map();
    this.#naming = naming;
    this.#bytes = bytes;
    this.#info = info;
    this.#host = joining?.host ?? { registry, slotOf: (service) => this.#slotOf(service) };
    const funcs = info.exports.filter(({ kind }) => kind === 'func');
    this.#funcExports = new Map(funcs.map(({ name, index }) => [name, info.funcTypes[index] as CoreFuncType]));
    this.#world =
      world ??
      readWorld(bytes, info, {
        imported: (name, key) => this.#importedResource(name, key),
        exported: (name, key) => this.#exportedResource(name, key),
      });
  }

  plan(): Plan {
    const parts = this.parts();
    const { suspends, mayWait } = findSuspending(1, parts.trampolines);
    return {
      ...parts,
      instances: [{ parent: undefined }],
      suspends,
      mayWait,
      asynchronous: false,
      services: this.#services,
    };
  }

  parts(): Omit<ModuleParts, 'exports'> & Pick<Plan, 'exports'> {
    const trampolines = this.#info.imports.map((one) => this.#trampoline(one));
    checkMemory(this.#info);
    const exports = this.#exports();
    const names = this.#info.imports.map((one) => this.#naming.importOf(one).module);
    const imports = [...new Set(names.filter((name) => !this.#given.has(name)))];
    return { ...this.#steps(), trampolines, lifted: this.#lifted, exports, imports };
  }

  /** The exports as other components import them, with the resources that they define. */
  items(exports: ReadonlyMap<string, PlannedExport>): ReadonlyMap<string, Item> {
    const items = new Map<string, Item>();
    for (const [name, planned] of exports) {
      if (planned.kind === 'func') items.set(name, itemOf(planned.func));
      if (planned.kind !== 'instance') continue;
      const members = new Map<string, Item>();
      for (const [key, type] of this.#world.exports.get(name)?.resources ?? []) {
        members.set(key, { kind: 'type', item: { kind: 'resource', type } });
      }
      for (const [key, one] of planned.exports) if (one.kind === 'func') members.set(key, itemOf(one.func));
      items.set(name, { kind: 'instance', item: { exports: members } });
    }
    return items;
  }

  #item(name: string): CoreItem {
    return { kind: 'export', slot: this.#place.slot, name };
  }

  #slotOf(service: string): number {
    const found = this.#services.indexOf(service);
    return found >= 0 ? found : this.#services.push(service) - 1;
  }

  /**
   * The type of an imported resource. What the host does not have is an error only where the module uses it: worlds of
   * SDKs name all that there is.
   */
  #importedResource(name: string, key: string): ResourceType {
    const given = this.#givenMember(name, key);
    if (given?.kind === 'type' && given.item.kind === 'resource') return given.item.type;
    const offered = this.#host.registry.find(name);
    return offered && own(offered.resources, key) ? hostResource(key, name, offered) : { name: `${name} ${key}` };
  }

  /** What another component gives as a member of the interface `name`. */
  #givenMember(name: string, key: string): Item | undefined {
    const given = this.#given.get(name);
    return given?.kind === 'instance' ? given.item.exports.get(key) : undefined;
  }

  #exportedResource(name: string, key: string): DefinedResource {
    const dtor = `${name}#[dtor]${key}`;
    const destructor: CoreItem | undefined = this.#funcExports.has(dtor) ? this.#item(dtor) : undefined;
    return { name: `${name} ${key}`, definedBy: this.#place.owner, destructor };
  }

  #trampoline(one: CoreImport): Trampoline {
    const offered = this.#host.registry.coreModule(one.module);
    if (offered) {
      const owner = { owner: this.#place.owner, memory: this.#item('memory') };
      return coreTrampoline(one, this.#info, this.#host.registry, this.#host.slotOf, owner);
    }
    const special = this.#naming.special(one);
    if (special) return special;
    const own = one.module.startsWith('[export]');
    const name = own ? one.module.slice('[export]'.length) : this.#naming.importOf(one).module;
    const found = (own ? this.#world.exports : this.#world.imports).get(name);
    const trampoline = found && (own ? ownResource(one, found, this.#place.owner) : this.#imported(one, name, found));
    if (!trampoline) throw unknownImport(one, this.#host.registry);
    return trampoline;
  }

  #imported(one: CoreImport, name: string, { functions, resources }: WorldInterface): Trampoline | undefined {
    const type = functions.get(this.#naming.importOf(one).name);
    if (type) return this.#lower(one, name, type);
    const dropped = resources.get(dropOf(one.name) ?? '');
    if (!dropped) return undefined;
    const service = this.#given.has(name) ? undefined : this.#host.registry.find(name)?.service;
    checkCoreType(one, { params: ['i32'], results: [] });
    return makeResourceDrop(dropped, this.#place.owner, service === undefined ? -1 : this.#host.slotOf(service));
  }

  #lower(one: CoreImport, name: string, type: FuncType): Trampoline {
    const { registry } = this.#host;
    const key = this.#naming.importOf(one).name;
    refuseAsync(type, key);
    checkCoreType(one, makeLowerSteps(type, false).signature);
    const given = name === ROOT ? this.#given.get(key) : this.#given.has(name) && this.#givenMember(name, key);
    if (given !== false && given !== undefined) {
      return whenMemoryIsThere(
        lowered(givenFunction(`${name} ${key}`, type, given), this.#options(undefined), this.#place.owner),
      );
    }
    if (given === undefined && name !== ROOT) throw missing(`${name} ${key}`, 'function', []);
    const offered = registry.find(name);
    if (name !== ROOT && !offered) throw missing(name, 'interface', registry.alternatives(name));
    const item = offered ? hostFunction(key, type, name, offered, this.#host) : this.#rootFunction(key, type);
    return whenMemoryIsThere(lowered(item, this.#options(undefined), this.#place.owner));
  }

  #rootFunction(name: string, type: FuncType): FuncItem {
    const found = this.#host.registry.function(name);
    if (!found) throw missing(name, 'function', []);
    return { kind: 'host', name, func: found.func, type, slot: this.#host.slotOf(found.service) };
  }

  #options(postReturn: string | undefined): ResolvedOptions {
    return {
      encoding: this.#world.encoding,
      memory: this.#info.exports.some(({ name, kind }) => name === 'memory' && kind === 'memory')
        ? this.#item('memory')
        : undefined,
      realloc: this.#funcExports.has(this.#naming.realloc) ? this.#item(this.#naming.realloc) : undefined,
      postReturn: postReturn !== undefined && this.#funcExports.has(postReturn) ? this.#item(postReturn) : undefined,
      async: false,
      callback: undefined,
    };
  }

  #exports(): ReadonlyMap<string, PlannedExport> {
    const exports = new Map<string, PlannedExport>();
    for (const [name, { functions }] of this.#world.exports) {
      const coreName = (key: string): string => (name === ROOT ? key : this.#naming.exportOf(name, key));
      const members = [...functions].map(([key, type]) => [key, this.#lift(coreName(key), type)] as const);
      if (name === ROOT) for (const [key, item] of members) exports.set(key, item);
      else exports.set(name, { kind: 'instance', exports: new Map(members) });
    }
    // A main function beside the world is exported as wasi:cli/run, as the adapter for commands does it.
    const hasRun = [...exports.keys()].some((name) => name.startsWith('wasi:cli/run@'));
    if (this.#funcExports.has('_start') && !hasRun) {
      const run = this.#lift('_start', { params: [], result: undefined, async: false });
      exports.set(RUN_INTERFACE, { kind: 'instance', exports: new Map([['run', run]]) });
    }
    return exports;
  }

  #lift(coreName: string, type: FuncType): PlannedExport {
    refuseAsync(type, coreName);
    const actual = this.#funcExports.get(coreName);
    if (!actual) throw corrupt(`exports no function "${coreName}", which its world has`);
    const expected = liftedSignature(type);
    if (printCoreType(actual) !== printCoreType(expected)) {
      throw corrupt(`exports "${coreName}" as ${printCoreType(actual)} instead of ${printCoreType(expected)}`);
    }
    const options = this.#options(this.#naming.postReturn(coreName));
    const { owner, lifted } = this.#place;
    const index = lifted + this.#lifted.length;
    const func: LiftedFunction = { index, owner, core: this.#item(coreName), type, options };
    this.#lifted.push(func);
    return { kind: 'func', func };
  }

  #steps(): Pick<Plan, 'modules' | 'steps'> {
    const imports = this.#info.imports.map(({ module, name }, index) => ({
      module,
      name,
      item: { kind: 'trampoline', index: this.#place.trampoline + index } as const,
    }));
    const { slot, module: first } = this.#place;
    const main: InstantiateStep = { slot, module: first, imports };
    if (!this.#funcExports.has('_initialize')) return { modules: [this.#bytes], steps: [main] };
    const item = this.#item('_initialize');
    const initialize: InstantiateStep = {
      slot: slot + 1,
      module: first + 1,
      imports: [{ module: '', name: 'f', item }],
    };
    return { modules: [this.#bytes, startModule], steps: [main, initialize] };
  }
}
