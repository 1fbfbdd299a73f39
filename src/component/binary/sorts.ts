// The sorts of definitions. design/mvp/Binary.md#instance-definitions
import type { AnySort, CoreSort, Sort } from './ast.ts';
import type { Reader } from './reader.ts';

const CORE = 0x00;

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
