// What one sandbox may reach, and has open: the databases that its component's manifest names, each time it opens one.
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { logEvent } from '../../telemetry/events.ts';
import { Refusals } from '../network/refusals.ts';
import type { SandboxContext } from '../service.ts';
import type { AppDatabases } from './app-databases.ts';
import { type Connection, type Database, type Later, type Session, SqlFault } from './database.ts';

/** Of one sandbox at a time; as in Spin. */
const MOST_OPEN = 256;

export type SqliteError =
  | { readonly tag: 'no-such-database' | 'access-denied' | 'invalid-connection' }
  | { readonly tag: 'io'; readonly val: string };

export class OpenConnections {
  readonly #databases: AppDatabases;
  readonly #sandbox: SandboxContext;
  readonly #refusals = new Refusals();
  readonly #sessions = new Map<Database, Session>();
  /** Those that have numbers instead of handles, as `fermyon:spin/sqlite` without a version gives them. */
  readonly numbered = new Map<number, Connection>();
  #last = 0;
  #open = 0;
  #finished = false;

  constructor(databases: AppDatabases, sandbox: SandboxContext) {
    this.#databases = databases;
    this.#sandbox = sandbox;
  }

  get signal(): AbortSignal {
    return this.#sandbox.signal;
  }

  get hostBytes(): SandboxContext['hostBytes'] {
    return this.#sandbox.hostBytes;
  }

  open(label: string): Later<Result<Connection, SqliteError>> {
    if (!this.#sandbox.component.sqliteDatabases.includes(label)) {
      if (this.#refusals.count()) logDenied(this.#sandbox, label);
      return err({ tag: 'access-denied' });
    }
    const database = this.#databases.get(label);
    return database instanceof Promise ? database.then((found) => this.#connect(found)) : this.#connect(database);
  }

  #connect(database: Database | undefined): Result<Connection, SqliteError> {
    if (!database) return err({ tag: 'no-such-database' });
    if (this.#open >= MOST_OPEN) return err({ tag: 'io', val: 'too many connections opened' });
    if (this.#finished) throw new SqlFault('the request is over');
    const session = this.#sessions.get(database) ?? database.session();
    this.#sessions.set(database, session);
    this.#open += 1;
    return ok(session.connect());
  }

  /** The guest has dropped a handle. */
  close(connection: Connection): void {
    this.#open -= 1;
    connection.close();
  }

  number(connection: Connection): number {
    this.#last += 1;
    this.numbered.set(this.#last, connection);
    return this.#last;
  }

  closeNumber(number: number): void {
    const connection = this.numbered.get(number);
    if (connection && this.numbered.delete(number)) this.close(connection);
  }

  finish(): void {
    this.#finished = true;
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }
}

function logDenied({ component: { id }, log }: SandboxContext, label: string): void {
  const mend = `To allow it, add to [component.${id}]: sqlite_databases = ["${label}"]`;
  logEvent(log, 'label-denied', { label }, `It may not open the SQLite database "${label}". ${mend}`);
}
