// Rows of a statement for guests: all of them at once, or as a stream at the pace of its reader.
import { ProducedStream, type StreamWriter } from '../../component/types/streams.ts';
import { err, ok, type Result } from '../../component/types/val-type.ts';
import type { CallingRequest } from '../guest-call.ts';
import { GuestCall } from '../guest-call.ts';

export interface Piece<Row> {
  readonly rows: readonly Row[];
  /** What it was counted with, which the one who passes it on gives back. */
  readonly bytes: number;
  readonly isLast: boolean;
}

/** A statement that is under way. */
export interface RowRun<Column, Row> {
  readonly columns: readonly Column[];
  next(): Promise<Piece<Row>>;
}

/** Runs a statement: it is over when `use` settles. */
export type RunStatement<Column, Row> = (
  call: GuestCall,
  use: (run: RowRun<Column, Row>) => Promise<void>,
) => Promise<void>;

export interface RowSet<Column, Row> {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export async function allRows<Column, Row>(run: RowRun<Column, Row>): Promise<RowSet<Column, Row>> {
  const rows: Row[] = [];
  for (;;) {
    const piece = await run.next();
    for (const row of piece.rows) rows.push(row);
    if (piece.isLast) return { columns: run.columns, rows };
  }
}

export type Streamed<Column, Row, E> = readonly [
  columns: readonly Column[],
  rows: ProducedStream<Row>,
  end: Promise<Result<undefined, E>>,
];

/**
 * Settles when the server has begun, with the columns; rejects when the statement fails before. An error after that comes
 * in the future, after the rows. `tell` makes it of what was thrown.
 */
export function streamRows<Column, Row, E>(
  request: CallingRequest,
  runStatement: RunStatement<Column, Row>,
  tell: (error: unknown) => E,
): Promise<Streamed<Column, Row, E>> {
  const started = Promise.withResolvers<Streamed<Column, Row, E>>();
  const end = Promise.withResolvers<Result<undefined, E>>();
  const call = new GuestCall(request);
  const all = runStatement(call, (run) => {
    const written = Promise.withResolvers<void>();
    const produce = (writer: StreamWriter<Row>): void => {
      write(run, writer, call).then(written.resolve, written.reject);
    };
    started.resolve([run.columns, new ProducedStream(produce), end.promise]);
    return written.promise;
  });
  all.then(
    () => end.resolve(ok()),
    (error: unknown) => {
      started.reject(error as Error);
      end.resolve(err(tell(error)));
    },
  );
  void end.promise.then(() => call.release());
  return started.promise;
}

async function write<Row>(run: RowRun<unknown, Row>, writer: StreamWriter<Row>, call: GuestCall): Promise<void> {
  try {
    for (;;) {
      const { rows, bytes, isLast } = await run.next();
      if (rows.length > 0) await writer.write(rows);
      call.keep(-bytes);
      if (isLast || writer.dropped) return;
    }
  } finally {
    writer.close();
  }
}
