// Statements of all requests that are provably short, on one connection of this process: each is whole by itself, and
// nothing of a request stays in the connection. It says of the others that they are not for it.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { sqliteCode } from '../../../sql/sqlite-locks.ts';
import { SqlFault, type SqlRow, type SqlValue } from '../../database.ts';
import { prepareError } from '../../error-text.ts';
import { bind, type ParameterNames, parameterNames } from '../../parameters.ts';
import { type Instruction, proveShort, type ShortProgram } from './prove-short.ts';

type Sqlite = typeof import('node:sqlite');

/** Of values, rows and what functions make, in bytes. */
const LONGEST_VALUE = 262_144;
const LONGEST_PATTERN = 100;
const LONGEST_STATEMENT = 4096;
const MOST_COLUMNS = 64;
/** Of a file that may be walked over as a whole. */
const SMALL_FILE = 524_288;
/** Of all CREATE statements together. */
const SMALL_SCHEMA = 262_144;
const MOST_KEPT = 500;

const ERROR = 1;
const TOO_BIG = 18;
const AUTHORIZATION = 23;

/** What one connection of a guest knows of its own writes. */
export interface Written {
  rowid: bigint;
  changes: bigint;
  total: bigint;
}

interface Short extends ShortProgram {
  readonly statement: StatementSync;
  readonly columns: readonly string[];
  readonly names: ParameterNames;
}

/** What may multiply while a statement is prepared, and what belongs to a connection of one's own. */
const suspicious = /\bwith\b|\btemp|pragma|sqlite_|mayfly_/i;
const usual = /^\s*(select|insert|update|delete|replace)\b/i;

export class InPlace {
  readonly #database: DatabaseSync;
  readonly #deny: number;
  readonly #kept = new Map<string, Short | undefined>();
  readonly #nothing: StatementSync;
  readonly #pages: StatementSync;
  readonly #remember: StatementSync;
  readonly #schema: StatementSync;
  readonly #pageBytes: number;
  #written: Written | undefined;
  /** A statement runs that was proved for another schema if it is prepared anew now. */
  #running = false;
  #moved = false;

