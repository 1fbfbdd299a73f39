// Whether two value types are the same: there is no subtyping among them.

import { invalid } from './invalid.ts';
import type { Label, OptionalLabel, Shape, Val } from './model.ts';

/**
 * Pairs of types found to be the same; types are immutable, so this stays true. It keeps shared types from being walked
 * as trees.
 */
const known = new WeakMap<Val, WeakSet<Val>>();

export function checkSameVal(actual: Val, expected: Val): void {
  if (actual === expected || known.get(actual)?.has(expected)) return;
  checkShape(actual.shape, expected.shape);
  const partners = known.get(actual) ?? new WeakSet();
  partners.add(expected);
  known.set(actual, partners);
}

function checkShape(actual: Shape, expected: Shape): unknown {
  if (actual.kind !== expected.kind) invalid(`Expected ${show(expected)}, found ${show(actual)}`);
  switch (actual.kind) {
    case 'primitive':
      return show(actual) === show(expected) || invalid(`Expected ${show(expected)}, found ${show(actual)}`);
    case 'record':
      return checkLabels(actual.fields, (expected as typeof actual).fields, 'field');
    case 'variant':
      return checkLabels(actual.cases, (expected as typeof actual).cases, 'case');
    case 'tuple':
      return checkAll(actual.types, (expected as typeof actual).types);
    case 'flags':
    case 'enum':
      return checkNames(actual.names, (expected as typeof actual).names, actual.kind);
    case 'list':
      if (actual.length !== (expected as typeof actual).length) invalid('Lengths of the lists differ');
      return checkSameVal(actual.element, (expected as typeof actual).element);
    case 'map':
      return checkAll([actual.key, actual.value], [(expected as typeof actual).key, (expected as typeof actual).value]);
    case 'option':
      return checkSameVal(actual.type, (expected as typeof actual).type);
    case 'result':
      checkOptional(actual.ok, (expected as typeof actual).ok, 'ok type');
      return checkOptional(actual.err, (expected as typeof actual).err, 'error type');
    case 'stream':
    case 'future':
      return checkOptional(actual.element, (expected as typeof actual).element, 'element type');
    case 'own':
    case 'borrow':
      return (
        actual.resource.resource === (expected as typeof actual).resource.resource ||
        invalid('Resource types are not the same')
      );
  }
}

function show(shape: Shape): string {
  return shape.kind === 'primitive' ? shape.primitive : shape.kind;
}

function checkLabels(
  actual: readonly (Label | OptionalLabel)[],
  expected: readonly (Label | OptionalLabel)[],
  what: string,
): void {
  if (actual.length !== expected.length) invalid(`Expected ${expected.length} ${what}s, found ${actual.length}`);
  expected.forEach(({ name, type }, index) => {
    const found = actual[index]!;
    if (found.name !== name) invalid(`Expected a ${what} named "${name}", found "${found.name}"`);
    checkOptional(found.type, type, `type of ${what} "${name}"`);
  });
}

function checkOptional(actual: Val | undefined, expected: Val | undefined, what: string): void {
  if (actual && expected) checkSameVal(actual, expected);
  else if (actual || expected) invalid(`Expected ${expected ? 'a' : 'no'} ${what}`);
}

function checkAll(actual: readonly Val[], expected: readonly Val[]): void {
  if (actual.length !== expected.length) invalid(`Expected ${expected.length} types, found ${actual.length}`);
  for (const [index, type] of expected.entries()) checkSameVal(actual[index]!, type);
}

function checkNames(actual: readonly string[], expected: readonly string[], what: string): void {
  const same = actual.length === expected.length && actual.every((name, index) => name === expected[index]);
  if (!same) invalid(`Expected ${what} of ${expected.join(', ')}, found ${actual.join(', ')}`);
}
