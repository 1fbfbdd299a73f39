// The runtime configuration of a test: a file in the test's own folder for each store and database.
import { join } from 'node:path';
import { lockApp } from '../../app/lock.ts';
import { defaultRuntimeConfig, type RuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import type { TestPlace } from './content.ts';

/** For the labels that the app names, those of `more`, and `default`. */
export async function virtualConfig(
  { manifest, profile }: Pick<TestPlace, 'manifest' | 'profile'>,
  folder: string,
  more: { readonly stores: readonly string[]; readonly databases: readonly string[] } = { stores: [], databases: [] },
): Promise<RuntimeConfig> {
  const { components } = await lockApp(manifest, { purpose: 'build', profile });
  const stores = new Set([...components.flatMap((one) => one.keyValueStores), ...more.stores, 'default']);
  const databases = new Set([...components.flatMap((one) => one.sqliteDatabases), ...more.databases, 'default']);
  const path = (kind: string, index: number): string => join(folder, `${kind}-${index}.db`);
  return {
    ...defaultRuntimeConfig(folder),
    keyValueStores: new Map([...stores].map((label, index) => [label, { type: 'spin', path: path('store', index) }])),
    sqliteDatabases: new Map(
      [...databases].map((label, index) => [
        label,
        { type: 'spin', path: path('database', index), allowAttachFile: false },
      ]),
    ),
  };
}