  constructor(sqlite: Sqlite, path: string) {
    this.#database = new sqlite.DatabaseSync(path, {
      timeout: 0,
      enableDoubleQuotedStringLiterals: true,
      limits: { length: LONGEST_VALUE, likePatternLength: LONGEST_PATTERN, attach: 0 },
    });
    const { SQLITE_DENY, SQLITE_OK } = sqlite.constants;
    this.#deny = SQLITE_DENY;
    try {
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      this.#database.exec('CREATE TEMP TABLE mayfly_last (rowid INTEGER PRIMARY KEY)');
      this.#nothing = this.#prepare('SELECT 1 WHERE 0');
      this.#pages = this.#prepare('PRAGMA page_count');
      this.#remember = this.#prepare('INSERT OR REPLACE INTO temp.mayfly_last VALUES (?)');
      this.#schema = this.#prepare(`SELECT total(length(sql)) AS bytes,
        total(type IN ('view', 'trigger') OR sql LIKE 'CREATE VIRTUAL%') AS others,
        max(iif(name = 'sqlite_sequence', rootpage, 0)) AS sequence FROM main.sqlite_schema`);
      this.#pageBytes = Number((this.#prepare('PRAGMA page_size').get() as unknown as [bigint])[0]);
      for (const name of ['last_insert_rowid', 'changes', 'total_changes'] as const) {
        this.#database.function(name, () => this.#own(name));
      }
      this.#database.setAuthorizer(() => {
        if (!this.#running) return SQLITE_OK;
        this.#moved = true;
        return this.#deny;
      });
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  #prepare(text: string): StatementSync {
    const statement = this.#database.prepare(text);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    return statement;
  }

  #own(name: 'last_insert_rowid' | 'changes' | 'total_changes'): bigint {
    const written = this.#written;
    if (name === 'last_insert_rowid') return written?.rowid ?? 0n;
    return (name === 'changes' ? written?.changes : written?.total) ?? 0n;
  }

  /** Undefined: it was not done, since it may be long. Throws an SqlFault. */
  run(
    text: string,
    values: readonly SqlValue[],
    written: Written,
  ): { readonly columns: readonly string[]; readonly rows: readonly SqlRow[] } | undefined {
    for (let tries = 0; tries < 3; tries++) {
      const short = this.#find(text);
      if (!short) return undefined;
      const args = bind(short.names, values);
      if (short.scans && Number((this.#pages.get() as unknown as [bigint])[0]) * this.#pageBytes > SMALL_FILE) {
        return undefined;
      }
      if (short.inserts === 'perhaps') this.#remember.run(written.rowid);
      this.#written = written;
      try {
        return { columns: short.columns, rows: this.#step(short, args, written) };
      } catch (error) {
        if (this.#moved && sqliteCode(error) === AUTHORIZATION) this.#forget();
        else if (sqliteCode(error) === TOO_BIG || /pattern too complex/.test(String(error))) return undefined;
        else if (!short.writes && sqliteCode(error) === ERROR)
          return undefined; // a runner gives the rows before it
        else throw faultOf(error);
      }
    }
    return undefined;
  }

  #step(short: Short, args: SQLInputValue[], written: Written): readonly SqlRow[] {
    const { statement, columns, writes, inserts } = short;
    let rows: readonly SqlRow[] = [];
    let outcome: { changes: bigint | number; lastInsertRowid: bigint | number } | undefined;
    this.#running = true;
    try {
      if (columns.length > 0) rows = statement.all(...args) as unknown as readonly SqlRow[];
      else outcome = statement.run(...args);
    } finally {
      this.#running = false;
    }
    if (!writes) return rows;
    const { changes, lastInsertRowid } = outcome ?? this.#nothing.run();
    written.changes = BigInt(changes);
    written.total += written.changes;
    if (inserts !== 'no' && written.changes > 0n) written.rowid = BigInt(lastInsertRowid);
    return rows;
  }

  #forget(): void {
    this.#moved = false;
    this.#kept.clear();
  }

  #find(text: string): Short | undefined {
    const known = this.#kept.get(text);
    if (known || this.#kept.has(text)) return known;
    if (text.length > LONGEST_STATEMENT || !usual.test(text) || suspicious.test(text)) return undefined;
    const found = this.#examine(text);
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(text, found);
    return found;
  }

  /** In one transaction, so that what was seen of the schema holds for the program. */
  #examine(text: string): Short | undefined {
    this.#database.exec('BEGIN');
    try {
      const [bytes, others, sequence] = this.#schema.get() as unknown as [number, number, bigint | null];
      if (bytes > SMALL_SCHEMA || others > 0) return undefined;
      const statement = this.#prepare(text);
      const explain = this.#database.prepare(`EXPLAIN ${text}`);
      const short = proveShort(explain.all() as unknown as Instruction[], Number(sequence));
      const columns = statement.columns().map(({ name }) => name);
      if (!short || columns.length > MOST_COLUMNS) return undefined;
      return { ...short, statement, columns, names: parameterNames(text) };
    } catch (error) {
      throw faultOf(error, text, this.#database);
    } finally {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    }
  }

  close(): void {
    this.#kept.clear();
    this.#database.close();
  }
}

/** How SQLite's own message about `load_extension` begins; Spin's is shorter. */
const FORBIDDEN_FUNCTION = 'not authorized to use function';

/** An error of node:sqlite as a fault, with SQLite's result code; others stay. `text`: it could not be prepared. */
export function faultOf(error: unknown, text?: string, database?: DatabaseSync): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof SqlFault || typeof code !== 'string') return error;
  const { errcode } = error as { errcode?: unknown };
  const fault = (words: string): SqlFault => Object.assign(new SqlFault(words, { cause: error }), { errcode });
  if (code === 'ERR_INVALID_ARG_VALUE') return fault('bad parameter or other API misuse');
  if (sqliteCode(error) === AUTHORIZATION || message.startsWith(FORBIDDEN_FUNCTION)) return fault('not authorized');
  if (text === undefined || database === undefined || sqliteCode(error) !== 1) return fault(message);
  return fault(prepareError(message, text, (part) => mistakeOf(database, part)));
}

function mistakeOf(database: DatabaseSync, text: string): string | undefined {
  try {
    database.prepare(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
