// What guests do with a connection: a statement for its count, for its rows as a whole, or for its rows as a stream.
import type { Result } from '../../component/types/val-type.ts';
import { type GuestCall, type Later, perform, ServiceFault } from '../guest-call.ts';
import { allRows, type RowSet as RowSetOf, type Streamed, streamRows } from '../sql/row-stream.ts';
import { type PgError, pgErrorOf } from './fault.ts';
import type { Connection, OpenConnections } from './open-connections.ts';
import type { DbRow, StatementRequest } from './statement.ts';
import type { Column, ParameterValue } from './types/values.ts';

export type RowSet = RowSetOf<Column, DbRow>;

export type Answer<T> = Later<Result<T, PgError>>;

/** Runs `work` for a guest, which gets its errors. */
export function answer<T>(state: OpenConnections, work: (call: GuestCall) => Promise<T>): Answer<T> {
  return perform(state, work, pgErrorOf);
}

export async function execute(
  { session }: Connection,
  text: string,
  parameters: readonly ParameterValue[],
  call: GuestCall,
): Promise<bigint> {
  const request: StatementRequest = { text, parameters, namesTypes: false, wants: 'count' };
  try {
    return await session.run(request, call, async (run) => {
      await run.next();
      return run.count;
    });
  } finally {
    call.release();
  }
}

export async function query(
  { session }: Connection,
  text: string,
  parameters: readonly ParameterValue[],
  namesTypes: boolean,
  call: GuestCall,
): Promise<RowSet> {
  const request: StatementRequest = { text, parameters, namesTypes, wants: 'all' };
  return session.run(request, call, allRows);
}

/** Gives the columns as soon as the server has begun; an error after that comes in the future, after the rows. */
export function queryStreaming(
  state: OpenConnections,
  { session }: Connection,
  text: string,
  parameters: readonly ParameterValue[],
): Answer<Streamed<Column, DbRow, PgError>> {
  const request: StatementRequest = { text, parameters, namesTypes: true, wants: 'stream' };
  const tell = (error: unknown): PgError => (error instanceof ServiceFault ? pgErrorOf(error) : unreadable);
  return answer(state, () => streamRows(state, (call, use) => session.run(request, call, use), tell));
}

const unreadable: PgError = { tag: 'other', val: 'the rows could not be read' };
