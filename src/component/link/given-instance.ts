// Makes an import that another component of the chain fulfils: what that one exports, checked against what the importer
// declares.

import { MayflyError } from '../../errors.ts';
import type { FuncItem } from '../canon/func-item.ts';
import { printFuncType } from '../types/print.ts';
import { type InstanceTypeItem, walkInstanceType } from './host-instance.ts';
import type { InstanceItem, Item } from './items.ts';
import { parseVersionedName, sameTrack } from './version.ts';

/** The interface that the components of a chain call one another through. */
const HANDLER = { name: 'wasi:http/handler', version: '0.3.0' } as const;

export function isHandler(importOrExport: string): boolean {
  const { name, version } = parseVersionedName(importOrExport);
  return name === HANDLER.name && sameTrack(version, HANDLER.version);
}

/** The handler that the root exports. */
export function exportedHandler(exports: ReadonlyMap<string, Item>): InstanceItem | undefined {
  for (const [name, item] of exports) if (item.kind === 'instance' && isHandler(name)) return item.item;
  return undefined;
}

/**
 * Makes the instance. Throws `component-import-missing` when `given` lacks a function that `type` declares, or has it
 * with another type.
 */
export function givenInstance(name: string, type: InstanceTypeItem, given: InstanceItem): InstanceItem {
  return walkInstanceType(name, type, {
    func: (key, wanted) => {
      const item = given.exports.get(key);
      if (item?.kind !== 'func') throw mismatch(`${name} ${key}`, 'which the next component does not export');
      checkType(`${name} ${key}`, item.item, printFuncType(wanted));
      return item;
    },
    resource: (key) => {
      throw mismatch(`${name} ${key}`, 'a resource that the two components would have to share');
    },
  });
}

function checkType(name: string, { type }: FuncItem, wanted: string): void {
  const has = printFuncType(type);
  if (has !== wanted) throw mismatch(name, `as ${wanted}; the next component has ${has}`);
}

function mismatch(name: string, what: string): MayflyError {
  return new MayflyError('component-import-missing', `A middleware imports "${name}", ${what}`);
}
