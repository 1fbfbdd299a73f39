// Puts other resources and types in the place of those that a type refers to. What does not change keeps its identity.
// design/mvp/Explainer.md#type-checking

import { type Budget, spendCopies, spendSteps } from './budget.ts';
import {
  type Entity,
  type Label,
  makeComponent,
  makeFunc,
  makeInstance,
  type OptionalLabel,
  type Resource,
  type ResourceRef,
  refOf,
  type Shape,
  type Type,
  type Val,
} from './model.ts';

export interface Substitution {
  readonly resources: ReadonlyMap<Resource, Resource>;
  /** The type supplied for each imported type. */
  readonly types: ReadonlyMap<Type, Type>;
  readonly budget: Budget;
  readonly done: Map<Type, Type>;
}

export function newSubstitution(
  budget: Budget,
  resources: ReadonlyMap<Resource, Resource>,
  types: ReadonlyMap<Type, Type> = new Map(),
): Substitution {
  return { resources, types, budget, done: new Map() };
}

export function substituteAll(entities: ReadonlyMap<string, Entity>, by: Substitution): ReadonlyMap<string, Entity> {
  spendSteps(by.budget, entities.size);
  let changed = false;
  const result = new Map<string, Entity>();
  for (const [name, entity] of entities) {
    const replaced = substituteEntity(entity, by);
    changed ||= replaced !== entity;
    result.set(name, replaced);
  }
  return changed ? result : entities;
}

export function substituteEntity(entity: Entity, by: Substitution): Entity {
  if (entity.kind === 'core-module') return entity;
  const type = substitute(entity.type, by);
  return type === entity.type ? entity : ({ kind: entity.kind, type } as Entity);
}

function substitute<T extends Type>(type: T, by: Substitution): T {
  if (by.resources.size + by.types.size === 0) return type;
  if (by.types.size === 0 && type.kind === 'value' && !type.metrics.hasHandle) return type;
  const known = by.types.get(type) ?? by.done.get(type);
  if (known) return known as T;
  spendSteps(by.budget, 1);
  const result = replace(type, by);
  if (result !== type) spendCopies(by.budget, 1);
  by.done.set(type, result);
  return result as T;
}

function replace(type: Type, by: Substitution): Type {
  switch (type.kind) {
    case 'resource':
      return replaceRef(type, by);
    case 'value': {
      const shape = replaceShape(type.shape, by);
      return shape === type.shape ? type : { ...type, shape };
    }
    case 'func': {
      const params = replaceLabels(type.params, by);
      const result = type.result && substitute(type.result, by);
      return params === type.params && result === type.result ? type : makeFunc(type.async, params, result);
    }
    case 'instance': {
      const exports = substituteAll(type.exports, by);
      return exports === type.exports ? type : makeInstance(exports, type.resources);
    }
    case 'component': {
      const imports = substituteAll(type.imports, by);
      const exports = substituteAll(type.exports, by);
      return imports === type.imports && exports === type.exports ? type : makeComponent({ ...type, imports, exports });
    }
  }
}

function replaceRef(ref: ResourceRef, by: Substitution): ResourceRef {
  const resource = by.resources.get(ref.resource);
  return resource ? refOf(ref.alias, resource) : ref;
}

function replaceLabels<T extends Label | OptionalLabel>(labels: readonly T[], by: Substitution): readonly T[] {
  const result = labels.map((label) => {
    const type = label.type && substitute(label.type, by);
    return type === label.type ? label : { ...label, type };
  });
  return result.some((label, index) => label !== labels[index]) ? result : labels;
}

function replaceShape(shape: Shape, by: Substitution): Shape {
  const each = (type: Val): Val => substitute(type, by);
  switch (shape.kind) {
    case 'primitive':
    case 'flags':
    case 'enum':
      return shape;
    case 'record': {
      const fields = replaceLabels(shape.fields, by);
      return fields === shape.fields ? shape : { ...shape, fields };
    }
    case 'variant': {
      const cases = replaceLabels(shape.cases, by);
      return cases === shape.cases ? shape : { ...shape, cases };
    }
    case 'tuple': {
      const types = shape.types.map(each);
      return kept(shape, { ...shape, types }, types, shape.types);
    }
    case 'list':
    case 'stream':
    case 'future': {
      const element = shape.element && each(shape.element);
      return kept(shape, { ...shape, element } as Shape, [element], [shape.element]);
    }
    case 'map': {
      const [key, value] = [each(shape.key), each(shape.value)];
      return kept(shape, { ...shape, key, value }, [key, value], [shape.key, shape.value]);
    }
    case 'option': {
      const type = each(shape.type);
      return kept(shape, { ...shape, type }, [type], [shape.type]);
    }
    case 'result': {
      const [ok, err] = [shape.ok && each(shape.ok), shape.err && each(shape.err)];
      return kept(shape, { ...shape, ok, err }, [ok, err], [shape.ok, shape.err]);
    }
    case 'own':
    case 'borrow': {
      const resource = substitute(shape.resource, by);
      return kept(shape, { ...shape, resource }, [resource], [shape.resource]);
    }
  }
}

/** Gives the old shape when none of its parts changed. */
function kept(old: Shape, made: Shape, parts: readonly unknown[], oldParts: readonly unknown[]): Shape {
  return parts.some((part, index) => part !== oldParts[index]) ? made : old;
}
