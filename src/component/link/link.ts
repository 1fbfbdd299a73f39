// component → plan: walks the definitions once, and resolves every reference. It does not validate: validate/ did.

import { MayflyError } from '../../errors.ts';
import type { CoreItem, ResolvedOptions } from '../abi/options.ts';
import type { AliasTarget, AnySort, Canon, Component, CoreSort, Definition } from '../binary/ast.ts';
import type {
  InstantiateStep,
  LiftedFunction,
  Plan,
  PlannedExport,
  PlannedInstance,
  Trampoline,
} from '../canon/plan.ts';
import { type DefinedResource, makeResourceDrop, makeResourceNew, makeResourceRep } from '../canon/resource.ts';
import type { CoreModuleInfo } from '../rewrite/core-module.ts';
import type { FuncType } from '../types/val-type.ts';
import { builtinTrampoline, lowered, refused } from './async-canon.ts';
import { type Composition, type Part, type WalkRoot, walkComposition } from './composition.ts';
import { linkCorePart } from './core-component.ts';
import { givenFunction, givenInstance } from './given-instance.ts';
import { fullName, funcTypeAt, type HostBinding, hostInstance, missing } from './host-instance.ts';
import type { HostRegistry } from './host-registry.ts';
import { type CoreInstanceItem, type InstanceItem, type Item, Scope, type TypeItem } from './items.ts';
import { LinkBudget } from './link-budget.ts';
import { resolveOptions } from './resolve-options.ts';
import { at, outer, resolveDefType, resourceAt } from './resolve-types.ts';
import { findSuspending } from './suspends.ts';

export interface ModuleImport {
  readonly module: string;
  readonly name: string;
}

export interface LinkOptions {
  readonly host: HostRegistry;
  /** Gives the imports of a core module, in order. */
  readonly moduleImports: (bytes: Uint8Array) => readonly ModuleImport[];
  /**
   * Gives the work that one instance of a core module is for the engine: about the number of its imports, exports and
   * elements.
   */
  readonly moduleWeight?: (bytes: Uint8Array) => number;
}

export function linkComponent(component: Component, options: LinkOptions): Plan {
  const linker = new Linker(options);
  return planOf(linker, linker.root(component));
}

/**
 * Links several components as one. `joined` are the dependencies of the first, then its middleware. Throws
 * `component-dependency` and `guest-no-handler`.
 */
export function linkComposition(
  part: Part,
  joined: readonly Part[],
  composition: Composition,
  options: LinkOptions,
): Plan {
  const linker = new Linker(options);
  const walk: WalkRoot = (one, given, configuration) =>
    one.kind === 'component'
      ? linker.root(one.component, given, configuration)
      : linker.rootModule(one.bytes, one.info, given, configuration);
  const plan = planOf(linker, walkComposition(part, joined, composition, walk));
  if (plan.asynchronous && [part, ...joined].some(({ kind }) => kind === 'module')) {
    throw new MayflyError('component-unsupported', 'A core module cannot be joined to asynchronous components', {
      hint: 'Make a component of it: jco new module.wasm -o component.wasm',
    });
  }
  return plan;
}

function planOf(linker: Linker, scope: Scope): Plan {
  const { trampolines, lifted, instances } = linker;
  const { suspends, mayWait } = findSuspending(instances.length, trampolines);
  return {
    modules: linker.modules,
    steps: linker.steps,
    instances,
    suspends,
    mayWait,
    trampolines,
    asynchronous: linker.asynchronous,
    lifted,
    exports: plannedExports(scope.exports),
    services: linker.services,
    configurations: linker.configurations,
    imports: [...new Set(linker.imports)],
  };
}

type PlannedExports = ReadonlyMap<string, PlannedExport>;

/**
 * Plans the exports. An instance that is exported under many names, level by level, is planned once: `done` has those
 * that are.
 */
function plannedExports(items: ReadonlyMap<string, Item>, done = new Map<object, PlannedExports>()): PlannedExports {
  const known = done.get(items);
  if (known) return known;
  const planned = new Map<string, PlannedExport>();
  for (const [name, item] of items) planned.set(name, plannedExport(item, done));
  done.set(items, planned);
  return planned;
}

function plannedExport(item: Item, done: Map<object, PlannedExports>): PlannedExport {
  if (item.kind === 'instance') return { kind: 'instance', exports: plannedExports(item.item.exports, done) };
  if (item.kind === 'func' && item.item.kind === 'lifted') return { kind: 'func', func: item.item.lifted };
  return { kind: 'other' };
}

