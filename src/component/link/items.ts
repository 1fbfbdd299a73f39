// What the linker knows of each definition while it walks a component: nothing here exists at run time.
import type { CoreItem } from '../abi/options.ts';
import type { Component, CoreType, Declaration } from '../binary/ast.ts';
import type { FuncItem } from '../canon/func-item.ts';
import type { FuncType, ResourceType, ValType } from '../types/val-type.ts';

export type TypeItem =
  | { readonly kind: 'val'; readonly type: ValType }
  | { readonly kind: 'func'; readonly type: FuncType }
  | { readonly kind: 'resource'; readonly type: ResourceType }
  | { readonly kind: 'instance'; readonly declarations: readonly Declaration[]; readonly scope: TypeScope }
  | { readonly kind: 'component' };

export type CoreInstanceItem =
  | { readonly kind: 'instantiated'; readonly slot: number }
  | { readonly kind: 'inline'; readonly items: ReadonlyMap<string, CoreItem> };

export interface InstanceItem {
  readonly exports: ReadonlyMap<string, Item>;
}
export interface ComponentItem {
  readonly component: Component;
  readonly scope: Scope;
}

export type Item =
  | { readonly kind: 'func'; readonly item: FuncItem }
  | { readonly kind: 'instance'; readonly item: InstanceItem }
  | { readonly kind: 'component'; readonly item: ComponentItem }
  | { readonly kind: 'module'; readonly item: number }
  | { readonly kind: 'type'; readonly item: TypeItem };

/** The part of a scope that types are resolved in: components and instance types have one each. */
export interface TypeScope {
  readonly parent: TypeScope | undefined;
  readonly types: TypeItem[];
}

/** The index spaces of one component while it is walked. */
export class Scope implements TypeScope {
  readonly parent: Scope | undefined;
  /** Number of the component instance that the walk makes. */
  readonly instance: number;
  readonly types: TypeItem[] = [];
  readonly coreTypes: (CoreType | undefined)[] = [];
  readonly modules: number[] = [];
  readonly coreInstances: CoreInstanceItem[] = [];
  readonly coreFuncs: CoreItem[] = [];
  readonly coreTables: CoreItem[] = [];
  readonly coreMemories: CoreItem[] = [];
  readonly coreGlobals: CoreItem[] = [];
  readonly coreTags: CoreItem[] = [];
  readonly components: ComponentItem[] = [];
  readonly instances: InstanceItem[] = [];
  readonly funcs: FuncItem[] = [];
  readonly exports = new Map<string, Item>();

  constructor(parent: Scope | undefined, instance: number) {
    this.parent = parent;
    this.instance = instance;
  }
}
