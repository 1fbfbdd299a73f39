// A process that runs statements of one request at a time, for the host that started it: a statement that does not end can
// only be ended with its process, since nothing of Node's can interrupt SQLite. It ends itself when its host is gone.
import { DatabaseSync, type StatementSync, constants as sqlite } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { bytesOfRow, MOST_RESULT_BYTES, type SqlRow } from '../../database.ts';
import { bind, parameterNames } from '../../parameters.ts';
import { faultOf, type Written } from './in-place.ts';
import type { Answer, OpenOptions, Order, Reply, Request } from './protocol.ts';

const PIECE_ROWS = 1000;
const PIECE_BYTES = 262_144;
/** Cursors of one connection that are open at once. */
const MOST_CURSORS = 100;

class RunnerConnection {
  readonly #database: DatabaseSync;
  readonly #nothing: StatementSync;
  readonly #cursors = new Map<number, Iterator<SqlRow>>();
  #lastCursor = 0;

  constructor({ path, allowAttachFile, temporary }: OpenOptions, written: Written) {
    this.#database = new DatabaseSync(path, {
      timeout: 0,
      enableDoubleQuotedStringLiterals: true,
      limits: { length: MOST_RESULT_BYTES },
    });
    if (temporary) this.#database.exec('PRAGMA synchronous = OFF');
    else this.#database.exec('PRAGMA synchronous = NORMAL');
    this.#nothing = this.#database.prepare('SELECT 1 WHERE 0');
    this.#nothing.setReadBigInts(true);
    if (written.rowid !== 0n || written.changes !== 0n) this.#remember(written);
    this.#database.setAuthorizer((action, first, second) => {
      const denied =
        (action === sqlite.SQLITE_ATTACH && !allowAttachFile && first !== '' && first !== ':memory:') ||
        (action === sqlite.SQLITE_FUNCTION && second === 'load_extension') ||
        (action === sqlite.SQLITE_PRAGMA && /^(temp|data)_store_directory$/i.test(first ?? ''));
      return denied ? sqlite.SQLITE_DENY : sqlite.SQLITE_OK;
    });
  }

  /** The connection has done what another one did in its place: `last_insert_rowid()` and `changes()` know of it. */
  #remember({ rowid, changes }: Written): void {
    this.#database.exec(`CREATE TEMP TABLE mayfly_rowid (id INTEGER PRIMARY KEY);
      CREATE TEMP TABLE mayfly_changes (id INTEGER PRIMARY KEY, x) WITHOUT ROWID;
      WITH RECURSIVE n (i) AS (SELECT 1 WHERE ${changes} > 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${changes})
        INSERT INTO temp.mayfly_changes SELECT i, 0 FROM n`);
    if (rowid !== 0n) this.#database.prepare('INSERT INTO temp.mayfly_rowid VALUES (?)').run(rowid);
    this.#database.exec(
      'UPDATE temp.mayfly_changes SET x = 1; DROP TABLE temp.mayfly_changes; DROP TABLE temp.mayfly_rowid',
    );
  }

  query(text: string, parameters: Extract<Order, { kind: 'query' }>['parameters']): Answer {
    let statement: StatementSync;
    try {
      statement = this.#database.prepare(text);
    } catch (error) {
      throw faultOf(error, text, this.#database);
    }
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const columns = statement.columns().map(({ name }) => name);
    const args = bind(parameterNames(text), parameters);
    if (columns.length === 0) {
      statement.run(...args);
      return this.#answer([], [], undefined);
    }
    const rows = statement.iterate(...args) as unknown as Iterator<SqlRow>;
    this.#lastCursor += 1;
    return this.#piece(this.#lastCursor, rows, columns);
  }

  next(cursor: number): Answer {
    const rows = this.#cursors.get(cursor);
    return rows ? this.#piece(cursor, rows, []) : this.#answer([], [], undefined);
  }

  #piece(cursor: number, cursorRows: Iterator<SqlRow>, columns: readonly string[]): Answer {
    const rows: SqlRow[] = [];
    let bytes = 0;
    while (rows.length < PIECE_ROWS && bytes < PIECE_BYTES) {
      const step = stepOf(cursorRows);
      if ('error' in step) {
        this.#cursors.delete(cursor);
        if (rows.length === 0) throw step.error;
        cursorRows = failing(step.error); // it comes when the rows before it have been fetched
        break;
      }
      if (step.done) {
        this.#cursors.delete(cursor);
        return this.#answer(columns, rows, undefined);
      }
      rows.push(step.value);
      bytes += bytesOfRow(step.value);
    }
    if (this.#cursors.size >= MOST_CURSORS && !this.#cursors.has(cursor)) throw new Error('too many results are open');
    this.#cursors.set(cursor, cursorRows);
    return this.#answer(columns, rows, cursor);
  }

  #answer(columns: readonly string[], rows: readonly SqlRow[], cursor: number | undefined): Answer {
    const { changes, lastInsertRowid } = this.#nothing.run();
    return { columns, rows, cursor, rowid: BigInt(lastInsertRowid), changes: BigInt(changes) };
  }

  stop(cursor: number): Answer {
    this.#cursors.get(cursor)?.return?.();
    this.#cursors.delete(cursor);
    return this.#answer([], [], undefined);
  }

  close(): void {
    for (const rows of this.#cursors.values()) rows.return?.();
    this.#database.close();
  }
}

function stepOf(rows: Iterator<SqlRow>): IteratorResult<SqlRow> | { readonly error: unknown } {
  try {
    return rows.next();
  } catch (error) {
    return { error };
  }
}

// biome-ignore lint/correctness/useYield: it fails at its first step
function* failing(error: unknown): Generator<SqlRow, undefined> {
  throw error;
}

const connections = new Map<number, RunnerConnection>();
const none: Answer = { columns: [], rows: [], cursor: undefined, rowid: 0n, changes: 0n };

function carryOut(order: Order): Answer {
  if (order.kind === 'open') {
    connections.set(order.connection, new RunnerConnection(order.options, order.written));
    return none;
  }
  const connection = connections.get(order.connection);
  if (order.kind === 'close') {
    connections.delete(order.connection);
    connection?.close();
    return none;
  }
  if (!connection) throw new Error('no such connection');
  if (order.kind === 'query') return connection.query(order.statement, order.parameters);
  return order.kind === 'next' ? connection.next(order.cursor) : connection.stop(order.cursor);
}

function reply({ id, order }: Request): Reply {
  try {
    return { id, answer: carryOut(order) };
  } catch (error) {
    const { message, errcode } = faultOf(error) as Error & { errcode?: number };
    return { id, failure: { message, errcode } };
  }
}

// While SQLite works, only another thread sees that the host is gone.
const watch = `const { ppid } = process;
  setInterval(() => process.ppid !== ppid && process.kill(process.pid, 'SIGKILL'), 500)`;
new Worker(watch, { eval: true }).unref();
process.on('message', (request: Request) => process.send?.(reply(request)));
process.on('disconnect', () => process.exit());
