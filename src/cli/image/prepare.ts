// Prepares the components of an app for a start elsewhere: what `mayfly up` would keep in its cache is made there, without
// anything that the app needs to run.
import { lockApp } from '../../app/lock.ts';
import type { LockedApp } from '../../app/locked-app.ts';
import { loadToCall } from '../../runtime.ts';
import { createLog } from '../log.ts';
import { paint, say } from '../ui.ts';

/** Throws one error with all components that cannot be loaded. */
export async function prepareComponents(manifest: string, cacheDirectory: string): Promise<void> {
  const log = createLog({ verbose: false, quiet: true, directory: undefined, write: say, paint });
  const app = await loadToCall(withoutSurroundings(await lockApp(manifest)), {
    log,
    variables: {},
    environment: {},
    cacheDirectory,
  });
  await app.close();
}

/** The app without what it uses of the place where it runs, which is not this one; programs see the names of their variables. */
export function withoutSurroundings(app: LockedApp): LockedApp {
  const components = app.components.map((component) => ({
    ...component,
    variables: Object.fromEntries(Object.keys(component.variables).map((name) => [name, ''])),
    allowedOutboundHosts: [],
    keyValueStores: [],
    sqliteDatabases: [],
    aiModels: [],
    settings: { ...component.settings, warm: [] },
  }));
  return { ...app, variables: {}, components };
}
