// What guests do with a connection: a statement for what it does, for its rows as a whole, or for its rows as a stream.
import type { Result } from '../../component/types/val-type.ts';
import { type GuestCall, type Later, perform, ServiceFault } from '../guest-call.ts';
import { allRows, type RowSet as RowSetOf, type Streamed, streamRows } from '../sql/row-stream.ts';
import { type MysqlError, mysqlErrorOf } from './fault.ts';
import type { Connection, OpenConnections } from './open-connections.ts';
import type { Column, DbRow, StatementRequest } from './statement.ts';
import type { ParameterValue } from './values.ts';

export type RowSet = RowSetOf<Column, DbRow>;

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
  return session.run({ text, parameters, wants: 'all' }, call, allRows);
}

/** Gives the columns as soon as the server has begun; an error after that comes in the future, after the rows. */
export function queryStreaming(
  state: OpenConnections,
  { session }: Connection,
  text: string,
  parameters: readonly ParameterValue[],
): Answer<Streamed<Column, DbRow, MysqlError>> {
  const request: StatementRequest = { text, parameters, wants: 'stream' };
  const tell = (error: unknown): MysqlError => (error instanceof ServiceFault ? mysqlErrorOf(error) : unreadable);
  return answer(state, () => streamRows(state, (call, use) => session.run(request, call, use), tell));
}

const unreadable: MysqlError = { tag: 'other', val: 'the rows could not be read' };
