// Sections that are vectors of definitions, and the start section. design/mvp/Binary.md#component-definitions

import { readAlias } from './aliases.ts';
import type { Definition } from './ast.ts';
import { readCanon } from './canon.ts';
import { readCoreTypes } from './core-types.ts';
import { readExport, readImport } from './externs.ts';
import { readCoreInstance, readInstance } from './instances.ts';
import type { Reader } from './reader.ts';
import { noteAlias, type Scope } from './scope.ts';
import { readDefType } from './types.ts';
import { readValTypeRef } from './val-types.ts';

export const CUSTOM_SECTION = 0;

/**
 * The most results of a start function. It has at most one, so this is already generous; the validator asks for the
 * exact number.
 */
const MAX_START_RESULTS = 1000;

const names = [
  'custom',
  'core module',
  'core instance',
  'core type',
  'component',
  'instance',
  'alias',
  'type',
  'canon',
  'start',
  'import',
  'export',
  'value',
] as const;

export function sectionName(id: number): string | undefined {
  return names[id];
}

type ReadDefinitions = (reader: Reader, scope: Scope) => readonly Definition[];

const one =
  (read: (reader: Reader, scope: Scope) => Definition): ReadDefinitions =>
  (reader, scope) => [read(reader, scope)];

/** The readers by section id; decode.ts reads the other sections. */
const elements: Readonly<Record<number, ReadDefinitions>> = {
  2: one((reader) => ({ kind: 'core-instance', offset: reader.position, expr: readCoreInstance(reader) })),
  3: coreTypes,
  5: one((reader) => ({ kind: 'instance', offset: reader.position, expr: readInstance(reader) })),
  6: one(alias),
  7: one((reader, scope) => ({ kind: 'type', offset: reader.position, type: readDefType(reader, scope) })),
  8: one((reader) => ({ kind: 'canon', offset: reader.position, canon: readCanon(reader) })),
  10: one((reader) => ({ kind: 'import', offset: reader.position, ...readImport(reader) })),
  11: one((reader) => ({ kind: 'export', offset: reader.position, ...readExport(reader) })),
  12: one(value),
};
const START_SECTION = 9;

export function readSection(id: number, section: Reader, scope: Scope, into: Definition[]): void {
  if (id === START_SECTION) into.push(start(section));
  else section.vector((reader) => into.push(...elements[id]!(reader, scope)));
  section.finish();
}

function coreTypes(reader: Reader, scope: Scope): Definition[] {
  const offset = reader.position;
  return readCoreTypes(reader, scope).map((type) => ({ kind: 'core-type', offset, type }));
}

function alias(reader: Reader, scope: Scope): Definition {
  const offset = reader.position;
  const { sort, target } = readAlias(reader);
  noteAlias(reader, scope, sort, target);
  return { kind: 'alias', offset, sort, target };
}

function start(reader: Reader): Definition {
  const offset = reader.position;
  const func = reader.u32();
  const args = reader.vector((item) => item.u32());
  const results = reader.u32();
  if (results > MAX_START_RESULTS) reader.fail(`Start function with ${results} results`, offset);
  return { kind: 'start', offset, func, args, results };
}

function value(reader: Reader): Definition {
  const offset = reader.position;
  const type = readValTypeRef(reader);
  return { kind: 'value', offset, type, bytes: reader.take(reader.u32()) };
}
