// SQLite files, as Spin has them. Statements that are provably short run in place; the others run in processes of their
// own, which can be ended: SQLite cannot be interrupted from JavaScript, nor a thread that is in the middle of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolders } from '../../../app/files/make-folders.ts';
import { type Database, SqlFault } from '../database.ts';
import { FileSession } from './spin/connection.ts';
import { faultOf, InPlace } from './spin/in-place.ts';
import { Runners } from './spin/runners.ts';

export interface SpinFileOptions {
  /** Absolute; undefined: a temporary file, which each process that serves the app has for itself. */
  readonly path: string | undefined;
  readonly allowAttachFile: boolean;
}

/** The file and its folder are made when a connection is first used. */
export async function spinDatabase({ path, allowAttachFile }: SpinFileOptions): Promise<Database> {
  const sqlite = await import('node:sqlite');
  const runners = new Runners();
  const folder = path === undefined ? mkdtempSync(join(tmpdir(), 'mayfly-sqlite-')) : undefined;
  const file = path ?? join(folder as string, 'sqlite.db');
  const remove = (): void => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  };
  if (folder !== undefined) process.once('exit', remove);
  let opened: InPlace | undefined;
  let closed = false;

  function inPlace(): InPlace {
    if (closed) throw new SqlFault('the database is closed');
    if (opened) return opened;
    try {
      makeFolders(dirname(file));
      opened = new InPlace(sqlite, file);
      return opened;
    } catch (error) {
      throw faultOf(error);
    }
  }

  const options = { path: file, allowAttachFile, temporary: folder !== undefined };
  return {
    session: () => new FileSession({ options, inPlace, runners }),
    /** In this process: the one who starts the app wrote them. */
    start(statements, all) {
      makeFolders(dirname(file));
      const database = new sqlite.DatabaseSync(file, { timeout: 5000, enableDoubleQuotedStringLiterals: true });
      try {
        if (all) database.exec(statements);
        else database.prepare(statements).all();
      } catch (error) {
        throw faultOf(error, statements, database);
      } finally {
        database.close();
      }
    },
    close() {
      closed = true;
      runners.close();
      opened?.close();
      opened = undefined;
      remove();
      process.removeListener('exit', remove);
    },
  };
}
