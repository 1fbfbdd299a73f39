// A statement of a guest: its result as a whole, or as a stream at the pace of its reader.
import { ProducedStream, type StreamWriter } from '../../component/types/streams.ts';
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { GuestCall, type Later, perform, ServiceFault } from '../guest-call.ts';
import {
  bytesOfRow,
  type Connection,
  MOST_RESULT_BYTES,
  type Query,
  type RowPiece,
  resultTooLarge,
} from './database.ts';
import type { OpenConnections, SqliteError } from './open-connections.ts';
import { fromWit, toWitRow, type WitRow, type WitValue } from './values.ts';

export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly WitRow[];
}

const tell = (fault: ServiceFault): SqliteError => ({ tag: 'io', val: fault.message });

export function sqlite<T>(state: OpenConnections, work: (call: GuestCall) => Later<T>): Later<Result<T, SqliteError>> {
  return perform(state, work, tell);
}

export function execute(
  state: OpenConnections,
  connection: Connection,
  statement: string,
  parameters: readonly WitValue[],
): Later<Result<QueryResult, SqliteError>> {
  return sqlite(state, (call) => {
    const query = connection.query(statement, parameters.map(fromWit), call);
    if (query instanceof Promise) return query.then((found) => gather(found, call));
    return query.next ? gather(query, call) : whole(query);
  });
}

/** It came at once, and so the guest gets it at once: the host keeps nothing. */
function whole({ columns, rows }: Query): QueryResult {
  let room = MOST_RESULT_BYTES;
  for (const row of rows) room -= bytesOfRow(row);
  if (room < 0) throw resultTooLarge();
  return { columns, rows: rows.map(toWitRow) };
}

async function gather(query: Query, call: GuestCall): Promise<QueryResult> {
  const rows: WitRow[] = [];
  let room = MOST_RESULT_BYTES;
  try {
    for (let piece: RowPiece = query; ; piece = await piece.next(call)) {
      const bytes = bytesOfPiece(piece);
      room -= bytes;
      if (room < 0) throw resultTooLarge();
      call.keep(bytes);
      for (const row of piece.rows) rows.push(toWitRow(row));
      if (!piece.next) return { columns: query.columns, rows };
    }
  } catch (error) {
    query.close?.();
    throw error;
  }
}

const bytesOfPiece = ({ rows }: RowPiece): number => rows.reduce((bytes, row) => bytes + bytesOfRow(row), 0);

type Streamed = readonly [
  columns: readonly string[],
  rows: ProducedStream<WitRow>,
  end: Promise<Result<undefined, SqliteError>>,
];

/** As in Spin, every error of the statement comes in the future, after the rows before it. */
export function executeStreaming(
  state: OpenConnections,
  connection: Connection,
  statement: string,
  parameters: readonly WitValue[],
): Later<Result<Streamed, SqliteError>> {
  const failed = (error: unknown): Streamed => {
    if (!(error instanceof ServiceFault)) throw error;
    return [[], new ProducedStream<WitRow>((writer) => writer.close()), Promise.resolve(err(tell(error)))];
  };
  return sqlite(state, (call) => {
    try {
      const query = connection.query(statement, parameters.map(fromWit), call);
      return query instanceof Promise
        ? query.then((found) => stream(state, found)).catch(failed)
        : stream(state, query);
    } catch (error) {
      return failed(error);
    }
  });
}

function stream(state: OpenConnections, query: Query): Streamed {
  const end = Promise.withResolvers<Result<undefined, SqliteError>>();
  const first = new GuestCall(state);
  first.keep(bytesOfPiece(query));
  const rows = new ProducedStream<WitRow>((writer) => void produce(state, query, first, writer).then(end.resolve));
  return [query.columns, rows, end.promise];
}

async function produce(
  state: OpenConnections,
  query: Query,
  first: GuestCall,
  writer: StreamWriter<WitRow>,
): Promise<Result<undefined, SqliteError>> {
  let call = first;
  try {
    for (let piece: RowPiece = query; ; piece = await piece.next(call)) {
      if (call !== first) call.keep(bytesOfPiece(piece));
      await writer.write(piece.rows.map(toWitRow));
      call.release();
      if (!piece.next) return ok();
      if (writer.dropped) break;
      call = new GuestCall(state);
    }
    query.close?.();
    return ok();
  } catch (error) {
    query.close?.();
    return err(error instanceof ServiceFault ? tell(error) : { tag: 'io', val: 'the rows could not be read' });
  } finally {
    call.release();
    writer.close();
  }
}
