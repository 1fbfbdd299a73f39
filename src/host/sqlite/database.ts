// What an SQL database looks like. A new kind is a file in backends/ that passes backends/database.contract.ts.
import { type Caller, type Later, ServiceFault } from '../guest-call.ts';

export type { Caller, Later };

/** In bytes, of what one statement gives; as in Spin. */
export const MOST_RESULT_BYTES = 134_217_728;

/** An error of the statement, the file or the server, in SQLite's or the server's words. */
export class SqlFault extends ServiceFault {
  override readonly name = 'SqlFault';
}

export function resultTooLarge(): SqlFault {
  return new SqlFault(`query result exceeds limit of ${MOST_RESULT_BYTES} bytes`);
}

/** An integer, a real, a text, a blob or NULL: each of SQLite's types has its own here. */
export type SqlValue = bigint | number | string | Uint8Array | null;
export type SqlRow = readonly SqlValue[];

/** Some rows of a result, about a thousand or a quarter of a mebibyte. */
export interface RowPiece {
  readonly rows: readonly SqlRow[];
  /** The rows behind; undefined at the end. */
  readonly next: ((caller: Caller) => Later<RowPiece>) | undefined;
}

export interface Query extends RowPiece {
  readonly columns: readonly string[];
  /** Nobody wants the rows behind. Idempotent. */
  close?(): void;
}

/** Its statements are done one after another. */
export interface Connection {
  /** Runs the first statement of the text. */
  query(statement: string, parameters: readonly SqlValue[], caller: Caller): Later<Query>;
  /** Of the last INSERT through this connection, 0 before. */
  lastInsertRowid(caller: Caller): Later<bigint>;
  /** Rows that the last INSERT, UPDATE or DELETE touched. */
  changes(caller: Caller): Later<bigint>;
  /** Takes back what no COMMIT followed, and ends what is under way. Idempotent, must not throw. */
  close(): void;
}

/** What the connections of one request share. Closing it closes them. */
export interface Session {
  connect(): Connection;
  close(): void;
}

export interface Database {
  session(): Session;
  /** Runs statements at the start of an app: all of the text, or the first. */
  start(statements: string, all: boolean): Later<void>;
  close(): Later<void>;
}

/** What a row takes, as Spin counts it. */
export function bytesOfRow(row: SqlRow): number {
  let bytes = 0;
  for (const value of row) bytes += VALUE_BYTES + lengthOf(value);
  return bytes;
}

const VALUE_BYTES = 24;

function lengthOf(value: SqlValue): number {
  if (typeof value === 'string') return value.length;
  return value instanceof Uint8Array ? value.byteLength : 0;
}
