// Makes an import that another component fulfils: what that one exports, checked against what the importer declares.

import { MayflyError } from '../../errors.ts';
import type { FuncItem } from '../canon/func-item.ts';
import { printFuncType } from '../types/print.ts';
import type { FuncType } from '../types/val-type.ts';
import { type InstanceTypeItem, walkInstanceType } from './host-instance.ts';
import type { InstanceItem, Item } from './items.ts';
import { parseVersionedName, sameTrack } from './version.ts';

/** The interface that the components of a chain call one another through. */
const HANDLER = { name: 'wasi:http/handler', version: '0.3.0' } as const;

function isHandler(importOrExport: string): boolean {
  const { name, version } = parseVersionedName(importOrExport);
  return name === HANDLER.name && sameTrack(version, HANDLER.version);
}

/** The handler that the root exports. Throws `guest-no-handler`. */
export function exportedHandler(exports: ReadonlyMap<string, Item>): InstanceItem {
  for (const [name, item] of exports) if (item.kind === 'instance' && isHandler(name)) return item.item;
  throw new MayflyError(
    'guest-no-handler',
    'Middleware and the component behind it must export wasi:http/handler@0.3',
    { hint: `One of them exports ${[...exports.keys()].join(', ') || 'nothing'}` },
  );
}

/** The name under which a middleware imports what is behind it. Throws `guest-no-handler`. */
export function handlerImportOf(imports: readonly string[]): string {
  const found = imports.find(isHandler);
  if (found !== undefined) return found;
  throw new MayflyError('guest-no-handler', 'A middleware does not import wasi:http/handler@0.3', {
    hint: 'It could never call the component behind it; write a component that answers by itself as the last one',
  });
}

/**
 * Makes the instance. Throws `component-import-missing` when `given` lacks something that `type` declares, or has it
 * with another type.
 */
export function givenInstance(name: string, type: InstanceTypeItem, given: InstanceItem): InstanceItem {
  return walkInstanceType(name, type, {
    func: (key, wanted) => {
      const item = given.exports.get(key);
      if (item?.kind !== 'func') throw mismatch(`${name} ${key}`, 'which the other one does not export');
      checkType(`${name} ${key}`, item.item, wanted);
      return item;
    },
    resource: (key) => {
      const item = given.exports.get(key);
      if (item?.kind === 'type' && item.item.kind === 'resource') return item.item.type;
      throw mismatch(`${name} ${key}`, 'a resource which the other one does not export');
    },
  });
}

/** Checks a function that fulfils an import of a function. */
export function givenFunction(name: string, wanted: FuncType, given: Item): FuncItem {
  if (given.kind !== 'func') throw mismatch(name, 'which is no function of the other one');
  checkType(name, given.item, wanted);
  return given.item;
}

function checkType(name: string, { type }: FuncItem, wanted: FuncType): void {
  const [has, wants] = [printFuncType(type), printFuncType(wanted)];
  if (has !== wants) throw mismatch(name, `as ${wants}; the other one has ${has}`);
}

function mismatch(name: string, what: string): MayflyError {
  return new MayflyError('component-import-missing', `A component imports from another one "${name}", ${what}`);
}
