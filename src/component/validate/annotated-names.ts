// What the names of constructors, methods and static functions demand of their types.
// design/mvp/Binary.md#import-and-export-definitions

import type { ParsedName } from './extern-names.ts';
import { invalid } from './invalid.ts';
import type { Entity, Func, ResourceRef, Val } from './model.ts';

/** The resources that have a name in one scope and direction. */
export interface NamedResources {
  readonly nameOf: Map<ResourceRef, string>;
  readonly names: Set<string>;
}

export function noNamedResources(): NamedResources {
  return { nameOf: new Map(), names: new Set() };
}

export function noteResource(name: string, entity: Entity, into: NamedResources): void {
  if (entity.kind !== 'type' || entity.type.kind !== 'resource') return;
  into.nameOf.set(entity.type, name);
  into.names.add(name);
}

export function checkAnnotatedName(parsed: ParsedName, entity: Entity, resources: NamedResources): void {
  if (parsed.kind === 'label' || parsed.kind === 'interface') return;
  if (entity.kind !== 'func') invalid(`A ${parsed.kind} must be a func`);
  if (parsed.kind === 'constructor') checkNamed(constructed(entity.type), parsed.resource, resources);
  else if (parsed.kind === 'method') checkNamed(self(entity.type), parsed.resource, resources);
  else if (!resources.names.has(parsed.resource)) invalid(`No resource "${parsed.resource}" is known in this scope`);
}

function constructed({ result }: Func): ResourceRef {
  if (!result) invalid('A constructor must return one value');
  const made = result.shape.kind === 'result' ? result.shape.ok : result;
  return handle(made, 'own') ?? invalid('A constructor must return `(own $T)` or `(result (own $T))`');
}

function self({ params }: Func): ResourceRef {
  const first = params[0] ?? invalid('A method must have at least one parameter');
  if (first.name !== 'self') invalid('The first parameter of a method must be called "self"');
  return handle(first.type, 'borrow') ?? invalid('The first parameter of a method must be a `(borrow $T)`');
}

function handle(type: Val | undefined, kind: 'own' | 'borrow'): ResourceRef | undefined {
  return type?.shape.kind === kind ? type.shape.resource : undefined;
}

function checkNamed(ref: ResourceRef, expected: string, { nameOf }: NamedResources): void {
  const name = nameOf.get(ref) ?? invalid('The resource that the function uses does not have a name in this scope');
  if (name !== expected) invalid(`The function is of resource "${name}", its name says "${expected}"`);
}
