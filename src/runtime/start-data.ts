// What the command line puts into stores and databases when an app starts. Where several processes serve the app, one of
// them does it for all, except for what each process has in memory for itself.
import type { RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { AppStores } from '../host/key-value/app-stores.ts';
import { seedStore } from '../host/key-value/seed.ts';
import { AppDatabases } from '../host/sqlite/app-databases.ts';
import { runAtStart } from '../host/sqlite/start.ts';
import type { LoadOptions } from './load-options.ts';

export type StartData = Required<Pick<LoadOptions, 'keyValues' | 'sqliteStatements'>>;

/** The part that each process has to do when it loads the app, again after a restart. */
export function dataOfEachProcess({ keyValues, sqliteStatements }: StartData, config: RuntimeConfig): StartData {
  return {
    keyValues: isInMemory(config.keyValueStores.get('default')) ? keyValues : [],
    sqliteStatements: sqliteStatements?.filter(({ label }) => isInMemory(config.sqliteDatabases.get(label))),
  };
}

/** Does what outlives a process. Throws `service-start`. */
export async function applyLastingData(
  { keyValues, sqliteStatements }: StartData,
  config: RuntimeConfig,
): Promise<void> {
  const stores = new AppStores(config.keyValueStores);
  const databases = new AppDatabases(config.sqliteDatabases);
  const lasting = sqliteStatements?.filter(({ label }) => !isInMemory(config.sqliteDatabases.get(label)));
  try {
    if (!isInMemory(config.keyValueStores.get('default'))) await seedStore(stores, keyValues ?? []);
    await runAtStart(databases, lasting ?? []);
  } finally {
    await stores.close();
    await databases.close();
  }
}

function isInMemory(config: { readonly type: string; readonly path?: string | undefined } | undefined): boolean {
  return config?.type === 'spin' && config.path === undefined;
}
