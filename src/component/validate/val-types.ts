// Value types. design/mvp/Binary.md#type-definitions
import type { CaseRef, DefType, NamedRef, PrimitiveName, ValTypeRef } from '../binary/ast.ts';
import { checkLabels } from './extern-names.ts';
import { partsOfShape } from './free-resources.ts';
import { invalid } from './invalid.ts';
import { measure } from './metrics.ts';
import { deeper, type Shape, type Val } from './model.ts';
import { resourceAt, type Scope, spaceAt } from './scope.ts';

const MAX_FLAGS = 32;

export function makeVal(shape: Shape): Val {
  return {
    kind: 'value',
    shape,
    metrics: measure(shape),
    depth: deeper(partsOfShape(shape).map(({ depth }) => depth)),
  };
}

const primitives = new Map<PrimitiveName, Val>();

export function primitive(name: PrimitiveName): Val {
  let type = primitives.get(name);
  if (!type) {
    type = makeVal({ kind: 'primitive', primitive: name });
    primitives.set(name, type);
  }
  return type;
}

export function valAt(scope: Scope, ref: ValTypeRef): Val {
  if (ref.kind === 'primitive') return primitive(ref.primitive);
  const type = spaceAt(scope, 'type', ref.index);
  return type.kind === 'value' ? type : invalid(`Type ${ref.index} is not a defined value type`);
}

export function optionalValAt(scope: Scope, ref: ValTypeRef | undefined): Val | undefined {
  return ref && valAt(scope, ref);
}

type ValueDefType = Exclude<DefType, { kind: 'primitive' | 'func' | 'component' | 'instance' | 'resource' }>;

export function defineShape(scope: Scope, type: ValueDefType): Shape {
  switch (type.kind) {
    case 'record':
      return { kind: 'record', fields: labels(scope, type.fields, 'record field name') };
    case 'variant':
      return { kind: 'variant', cases: cases(scope, type.cases) };
    case 'list':
      if (type.length === 0) invalid('A list of fixed length cannot be empty');
      return { kind: 'list', element: valAt(scope, type.element), length: type.length };
    case 'map':
      return { kind: 'map', key: mapKey(valAt(scope, type.key)), value: valAt(scope, type.value) };
    case 'tuple':
      atLeastOne(type.types, 'A tuple must have at least one type');
      return { kind: 'tuple', types: type.types.map((ref) => valAt(scope, ref)) };
    case 'flags':
      if (type.names.length > MAX_FLAGS) invalid(`Flags cannot have more than ${MAX_FLAGS} labels`);
      return { kind: 'flags', names: names(type.names, 'flag name') };
    case 'enum':
      return { kind: 'enum', names: names(type.names, 'enum case name') };
    case 'option':
      return { kind: 'option', type: valAt(scope, type.type) };
    case 'result':
      return { kind: 'result', ok: optionalValAt(scope, type.ok), err: optionalValAt(scope, type.err) };
    case 'own':
    case 'borrow':
      return { kind: type.kind, resource: resourceAt(scope, type.resource) };
    case 'stream':
    case 'future':
      return { kind: type.kind, element: element(optionalValAt(scope, type.element), type.kind) };
  }
}

function atLeastOne(items: readonly unknown[], message: string): void {
  if (items.length === 0) invalid(message);
}

function names(list: readonly string[], what: string): readonly string[] {
  atLeastOne(list, `At least one ${what} is needed`);
  checkLabels(list, what);
  return list;
}

function labels(scope: Scope, list: readonly NamedRef[], what: string): { name: string; type: Val }[] {
  names(
    list.map(({ name }) => name),
    what,
  );
  return list.map(({ name, type }) => ({ name, type: valAt(scope, type) }));
}

function cases(scope: Scope, list: readonly CaseRef[]): { name: string; type: Val | undefined }[] {
  names(
    list.map(({ name }) => name),
    'variant case name',
  );
  return list.map(({ name, type }) => ({ name, type: optionalValAt(scope, type) }));
}

const notKeys: ReadonlySet<string> = new Set(['f32', 'f64', 'error-context']);

function mapKey(type: Val): Val {
  const { shape } = type;
  if (shape.kind !== 'primitive' || notKeys.has(shape.primitive)) invalid('The keys of a map cannot be of this type');
  return type;
}

function element(type: Val | undefined, kind: 'stream' | 'future'): Val | undefined {
  if (type?.metrics.hasBorrow) invalid(`A ${kind} cannot contain a \`borrow\` type`);
  // a limitation that the specification calls temporary
  const isChar = type?.shape.kind === 'primitive' && type.shape.primitive === 'char';
  if (kind === 'stream' && isChar) invalid('`stream<char>` is not valid');
  return type;
}
