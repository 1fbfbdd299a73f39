// Sorts, and definitions of core instances and component instances. design/mvp/Binary.md#instance-definitions

import type { AnySort, CoreInstanceExpr, CoreSort, InstanceExpr, Sort } from './ast.ts';
import { readExternName } from './externs.ts';
import type { Reader } from './reader.ts';

const CORE = 0x00;
const CORE_INSTANCE = 0x12;

const coreSorts: Readonly<Record<number, CoreSort>> = {
  0: 'func',
  1: 'table',
  2: 'memory',
  3: 'global',
  4: 'tag',
  16: 'type',
  17: 'module',
  18: 'instance',
};
const sorts: Readonly<Record<number, Sort>> = { 1: 'func', 2: 'value', 3: 'type', 4: 'component', 5: 'instance' };

export function readCoreSort(reader: Reader): CoreSort {
  const byte = reader.byte();
  return coreSorts[byte] ?? reader.unknown(byte, 'a core sort');
}

export function readSort(reader: Reader): AnySort {
  const byte = reader.byte();
  if (byte === CORE) return { core: true, sort: readCoreSort(reader) };
  return { core: false, sort: sorts[byte] ?? reader.unknown(byte, 'a sort') };
}

export function readCoreInstance(reader: Reader): CoreInstanceExpr {
  if (reader.flag('a core instance expression')) {
    const exports = reader.vector(() => ({ name: reader.name(), sort: readCoreSort(reader), index: reader.u32() }));
    return { kind: 'exports', exports };
  }
  const module = reader.u32();
  const args = reader.vector(() => {
    const name = reader.name();
    reader.expect(CORE_INSTANCE, 'an instantiation argument, which must be an instance');
    return { name, instance: reader.u32() };
  });
  return { kind: 'instantiate', module, args };
}

export function readInstance(reader: Reader): InstanceExpr {
  if (reader.flag('an instance expression')) {
    const exports = reader.vector(() => {
      const name = readExternName(reader);
      return { name, sort: readSort(reader), index: reader.u32() };
    });
    return { kind: 'exports', exports };
  }
  const component = reader.u32();
  const args = reader.vector(() => ({ name: reader.name(), sort: readSort(reader), index: reader.u32() }));
  return { kind: 'instantiate', component, args };
}
