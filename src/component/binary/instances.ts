// Definitions of core instances and component instances. design/mvp/Binary.md#instance-definitions

import type { CoreInstanceExpr, InstanceExpr } from './ast.ts';
import { readExternName } from './externs.ts';
import type { Reader } from './reader.ts';
import { readCoreSort, readSort } from './sorts.ts';

const CORE_INSTANCE = 0x12;

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