class Linker {
  readonly modules: Uint8Array[] = [];
  readonly steps: InstantiateStep[] = [];
  readonly instances: PlannedInstance[] = [];
  readonly trampolines: Trampoline[] = [];
  readonly lifted: LiftedFunction[] = [];
  readonly services: string[] = [];
  /** The configuration under which each of `services` is called. */
  readonly configurations: number[] = [];
  readonly imports: string[] = [];
  readonly #options: LinkOptions;
  readonly #host: HostBinding;
  asynchronous = false;
  /** What the root that is walked imports from other components, by the names of the imports. */
  #given: ReadonlyMap<string, Item> = new Map();
  #configuration = 0;
  readonly #budget = new LinkBudget();
  readonly #moduleOf = new Map<Uint8Array, number>();
  #serviceOfResource = new Map<object, number>();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#host = { registry: options.host, slotOf: (service) => this.#slotOf(service) };
  }

  #slotOf(service: string): number {
    const configuration = this.#configuration;
    const isSlot = (name: string, slot: number): boolean =>
      name === service && this.configurations[slot] === configuration;
    const found = this.services.findIndex(isSlot);
    if (found >= 0) return found;
    this.configurations.push(configuration);
    return this.services.push(service) - 1;
  }

  /**
   * Walks a root. `given` fulfils imports of it; the host fulfils the others, under the configuration of this number.
   */
  root(component: Component, given: ReadonlyMap<string, Item> = new Map(), configuration = 0): Scope {
    this.#given = given;
    this.#configuration = configuration;
    this.#serviceOfResource = new Map();
    return this.#walk(component, undefined, undefined, undefined);
  }

  /** Takes in a core module that was made for a world, as if it were a component. */
  rootModule(bytes: Uint8Array, info: CoreModuleInfo, given: ReadonlyMap<string, Item>, configuration: number): Scope {
    this.#configuration = configuration;
    for (const limit of ['component instances', 'core instances', 'core modules'] as const) this.#budget.spend(limit);
    this.#budget.spend('instantiation weight', this.#options.moduleWeight?.(bytes));
    this.#budget.spend('linking steps', info.imports.length + info.exports.length);
    const scope = new Scope(undefined, this.instances.push({ parent: undefined }) - 1);
    const place = {
      owner: scope.instance,
      slot: this.steps.length,
      module: this.modules.length,
      trampoline: this.trampolines.length,
      lifted: this.lifted.length,
    };
    const parts = linkCorePart(bytes, info, this.#host, place, given);
    this.modules.push(...parts.modules);
    this.steps.push(...parts.steps);
    this.trampolines.push(...parts.trampolines);
    this.lifted.push(...parts.lifted);
    this.imports.push(...parts.imports);
    for (const [name, item] of parts.exports) scope.exports.set(name, item);
    return scope;
  }

  /** Instantiates `component`; without `args` its imports come from the host. */
  #walk(
    component: Component,
    lexical: Scope | undefined,
    instantiator: number | undefined,
    args: ReadonlyMap<string, Item> | undefined,
  ): Scope {
    this.#budget.spend('component instances');
    const index = this.instances.push({ parent: instantiator }) - 1;
    const scope = new Scope(lexical, index);
    for (const definition of component.definitions) {
      this.#budget.spendDefinition(definition);
      this.#define(definition, scope, args);
    }
    return scope;
  }

  #define(definition: Definition, scope: Scope, args: ReadonlyMap<string, Item> | undefined): void {
    switch (definition.kind) {
      case 'core-module':
        scope.modules.push(this.#module(definition.bytes));
        return;
      case 'core-instance':
        scope.coreInstances.push(this.#coreInstance(definition.expr, scope));
        return;
      case 'core-type':
        scope.coreTypes.push(definition.type);
        return;
      case 'component':
        scope.components.push({ component: definition.component, scope });
        return;
      case 'instance':
        scope.instances.push(this.#instance(definition.expr, scope));
        return;
      case 'alias':
        this.#alias(definition.sort, definition.target, scope);
        return;
      case 'type':
        scope.types.push(this.#type(definition.type, scope));
        return;
      case 'canon':
        this.#canon(definition.canon, scope);
        return;
      case 'import': {
        const name = fullName(definition.name);
        const item = args ? argument(args, name) : this.#hostImport(name, definition.desc, scope);
        push(scope, item);
        return;
      }
      case 'export': {
        const item = pick(scope, definition.sort, definition.index);
        push(scope, item);
        scope.exports.set(fullName(definition.name), item);
        return;
      }
      default:
        throw new MayflyError('component-unsupported', `Component uses a ${definition.kind} definition`);
    }
  }

  #module(bytes: Uint8Array): number {
    const known = this.#moduleOf.get(bytes);
    if (known !== undefined) return known;
    this.#budget.spend('core modules');
    const index = this.modules.push(bytes) - 1;
    this.#moduleOf.set(bytes, index);
    return index;
  }

  #coreInstance(expr: Extract<Definition, { kind: 'core-instance' }>['expr'], scope: Scope): CoreInstanceItem {
    if (expr.kind === 'exports') {
      const items = expr.exports.map((one) => [one.name, coreSpace(scope, one.sort, one.index)] as const);
      return { kind: 'inline', items: new Map(items) };
    }
    const module = at(scope.modules, expr.module, 'core module');
    const given = new Map(expr.args.map((arg) => [arg.name, at(scope.coreInstances, arg.instance, 'core instance')]));
    const bytes = this.modules[module] as Uint8Array;
    this.#budget.spend('core instances');
    this.#budget.spend('instantiation weight', this.#options.moduleWeight?.(bytes));
    const wanted = this.#options.moduleImports(bytes);
    this.#budget.spend('linking steps', wanted.length);
    const imports = wanted.map((one) => {
      const from = given.get(one.module);
      if (!from) throw new MayflyError('component-corrupt', `Core module needs "${one.module}", which is not given`);
      return { ...one, item: coreExport(from, one.name) };
    });
    const slot = this.steps.length;
    this.steps.push({ slot, module, imports });
    return { kind: 'instantiated', slot };
  }

  #instance(expr: Extract<Definition, { kind: 'instance' }>['expr'], scope: Scope): InstanceItem {
    if (expr.kind === 'exports') {
      return { exports: new Map(expr.exports.map((one) => [fullName(one.name), pick(scope, one.sort, one.index)])) };
    }
    const { component, scope: lexical } = at(scope.components, expr.component, 'component');
    const args = new Map(expr.args.map((arg) => [arg.name, pick(scope, arg.sort, arg.index)]));
    return { exports: this.#walk(component, lexical, scope.instance, args).exports };
  }

  #alias(sort: AnySort, target: AliasTarget, scope: Scope): void {
    if (target.kind === 'core-export') {
      if (!sort.core) throw new MayflyError('component-corrupt', 'Alias of a core export under a component sort');
      const item = coreExport(at(scope.coreInstances, target.instance, 'core instance'), target.name);
      coreSpaceOf(scope, sort.sort).push(item);
      return;
    }
    if (target.kind === 'outer') {
      const from = outer(scope, target.count) as Scope;
      if (sort.core && sort.sort === 'type') {
        scope.coreTypes.push(from.coreTypes[target.index]);
        return;
      }
      push(scope, pick(from, sort, target.index));
      return;
    }
    const { exports } = at(scope.instances, target.instance, 'instance');
    push(scope, argument(exports, target.name));
  }

  #type(type: Extract<Definition, { kind: 'type' }>['type'], scope: Scope): TypeItem {
    if (type.kind !== 'resource') return resolveDefType(type, scope);
    const resource: DefinedResource = {
      name: `resource ${scope.types.length}`,
      definedBy: scope.instance,
      destructor: type.dtor === undefined ? undefined : at(scope.coreFuncs, type.dtor, 'core function'),
    };
    return { kind: 'resource', type: resource };
  }

  #hostImport(name: string, desc: Extract<Definition, { kind: 'import' }>['desc'], scope: Scope): Item {
    const given = this.#given.get(name);
    if (!given) this.imports.push(name);
    if (desc.kind === 'instance') {
      const type = at(scope.types, desc.type, 'type');
      if (type.kind !== 'instance') throw new MayflyError('component-corrupt', `Type ${desc.type} is no instance type`);
      this.#budget.spend('linking steps', type.declarations.length);
      if (given?.kind === 'instance') return { kind: 'instance', item: givenInstance(name, type, given.item) };
      if (given) throw missing(name, 'instance', []);
      const item = hostInstance(name, type, this.#host);
      this.#rememberResources(name, item);
      return { kind: 'instance', item };
    }
    if (desc.kind === 'func' && given) {
      return { kind: 'func', item: givenFunction(name, funcTypeAt(scope, desc.type), given) };
    }
    if (desc.kind === 'func') {
      const found = this.#options.host.function(name);
      if (!found) throw missing(name, 'function', []);
      const type = funcTypeAt(scope, desc.type);
      return { kind: 'func', item: { kind: 'host', name, func: found.func, type, slot: this.#slotOf(found.service) } };
    }
    if (desc.kind === 'type' && desc.bound.kind === 'eq') {
      return { kind: 'type', item: at(scope.types, desc.bound.type, 'type') };
    }
    throw missing(name, desc.kind, []);
  }

  #rememberResources(name: string, { exports }: InstanceItem): void {
    const service = this.#options.host.find(name)?.service;
    if (service === undefined) return;
    for (const item of exports.values()) {
      if (item.kind === 'type' && item.item.kind === 'resource') {
        this.#serviceOfResource.set(item.item.type, this.#slotOf(service));
      }
    }
  }

  #canon(canon: Canon, scope: Scope): void {
    switch (canon.kind) {
      case 'lift': {
        const lifted: LiftedFunction = {
          index: this.lifted.length,
          owner: scope.instance,
          core: at(scope.coreFuncs, canon.coreFunc, 'core function'),
          type: funcTypeAt(scope, canon.type),
          options: resolveOptions(canon.options, scope),
        };
        this.#note(lifted.type, lifted.options);
        this.lifted.push(lifted);
        scope.funcs.push({ kind: 'lifted', lifted, type: lifted.type });
        return;
      }
      case 'lower': {
        const func = at(scope.funcs, canon.func, 'function');
        const options = resolveOptions(canon.options, scope);
        this.#note(func.type, options);
        this.#budget.spendLowered(func.type);
        const related = func.kind === 'lifted' && this.#related(func.lifted.owner, scope.instance);
        this.#trampoline(scope, related ? refused(scope.instance) : lowered(func, options, scope.instance));
        return;
      }
      case 'resource.new':
        this.#trampoline(scope, makeResourceNew(resourceAt(canon.resource, scope), scope.instance));
        return;
      case 'resource.rep':
        this.#trampoline(scope, makeResourceRep(resourceAt(canon.resource, scope), scope.instance));
        return;
      case 'resource.drop': {
        const type = resourceAt(canon.resource, scope);
        const slot = this.#serviceOfResource.get(type) ?? -1;
        this.#trampoline(scope, makeResourceDrop(type, scope.instance, slot));
        return;
      }
      default:
        this.asynchronous = true;
        this.#trampoline(scope, builtinTrampoline(canon, scope));
    }
  }

  /**
   * Whether the two instances are the same, or one contains the other: for now, the specification's tests want calls
   * between the two to trap.
   */
  #related(a: number, b: number): boolean {
    return this.#contains(a, b) || this.#contains(b, a);
  }

  #contains(outer: number, inner: number): boolean {
    let one: number | undefined = inner;
    while (one !== undefined && one !== outer) one = this.instances[one]?.parent;
    return one === outer;
  }

  #note(type: FuncType, options: ResolvedOptions): void {
    this.asynchronous ||= type.async || options.async;
  }

  #trampoline(scope: Scope, trampoline: Trampoline): void {
    scope.coreFuncs.push({ kind: 'trampoline', index: this.trampolines.length });
    this.trampolines.push(trampoline);
  }
}

