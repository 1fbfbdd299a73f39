// Type definitions of the binary → value and function types with all references resolved.
import { MayflyError } from '../../errors.ts';
import type { DefType, ValTypeRef } from '../binary/ast.ts';
import type { FuncType, ResourceType, ValType } from '../types/val-type.ts';
import type { TypeItem, TypeScope } from './items.ts';

export function at<T>(space: readonly T[], index: number, what: string): T {
  const item = space[index];
  if (item === undefined) throw new MayflyError('component-corrupt', `Unknown ${what} ${index}`);
  return item;
}

export function outer(scope: TypeScope, count: number): TypeScope {
  let found: TypeScope | undefined = scope;
  for (let step = 0; step < count; step++) found = found?.parent;
  if (!found)
    throw new MayflyError('component-corrupt', `Alias to the scope ${count} levels out, which does not exist`);
  return found;
}

/**
 * Resolves a type definition. Resources are not resolved here: they make a new type each time their component is
 * instantiated.
 */
export function resolveDefType(type: Exclude<DefType, { kind: 'resource' }>, scope: TypeScope): TypeItem {
  switch (type.kind) {
    case 'func':
      return { kind: 'func', type: resolveFunc(type, scope) };
    case 'instance':
      return { kind: 'instance', declarations: type.declarations, scope };
    case 'component':
      return { kind: 'component' };
    default:
      return { kind: 'val', type: resolveVal(type, scope) };
  }
}

function resolveFunc(type: Extract<DefType, { kind: 'func' }>, scope: TypeScope): FuncType {
  return {
    async: type.async,
    params: type.params.map(({ name, type: param }) => ({ name, type: resolveRef(param, scope) })),
    result: optional(type.result, scope),
  };
}

export function resolveRef(ref: ValTypeRef, scope: TypeScope): ValType {
  if (ref.kind === 'primitive') return { kind: ref.primitive };
  const item = at(scope.types, ref.index, 'type');
  if (item.kind !== 'val') throw new MayflyError('component-corrupt', `Type ${ref.index} is not a value type`);
  return item.type;
}

export function resourceAt(index: number, scope: TypeScope): ResourceType {
  const item = at(scope.types, index, 'type');
  if (item.kind !== 'resource') throw new MayflyError('component-corrupt', `Type ${index} is not a resource type`);
  return item.type;
}

function optional(ref: ValTypeRef | undefined, scope: TypeScope): ValType | undefined {
  return ref ? resolveRef(ref, scope) : undefined;
}

type ValDefType = Exclude<DefType, { kind: 'resource' | 'func' | 'instance' | 'component' }>;

function resolveVal(type: ValDefType, scope: TypeScope): ValType {
  switch (type.kind) {
    case 'primitive':
      return { kind: type.primitive };
    case 'record':
      return {
        kind: 'record',
        fields: type.fields.map((one) => ({ name: one.name, type: resolveRef(one.type, scope) })),
      };
    case 'variant':
      return { kind: 'variant', cases: type.cases.map((one) => ({ name: one.name, type: optional(one.type, scope) })) };
    case 'list': {
      const element = resolveRef(type.element, scope);
      return type.length === undefined ? { kind: 'list', element } : { kind: 'list', element, length: type.length };
    }
    case 'map': {
      const types = [resolveRef(type.key, scope), resolveRef(type.value, scope)];
      return { kind: 'list', element: { kind: 'tuple', types } };
    }
    case 'tuple':
      return { kind: 'tuple', types: type.types.map((one) => resolveRef(one, scope)) };
    case 'flags':
    case 'enum':
      return { kind: type.kind, names: type.names };
    case 'option':
      return { kind: 'option', type: resolveRef(type.type, scope) };
    case 'result':
      return { kind: 'result', ok: optional(type.ok, scope), err: optional(type.err, scope) };
    case 'own':
    case 'borrow':
      return { kind: type.kind, resource: resourceAt(type.resource, scope) };
    case 'stream':
    case 'future':
      return { kind: type.kind, element: optional(type.element, scope) };
  }
}
