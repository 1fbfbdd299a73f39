// The host service 'sqlite': SQL databases of an app. app-databases.ts has what stands behind labels, open-connections.ts
// who may open what, execute.ts how results reach a guest, bindings.ts the WIT functions.
import type { HostInterface } from '../../component/types/val-type.ts';
import { MayflyError } from '../../errors.ts';
import type { AppContext, HostService } from '../service.ts';
import { AppDatabases } from './app-databases.ts';
import { sqliteInterfaces } from './bindings.ts';
import { OpenConnections } from './open-connections.ts';
import { runAtStart, type StartStatements } from './start.ts';

export interface SqliteOptions {
  readonly statements?: readonly StartStatements[] | undefined;
  readonly extraInterfaces?: readonly HostInterface[] | undefined;
}

export function createSqliteService(
  options: SqliteOptions = {},
): HostService<AppDatabases, AppDatabases, OpenConnections> {
  return {
    name: 'sqlite',
    interfaces: [...sqliteInterfaces, ...(options.extraInterfaces ?? [])],
    async configureApp(context) {
      const databases = new AppDatabases(context.runtimeConfig.sqliteDatabases);
      reportUnknown(context, databases);
      try {
        await runAtStart(databases, options.statements ?? []);
      } catch (error) {
        await databases.close();
        throw error;
      }
      return databases;
    },
    configureComponent: (_, databases) => databases,
    prepare: (databases, sandbox) => new OpenConnections(databases, sandbox),
    finish: (state) => state.finish(),
    closeApp: (databases) => databases.close(),
  };
}

/** Better at load than in a request, as in Spin; whether or not the component uses it. */
function reportUnknown({ app, problem }: AppContext, databases: AppDatabases): void {
  for (const { id, sqliteDatabases, location } of app.components) {
    for (const label of sqliteDatabases) {
      if (databases.has(label)) continue;
      const message = `Component "${id}" uses database "${label}", which nothing declares`;
      const hint = `Add [sqlite_database.${label}] to the runtime configuration, or name the database "default", which is always there`;
      problem(new MayflyError('manifest-value', message, { location, hint }));
    }
  }
}
