// The index spaces of a component, component type or instance type while it is validated, and looking things up in them.

import type { CoreExternDesc, CoreFuncType, CoreModuleType, CoreType } from '../binary/ast.ts';
import { type NamedResources, noNamedResources } from './annotated-names.ts';
import { type Budget, newBudget } from './budget.ts';
import type { NameSet } from './extern-names.ts';
import { invalid, withArticle } from './invalid.ts';
import type { Component, Entity, Func, Instance, Path, Resource, ResourceRef, Type, Val } from './model.ts';
import { noVisibleTypes, type VisibleTypes } from './visibility.ts';

export type CoreInstance = ReadonlyMap<string, CoreExternDesc>;
type Core<Kind> = CoreExternDesc & { readonly kind: Kind };

export interface CoreSpaces {
  readonly module: CoreModuleType[];
  readonly instance: CoreInstance[];
  readonly type: CoreType[];
  readonly func: Core<'func'>[];
  readonly table: Core<'table'>[];
  readonly memory: Core<'memory'>[];
  readonly global: Core<'global'>[];
  readonly tag: Core<'tag'>[];
}

/** A value, which must be used exactly once. */
export interface ValueSlot {
  readonly type: Val;
  used: boolean;
}

export interface Spaces {
  readonly func: Func[];
  readonly value: ValueSlot[];
  readonly type: Type[];
  readonly component: Component[];
  readonly instance: Instance[];
}

export type Direction = 'import' | 'export';

/** What one direction, imports or exports, has so far. */
export interface Surface {
  readonly entities: Map<string, Entity>;
  readonly names: NameSet;
  readonly visible: VisibleTypes;
  readonly resources: NamedResources;
}

export interface Scope {
  readonly kind: 'component' | 'component type' | 'instance type';
  readonly outer: Scope | undefined;
  /** The file's name in messages of the core module reader. */
  readonly file: string;
  readonly core: CoreSpaces;
  readonly spaces: Spaces;
  readonly import: Surface;
  readonly export: Surface;
  readonly importedResources: Map<Resource, Path>;
  /** The resources made in this scope; the path is known once an export shows the resource. */
  readonly definedResources: Map<Resource, Path | undefined>;
  /**
   * The resources that a `resource` type of this very component defines: `resource.new` and `resource.rep` take no
   * others.
   */
  readonly localResources: Set<Resource>;
  /** The one address type that all context.get and context.set have. */
  contextType: 'i32' | 'i64' | undefined;
  readonly budget: Budget;
}

export function newScope(kind: Scope['kind'], outer: Scope | undefined, file: string): Scope {
  return {
    kind,
    outer,
    file,
    core: { module: [], instance: [], type: [], func: [], table: [], memory: [], global: [], tag: [] },
    spaces: { func: [], value: [], type: [], component: [], instance: [] },
    import: newSurface(),
    export: newSurface(),
    importedResources: new Map(),
    definedResources: new Map(),
    localResources: new Set(),
    contextType: undefined,
    budget: outer?.budget ?? newBudget(),
  };
}

export function newSurface(): Surface {
  return { entities: new Map(), names: new Map(), visible: noVisibleTypes(), resources: noNamedResources() };
}

function at<T>(space: readonly T[], index: number, what: string): T {
  return space[index] ?? invalid(`Unknown ${what} ${index}: index out of bounds`);
}

export function coreAt<Kind extends keyof CoreSpaces>(
  scope: Scope,
  kind: Kind,
  index: number,
): CoreSpaces[Kind][number] {
  return at<CoreSpaces[Kind][number]>(scope.core[kind], index, `core ${kind}`);
}

export function spaceAt<Sort extends keyof Spaces>(scope: Scope, sort: Sort, index: number): Spaces[Sort][number] {
  return at<Spaces[Sort][number]>(scope.spaces[sort], index, sort);
}

export function typeAt<Kind extends Type['kind']>(
  scope: Scope,
  kind: Kind,
  index: number,
): Type & { readonly kind: Kind } {
  const type = spaceAt(scope, 'type', index);
  if (type.kind !== kind) invalid(`Type ${index} is not ${withArticle(kind)} type`);
  return type as Type & { readonly kind: Kind };
}

export function resourceAt(scope: Scope, index: number): ResourceRef {
  return typeAt(scope, 'resource', index);
}

export function coreFuncAt(scope: Scope, index: number): CoreFuncType {
  return coreAt(scope, 'func', index).type;
}

/** Adds an import, export or alias to the index space of its sort. */
export function push(scope: Scope, entity: Entity): void {
  const { spaces } = scope;
  switch (entity.kind) {
    case 'core-module':
      scope.core.module.push(entity.type);
      break;
    case 'func':
      spaces.func.push(entity.type);
      break;
    case 'value':
      spaces.value.push({ type: entity.type, used: false });
      break;
    case 'type':
      spaces.type.push(entity.type);
      break;
    case 'instance':
      spaces.instance.push(entity.type);
      break;
    case 'component':
      spaces.component.push(entity.type);
  }
}

/** Adds to a core index space. */
export function pushCore(scope: Scope, desc: CoreExternDesc): void {
  (scope.core[desc.kind] as CoreExternDesc[]).push(desc);
}

export function useValue(scope: Scope, index: number): Val {
  const slot = spaceAt(scope, 'value', index);
  if (slot.used) invalid(`Value ${index} is used more than once`);
  slot.used = true;
  return slot.type;
}

/** The scope `count` levels out; 0 is `scope` itself. */
export function outerScope(scope: Scope, count: number): Scope {
  let target: Scope | undefined = scope;
  for (let hops = 0; hops < count && target; hops++) target = target.outer;
  return target ?? invalid(`Invalid outer alias count of ${count}`);
}
