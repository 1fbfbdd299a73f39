// PostgreSQL as Spin's interfaces have it: the first opens a connection for each call, the second and third have resources
// for them, and the fourth has functions that a guest need not wait for, and more types. What they do is the same.
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { type Later, lowered } from '../guest-call.ts';
import { defineInterface, lending, resource, suspending } from '../service.ts';
import { ConnectionBuilder } from './connection-builder.ts';
import type { PgError } from './fault.ts';
import { error1, olderError, rowSet2, rowSet3 } from './older-values.ts';
import type { Connection, OpenConnections } from './open-connections.ts';
import { type Answer, answer, execute, query, queryStreaming, type RowSet } from './query.ts';
import signatures from './signatures.json' with { type: 'json' };
import type { ParameterValue } from './types/values.ts';

const SERVICE = 'postgres';

type Parameters = readonly ParameterValue[];

const connection = resource('connection', (state: OpenConnections, one: Connection) => state.close(one));

const open = (state: OpenConnections, address: string): Answer<Connection> => answer(state, () => state.open(address));
const run = (state: OpenConnections, one: Connection, statement: string, parameters: Parameters): Answer<bigint> =>
  answer(state, (call) => execute(one, statement, parameters, call));

/** Results of the newest interface as those of an older one; what is kept for them is given back all the same. */
function adapt<T, U, E>(found: Answer<T>, value: (one: T) => U, error: (one: PgError) => E): Later<Result<U, E>> {
  const one = (result: Result<T, PgError>): Result<U, E> => {
    lowered(result);
    return result.tag === 'ok' ? ok(value(result.val)) : err(error(result.val));
  };
  return found instanceof Promise ? found.then(one) : one(found);
}

const same = <T>(value: T): T => value;

/** Of interfaces 2 and 3. */
function olderFunctions(rowSet: (rows: RowSet) => unknown) {
  return {
    '[static]connection.open': suspending((state: OpenConnections, address: string) =>
      adapt(open(state, address), same, olderError),
    ),
    '[method]connection.execute': suspending(
      (state: OpenConnections, one: Connection, statement: string, parameters: Parameters) =>
        adapt(run(state, one, statement, parameters), same, olderError),
    ),
    '[method]connection.query': suspending(
      (state: OpenConnections, one: Connection, statement: string, parameters: Parameters) =>
        adapt(
          answer(state, (call) => query(one, statement, parameters, false, call)),
          rowSet,
          olderError,
        ),
    ),
  };
}

const postgres2 = defineInterface<OpenConnections>(SERVICE, 'fermyon:spin/postgres', '2.0.0', {
  signatures: signatures['fermyon:spin/postgres@2.0.0'],
  resources: [connection],
  functions: olderFunctions(rowSet2),
});

const postgres3 = defineInterface<OpenConnections>(SERVICE, 'spin:postgres/postgres', '3.0.0', {
  signatures: signatures['spin:postgres/postgres@3.0.0'],
  resources: [connection],
  functions: olderFunctions(rowSet3),
});

const openNew = suspending(open);
const runNew = suspending(run);
const build = suspending((state: OpenConnections, builder: ConnectionBuilder) =>
  answer(state, () => builder.build(state)),
);

/** Of 4.0.0 and 4.1.0, too. */
const postgres4 = defineInterface<OpenConnections>(SERVICE, 'spin:postgres/postgres', '4.2.0', {
  signatures: signatures['spin:postgres/postgres@4.2.0'],
  resources: [
    connection,
    resource('connection-builder', (_: OpenConnections, builder: ConnectionBuilder) => builder.drop()),
  ],
  functions: {
    '[constructor]connection-builder': (state: OpenConnections, address: string) =>
      new ConnectionBuilder(state, address),
    '[method]connection-builder.set-ca-root': suspending(
      (state: OpenConnections, builder: ConnectionBuilder, certificate: string) =>
        answer(state, () => builder.setCaRoot(certificate)),
    ),
    '[method]connection-builder.build': build,
    '[method]connection-builder.build-async': build,
    '[static]connection.open': openNew,
    '[static]connection.open-async': openNew,
    '[method]connection.execute': runNew,
    '[method]connection.execute-async': runNew,
    '[method]connection.query': lending(
      suspending((state: OpenConnections, one: Connection, statement: string, parameters: Parameters) =>
        answer(state, (call) => query(one, statement, parameters, true, call)),
      ),
      lowered,
    ),
    '[method]connection.query-async': suspending(queryStreaming),
  },
});

/** A connection for one call. */
function once<T>(
  state: OpenConnections,
  address: string,
  work: (one: Connection) => Answer<T>,
): Promise<Result<T, PgError>> {
  const opened = async (): Promise<Result<T, PgError>> => {
    const found = await open(state, address);
    if (found.tag === 'err') return found;
    try {
      return await work(found.val);
    } finally {
      state.close(found.val);
    }
  };
  return opened();
}

const postgres1 = defineInterface<OpenConnections>(SERVICE, 'fermyon:spin/postgres', undefined, {
  signatures: signatures['fermyon:spin/postgres'],
  functions: {
    execute: suspending((state: OpenConnections, address: string, statement: string, parameters: Parameters) =>
      adapt(
        once(state, address, (one) => run(state, one, statement, parameters)),
        same,
        error1,
      ),
    ),
    query: suspending((state: OpenConnections, address: string, statement: string, parameters: Parameters) =>
      adapt(
        once(state, address, (one) => answer(state, (call) => query(one, statement, parameters, false, call))),
        rowSet2,
        error1,
      ),
    ),
  },
});

export const postgresInterfaces = [postgres1, postgres2, postgres3, postgres4];

/** Types of the older interfaces of both kinds of servers. Components import them, and there is nothing to call. */
export const rdbmsTypes = ['2.0.0', undefined].map((version) =>
  defineInterface<OpenConnections>(SERVICE, 'fermyon:spin/rdbms-types', version, { functions: {} }),
);
