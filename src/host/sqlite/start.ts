// Statements that the command line has for databases when an app starts.
import { MayflyError } from '../../errors.ts';
import type { AppDatabases } from './app-databases.ts';
import { SqlFault } from './database.ts';

export interface StartStatements {
  readonly label: string;
  readonly text: string;
  /** Run all of them, as of a file; false: the first, as Spin does with what stands on the command line. */
  readonly all: boolean;
}

export async function runAtStart(databases: AppDatabases, given: readonly StartStatements[]): Promise<void> {
  for (const { label, text, all } of given) {
    const database = await databases.get(label);
    if (!database) {
      throw new MayflyError('service-start', `There is no SQLite database "${label}" to run statements in`);
    }
    try {
      await database.start(text, all);
    } catch (cause) {
      if (!(cause instanceof SqlFault)) throw cause;
      const message = `Cannot run statements in the SQLite database "${label}": ${cause.message}`;
      throw new MayflyError('service-start', message, { cause });
    }
  }
}
