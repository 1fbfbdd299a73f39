// A top-level import of an interface, served by the host: the declared instance type bound to what the host has.

import { MayflyError } from '../../errors.ts';
import type { Declaration, ExternDesc, ExternName } from '../binary/ast.ts';
import type { HostFuncItem } from '../canon/func-item.ts';
import { printFuncType } from '../types/print.ts';
import type { FuncType, HostInterface, HostResource, ResourceType } from '../types/val-type.ts';
import type { HostRegistry } from './host-registry.ts';
import type { InstanceItem, Item, TypeItem, TypeScope } from './items.ts';
import { own } from './own.ts';
import { at, outer, resolveDefType } from './resolve-types.ts';

export interface HostBinding {
  readonly registry: HostRegistry;
  /** The slot of a service's state in this plan. */
  slotOf(service: string): number;
}

export function fullName(name: ExternName): string {
  return name.name + (name.versionSuffix ?? '');
}

export type InstanceTypeItem = Extract<TypeItem, { kind: 'instance' }>;

export function hostInstance(name: string, type: InstanceTypeItem, host: HostBinding): InstanceItem {
  const offered = host.registry.find(name);
  if (!offered) throw missing(name, 'interface', host.registry.alternatives(name));
  return walkInstanceType(name, type, {
    func: (key, func) => ({ kind: 'func', item: hostFunction(key, func, name, offered, host) }),
    resource: (key) => hostResource(key, name, offered),
  });
}

/** Says what becomes of the exports that an instance type declares. */
export interface InstanceParts {
  func(key: string, type: FuncType): Item | undefined;
  resource(key: string): ResourceType;
}

/** Resolves the types of an instance type, and makes its exports out of `parts`. */
export function walkInstanceType(name: string, type: InstanceTypeItem, parts: InstanceParts): InstanceItem {
  const scope: TypeScope = { parent: type.scope, types: [] };
  const exports = new Map<string, Item>();
  for (const declaration of type.declarations) declare(declaration, scope, exports, name, parts);
  return { exports };
}

function declare(
  declaration: Declaration,
  scope: TypeScope,
  exports: Map<string, Item>,
  name: string,
  parts: InstanceParts,
): void {
  switch (declaration.kind) {
    case 'core-type':
      return; // Nothing that the host has refers to one.
    case 'type':
      if (declaration.type.kind === 'resource')
        throw new MayflyError('component-corrupt', 'Resource in an instance type');
      scope.types.push(resolveDefType(declaration.type, scope));
      return;
    case 'alias':
      aliasType(declaration, scope);
      return;
    case 'export': {
      const key = fullName(declaration.name);
      const item = exported(key, declaration.desc, scope, name, parts);
      if (item) exports.set(key, item);
      return;
    }
    default:
      throw new MayflyError('component-corrupt', 'Import in an instance type');
  }
}

function aliasType(declaration: Extract<Declaration, { kind: 'alias' }>, scope: TypeScope): void {
  const { sort, target } = declaration;
  if (sort.core || sort.sort !== 'type' || target.kind !== 'outer') {
    throw new MayflyError('component-unsupported', 'Instance types may alias outer types only');
  }
  scope.types.push(at(outer(scope, target.count).types, target.index, 'outer type'));
}

function exported(
  key: string,
  desc: ExternDesc,
  scope: TypeScope,
  name: string,
  parts: InstanceParts,
): Item | undefined {
  if (desc.kind === 'func') return parts.func(key, funcTypeAt(scope, desc.type));
  if (desc.kind !== 'type') throw new MayflyError('component-unsupported', `Import "${name}" holds a ${desc.kind}`);
  const item: TypeItem =
    desc.bound.kind === 'eq'
      ? at(scope.types, desc.bound.type, 'type')
      : { kind: 'resource', type: parts.resource(key) };
  scope.types.push(item);
  return { kind: 'type', item };
}

export function hostResource(key: string, name: string, offered: HostInterface): ResourceType {
  const resource = own(offered.resources, key);
  if (!resource) throw missing(`${name} ${key}`, 'resource', Object.keys(offered.resources));
  return resourceTypeOf(resource, `${offered.name}/${key}`);
}

const resourceTypes = new WeakMap<HostResource, Map<string, ResourceType>>();

/**
 * The type of a host resource under a name. There is one for each, so that all versions of an interface mean the same; a
 * service may implement resources of several interfaces by one, and these are different types for guests.
 */
function resourceTypeOf(resource: HostResource, name: string): ResourceType {
  const named = resourceTypes.get(resource) ?? new Map<string, ResourceType>();
  const type = named.get(name) ?? { name, host: resource };
  resourceTypes.set(resource, named.set(name, type));
  return type;
}

export function hostFunction(
  key: string,
  type: FuncType,
  name: string,
  offered: HostInterface,
  host: HostBinding,
): HostFuncItem {
  const plain = own(offered.functions, key);
  if (!plain) throw missing(`${name} ${key}`, 'function', Object.keys(offered.functions));
  checkType(`${name} ${key}`, type, offered.signatures && own(offered.signatures, key));
  const func = plain.typed?.(`${name}#${key}`, type) ?? plain;
  return { kind: 'host', name: `${name} ${key}`, func, type, slot: host.slotOf(offered.service) };
}

/**
 * Checks the type of a function: a guest must not make the host's functions take values of other types than they were
 * written for.
 */
function checkType(name: string, type: FuncType, expected: string | undefined): void {
  if (expected === undefined) return;
  const declared = printFuncType(type);
  if (declared === expected) return;
  throw new MayflyError('component-import-type', `Import "${name}" is declared as ${shorten(declared)}`, {
    hint: `The host has ${shorten(expected)}`,
  });
}

function shorten(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

export function funcTypeAt(scope: TypeScope, index: number): FuncType {
  const item = at(scope.types, index, 'type');
  if (item.kind !== 'func') throw new MayflyError('component-corrupt', `Type ${index} is not a function type`);
  return item.type;
}

export function missing(name: string, what: string, has: readonly string[]): MayflyError {
  const hint = has.length > 0 ? `The host has: ${has.join(', ')}` : 'The host has nothing of that name';
  return new MayflyError('component-import-missing', `Import "${name}" is no ${what} of the host`, { hint });
}
