// Checks that types in imports and exports themselves have names there.
// design/mvp/Explainer.md#external-visibility-of-types

import type { Entity, Func, Instance, Type, Val } from './model.ts';

/**
 * The types that one scope has imported or exported. It also remembers which types passed, so that none is walked
 * twice.
 */
export interface VisibleTypes {
  readonly named: Set<Type>;
  readonly passed: Set<Type>;
}

export function noVisibleTypes(): VisibleTypes {
  return { named: new Set(), passed: new Set() };
}

/** Gives the types that `entity` brings a name in all of `into`. False when something in `entity` has no name. */
export function makeVisible(entity: Entity, visible: VisibleTypes, into: readonly VisibleTypes[]): boolean {
  switch (entity.kind) {
    case 'type':
      if (!canBeNamed(entity.type, visible)) return false;
      for (const { named } of into) named.add(entity.type);
      return true;
    case 'instance':
      return makeInstanceVisible(entity.type, visible, into);
    case 'func':
      return funcIsVisible(entity.type, visible);
    case 'value':
      return isVisible(entity.type, visible);
    default:
      return true; // components and modules are closed
  }
}

function makeInstanceVisible(type: Instance, visible: VisibleTypes, into: readonly VisibleTypes[]): boolean {
  if (visible.passed.has(type)) return true;
  for (const inner of type.exports.values()) if (!makeVisible(inner, visible, into)) return false;
  for (const { passed } of into) passed.add(type);
  return true;
}

/** Whether a type can be named: its parts must have names, but not the type itself. */
function canBeNamed(type: Type, visible: VisibleTypes): boolean {
  switch (type.kind) {
    case 'value':
      return partsAreVisible(type, visible);
    case 'func':
      return funcIsVisible(type, visible);
    case 'instance':
      return instanceIsVisible(type, visible);
    default:
      return true;
  }
}

function instanceIsVisible(type: Instance, visible: VisibleTypes): boolean {
  return remember(type, visible, () => {
    for (const entity of type.exports.values()) {
      if (entity.kind === 'type' && !canBeNamed(entity.type, visible)) return false;
      if (entity.kind === 'instance' && !instanceIsVisible(entity.type, visible)) return false;
      if (entity.kind === 'func' && !funcIsVisible(entity.type, visible)) return false;
      if (entity.kind === 'value' && !isVisible(entity.type, visible)) return false;
    }
    return true;
  });
}

function funcIsVisible(type: Func, visible: VisibleTypes): boolean {
  return remember(type, visible, () => {
    const types = type.params.map((param) => param.type);
    if (type.result) types.push(type.result);
    return types.every((one) => isVisible(one, visible));
  });
}

function isVisible(type: Val, visible: VisibleTypes): boolean {
  switch (type.shape.kind) {
    case 'record':
    case 'variant':
    case 'enum':
    case 'flags':
      return visible.named.has(type);
    default:
      return partsAreVisible(type, visible);
  }
}

function partsAreVisible(type: Val, visible: VisibleTypes): boolean {
  return remember(type, visible, () => {
    const { shape } = type;
    const see = (part: Val | undefined): boolean => part === undefined || isVisible(part, visible);
    switch (shape.kind) {
      case 'record':
        return shape.fields.every((field) => see(field.type));
      case 'variant':
        return shape.cases.every((one) => see(one.type));
      case 'tuple':
        return shape.types.every(see);
      case 'list':
      case 'stream':
      case 'future':
        return see(shape.element);
      case 'map':
        return see(shape.key) && see(shape.value);
      case 'option':
        return see(shape.type);
      case 'result':
        return see(shape.ok) && see(shape.err);
      case 'own':
      case 'borrow':
        return visible.named.has(shape.resource);
      default:
        return true;
    }
  });
}

/** Remembers a type that passed: types only become visible, never the reverse, so that it passes always. */
function remember(type: Type, { passed }: VisibleTypes, check: () => boolean): boolean {
  if (passed.has(type)) return true;
  if (!check()) return false;
  passed.add(type);
  return true;
}
