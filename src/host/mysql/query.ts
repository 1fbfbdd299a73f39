// What guests do with a connection: a statement for what it does, for its rows as a whole, or for its rows as a stream.
import { ProducedStream, type StreamWriter } from '../../component/types/streams.ts';
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { GuestCall, type Later, perform, ServiceFault } from '../guest-call.ts';
import { type MysqlError, mysqlErrorOf } from './fault.ts';
import type { Connection, OpenConnections } from './open-connections.ts';
import type { Column, DbRow, Run, StatementRequest } from './statement.ts';
import type { ParameterValue } from './values.ts';

export interface RowSet {
  readonly columns: readonly Column[];
  readonly rows: readonly DbRow[];
}

export type Answer<T> = Later<Result<T, MysqlError>>;

/** Runs `work` for a guest, which gets its errors. */
export function answer<T>(state: OpenConnections, work: (call: GuestCall) => Promise<T>): Answer<T> {
  return perform(state, work, mysqlErrorOf);
}

export async function execute(
  { session }: Connection,
  text: string,
  parameters: readonly ParameterValue[],
  call: GuestCall,
): Promise<undefined> {
  try {
    await session.run({ text, parameters, wants: 'nothing' }, call, (run) => run.next());
  } finally {
    call.release();
  }
}

export async function query(
  { session }: Connection,
  text: string,
  parameters: readonly ParameterValue[],
  call: GuestCall,
): Promise<RowSet> {
  return session.run({ text, parameters, wants: 'all' }, call, async (run) => {
    const rows: DbRow[] = [];
    for (;;) {
      const piece = await run.next();
      for (const row of piece.rows) rows.push(row);
      if (piece.isLast) return { columns: run.columns, rows };
    }
  });
}

export type Streamed = readonly [
  columns: readonly Column[],
  rows: ProducedStream<DbRow>,
  end: Promise<Result<undefined, MysqlError>>,
];

/** Gives the columns as soon as the server has begun; an error after that comes in the future, after the rows. */
export function queryStreaming(
  state: OpenConnections,
  { session }: Connection,
  text: string,
  parameters: readonly ParameterValue[],
): Answer<Streamed> {
  return answer(state, () => {
    const started = Promise.withResolvers<Streamed>();
    const end = Promise.withResolvers<Result<undefined, MysqlError>>();
    const call = new GuestCall(state);
    const request: StatementRequest = { text, parameters, wants: 'stream' };
    const all = session.run(request, call, (run) => {
      const written = Promise.withResolvers<void>();
      const produce = (writer: StreamWriter<DbRow>): void => {
        write(run, writer, call).then(written.resolve, written.reject);
      };
      started.resolve([run.columns, new ProducedStream(produce), end.promise]);
      return written.promise;
    });
    all.then(
      () => end.resolve(ok()),
      (error: unknown) => {
        started.reject(error as Error);
        end.resolve(err(error instanceof ServiceFault ? mysqlErrorOf(error) : unreadable));
      },
    );
    void end.promise.then(() => call.release());
    return started.promise;
  });
}

const unreadable: MysqlError = { tag: 'other', val: 'the rows could not be read' };

async function write(run: Run, writer: StreamWriter<DbRow>, call: GuestCall): Promise<void> {
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