function argument(args: ReadonlyMap<string, Item>, name: string): Item {
  const item = args.get(name);
  if (!item) throw new MayflyError('component-corrupt', `Nothing is given for "${name}"`);
  return item;
}

function coreExport(from: CoreInstanceItem, name: string): CoreItem {
  if (from.kind === 'instantiated') return { kind: 'export', slot: from.slot, name };
  const item = from.items.get(name);
  if (!item) throw new MayflyError('component-corrupt', `Core instance has no export "${name}"`);
  return item;
}

type CoreSpace = 'func' | 'table' | 'memory' | 'global' | 'tag';

function coreSpaceOf(scope: Scope, sort: CoreSort): CoreItem[] {
  const spaces: Record<CoreSpace, CoreItem[]> = {
    func: scope.coreFuncs,
    table: scope.coreTables,
    memory: scope.coreMemories,
    global: scope.coreGlobals,
    tag: scope.coreTags,
  };
  const space = spaces[sort as CoreSpace];
  if (!space) throw new MayflyError('component-corrupt', `Core instances do not export a ${sort}`);
  return space;
}

function coreSpace(scope: Scope, sort: CoreSort, index: number): CoreItem {
  return at(coreSpaceOf(scope, sort), index, `core ${sort}`);
}

/** Finds the definition with this index. */
function pick(scope: Scope, sort: AnySort, index: number): Item {
  if (sort.core) {
    if (sort.sort === 'module') return { kind: 'module', item: at(scope.modules, index, 'core module') };
    throw new MayflyError('component-unsupported', `Core ${sort.sort} used as a component-level definition`);
  }
  switch (sort.sort) {
    case 'func':
      return { kind: 'func', item: at(scope.funcs, index, 'function') };
    case 'instance':
      return { kind: 'instance', item: at(scope.instances, index, 'instance') };
    case 'component':
      return { kind: 'component', item: at(scope.components, index, 'component') };
    case 'type':
      return { kind: 'type', item: at(scope.types, index, 'type') };
    default:
      throw new MayflyError('component-unsupported', 'Component uses values as definitions');
  }
}

function push(scope: Scope, item: Item): void {
  switch (item.kind) {
    case 'func':
      scope.funcs.push(item.item);
      return;
    case 'instance':
      scope.instances.push(item.item);
      return;
    case 'component':
      scope.components.push(item.item);
      return;
    case 'module':
      scope.modules.push(item.item);
      return;
    case 'type':
      scope.types.push(item.item);
      return;
  }
}
