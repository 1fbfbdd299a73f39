// Aliases of exports and of outer definitions. design/mvp/Binary.md#alias-definitions

import type { AliasTarget, AnySort } from './ast.ts';
import type { Reader } from './reader.ts';
import { readSort } from './sorts.ts';

export function readAlias(reader: Reader): { readonly sort: AnySort; readonly target: AliasTarget } {
  const sort = readSort(reader);
  const start = reader.position;
  const target = readTarget(reader);
  checkSort(reader, sort, target, start);
  return { sort, target };
}

function readTarget(reader: Reader): AliasTarget {
  const byte = reader.byte();
  switch (byte) {
    case 0x00:
      return { kind: 'export', instance: reader.u32(), name: reader.name() };
    case 0x01:
      return { kind: 'core-export', instance: reader.u32(), name: reader.name() };
    case 0x02:
      return { kind: 'outer', count: reader.u32(), index: reader.u32() };
    default:
      return reader.unknown(byte, 'the target of an alias');
  }
}

/** Checks that the target can give a definition of this sort. */
function checkSort(reader: Reader, { core, sort }: AnySort, { kind }: AliasTarget, offset: number): void {
  const shown = core ? `core ${sort}` : sort;
  if (kind === 'export' && core && sort !== 'module') reader.fail(`No instance exports a ${shown}`, offset);
  if (kind === 'core-export' && !(core && isCoreExportSort(sort))) {
    reader.fail(`No core instance exports a ${shown}`, offset);
  }
  if (kind === 'outer' && !isOuterSort(core, sort)) reader.fail(`An outer alias cannot give a ${shown}`, offset);
}

function isCoreExportSort(sort: string): boolean {
  return sort === 'func' || sort === 'table' || sort === 'memory' || sort === 'global' || sort === 'tag';
}

function isOuterSort(core: boolean, sort: string): boolean {
  return sort === 'type' || (core ? sort === 'module' : sort === 'component');
}
