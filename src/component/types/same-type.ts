// Whether two value types are equal, by structure; resources are equal to themselves only.
import type { ResourceType, ValType } from './val-type.ts';

const keys = new WeakMap<ValType, string>();
const resources = new WeakMap<ResourceType, number>();
let resourceCount = 0;

export function sameType(a: ValType | undefined, b: ValType | undefined): boolean {
  return a === b || keyOf(a) === keyOf(b);
}

function keyOf(type: ValType | undefined): string {
  if (!type) return '_';
  let key = keys.get(type);
  if (key === undefined) {
    key = makeKey(type);
    keys.set(type, key);
  }
  return key;
}

function resourceKey(type: ResourceType): number {
  let key = resources.get(type);
  if (key === undefined) {
    key = resourceCount++;
    resources.set(type, key);
  }
  return key;
}

function named(items: readonly { readonly name: string; readonly type: ValType | undefined }[]): string {
  return items.map(({ name, type }) => `${name}:${keyOf(type)}`).join();
}

function makeKey(type: ValType): string {
  switch (type.kind) {
    case 'list':
      return `list<${keyOf(type.element)},${type.length ?? ''}>`;
    case 'record':
      return `record<${named(type.fields)}>`;
    case 'tuple':
      return `tuple<${type.types.map(keyOf).join()}>`;
    case 'variant':
      return `variant<${named(type.cases)}>`;
    case 'enum':
    case 'flags':
      return `${type.kind}<${type.names.join()}>`;
    case 'option':
      return `option<${keyOf(type.type)}>`;
    case 'result':
      return `result<${keyOf(type.ok)},${keyOf(type.err)}>`;
    case 'own':
    case 'borrow':
      return `${type.kind}<${resourceKey(type.resource)}>`;
    case 'stream':
    case 'future':
      return `${type.kind}<${keyOf(type.element)}>`;
    default:
      return type.kind;
  }
}
