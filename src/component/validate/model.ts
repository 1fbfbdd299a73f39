// Types as the validator sees them, with references resolved: the identity of a type is its object. They are immutable
// once made. design/mvp/Explainer.md#type-checking

import type { CoreModuleType, PrimitiveName } from '../binary/ast.ts';
import { invalid } from './invalid.ts';

/** Two resource types are the same only if they are the same object. */
export interface Resource {
  readonly rep: 'i32' | 'i64';
}

/**
 * A type index of a resource type. Exporting or importing a resource gives it a new alias: the same resource, but
 * another name, and only named types may stand in imports and exports.
 */
export interface ResourceRef {
  readonly kind: 'resource';
  readonly resource: Resource;
  readonly alias: Alias;
  readonly depth: number;
}
/**
 * A name for a resource. There is one ref for each pair of alias and resource, so that refs can be compared as objects.
 */
export interface Alias {
  readonly refs: Map<Resource, ResourceRef>;
}

export interface Label {
  readonly name: string;
  readonly type: Val;
}
export interface OptionalLabel {
  readonly name: string;
  readonly type: Val | undefined;
}

export type Shape =
  | { readonly kind: 'primitive'; readonly primitive: PrimitiveName }
  | { readonly kind: 'record'; readonly fields: readonly Label[] }
  | { readonly kind: 'variant'; readonly cases: readonly OptionalLabel[] }
  | { readonly kind: 'list'; readonly element: Val; readonly length: number | undefined }
  | { readonly kind: 'map'; readonly key: Val; readonly value: Val }
  | { readonly kind: 'tuple'; readonly types: readonly Val[] }
  | { readonly kind: 'flags' | 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly type: Val }
  | { readonly kind: 'result'; readonly ok: Val | undefined; readonly err: Val | undefined }
  | { readonly kind: 'own' | 'borrow'; readonly resource: ResourceRef }
  | { readonly kind: 'stream' | 'future'; readonly element: Val | undefined };

export type FlatType = 'i32' | 'i64' | 'f32' | 'f64';
export type AddressType = 'i32' | 'i64';

/** What the canonical ABI makes of a value type, as `measure` computes it. */
export interface Metrics {
  /** The size in bytes with 64-bit addresses, the larger of the two. */
  readonly size: number;
  readonly align: number;
  /** The flat types for each address type, cut off after one more than `MAX_FLAT`. */
  readonly flat: Readonly<Record<AddressType, readonly FlatType[]>>;
  readonly hasBorrow: boolean;
  /** Whether the type contains an own or borrow, and so mentions a resource. */
  readonly hasHandle: boolean;
  /** Whether the type contains a list, string or map, and so needs memory to be lowered, and realloc to be lifted. */
  readonly hasList: boolean;
  /** The number of parts, shared ones counted each time. */
  readonly parts: number;
}

export interface Val {
  readonly kind: 'value';
  readonly shape: Shape;
  readonly metrics: Metrics;
  readonly depth: number;
}

export interface Func {
  readonly kind: 'func';
  readonly async: boolean;
  readonly params: readonly Label[];
  readonly result: Val | undefined;
  readonly depth: number;
}

/** The export names on the way from the outside to a type. */
export type Path = readonly string[];

export interface Instance {
  readonly kind: 'instance';
  readonly exports: ReadonlyMap<string, Entity>;
  /** The abstract resources that each use of this type makes anew; none once it is the type of an actual instance. */
  readonly resources: ReadonlyMap<Resource, Path>;
  readonly depth: number;
}

export interface Component {
  readonly kind: 'component';
  readonly imports: ReadonlyMap<string, Entity>;
  readonly exports: ReadonlyMap<string, Entity>;
  /** The resources that an instantiation has to supply. */
  readonly importedResources: ReadonlyMap<Resource, Path>;
  /** The resources that each instantiation makes anew. */
  readonly resources: ReadonlyMap<Resource, Path>;
  readonly depth: number;
}

export type Type = Val | Func | Instance | Component | ResourceRef;

/** What an import or export is. */
export type Entity =
  | { readonly kind: 'core-module'; readonly type: CoreModuleType }
  | { readonly kind: 'func'; readonly type: Func }
  | { readonly kind: 'value'; readonly type: Val }
  | { readonly kind: 'type'; readonly type: Type }
  | { readonly kind: 'instance'; readonly type: Instance }
  | { readonly kind: 'component'; readonly type: Component };

/** The most levels to which types may nest, whatever the nesting consists of: the walks over types are recursive. */
const MAX_TYPE_DEPTH = 100;

export function deeper(depths: Iterable<number>): number {
  let depth = 0;
  for (const one of depths) depth = Math.max(depth, one);
  if (++depth > MAX_TYPE_DEPTH) invalid(`Type nesting is deeper than ${MAX_TYPE_DEPTH} levels`);
  return depth;
}

function entityDepths(entities: ReadonlyMap<string, Entity>): number[] {
  return Array.from(entities.values(), ({ kind, type }) => (kind === 'core-module' ? 0 : type.depth));
}

export function newRef(resource: Resource): ResourceRef {
  return refOf({ refs: new Map() }, resource);
}

export function refOf(alias: Alias, resource: Resource): ResourceRef {
  let ref = alias.refs.get(resource);
  if (!ref) {
    ref = { kind: 'resource', resource, alias, depth: 1 };
    alias.refs.set(resource, ref);
  }
  return ref;
}

export function makeFunc(async: boolean, params: readonly Label[], result: Val | undefined): Func {
  const depth = deeper([...params.map(({ type }) => type.depth), result?.depth ?? 0]);
  return { kind: 'func', async, params, result, depth };
}

export function makeInstance(
  exports: ReadonlyMap<string, Entity>,
  resources: ReadonlyMap<Resource, Path> = new Map(),
): Instance {
  return { kind: 'instance', exports, resources, depth: deeper(entityDepths(exports)) };
}

export function makeComponent(parts: Omit<Component, 'kind' | 'depth'>): Component {
  const depth = deeper([...entityDepths(parts.imports), ...entityDepths(parts.exports)]);
  return { kind: 'component', ...parts, depth };
}

/** Makes the same type under a new identity: importing or exporting a type does so. */
export function renamed(type: Type): Type {
  return type.kind === 'resource' ? newRef(type.resource) : { ...type };
}

/** The kind as messages call it. */
export function shownKind(kind: string): string {
  return kind === 'core-module' ? 'core module' : kind;
}
