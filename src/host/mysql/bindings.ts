// MySQL as Spin's interfaces have it: the first opens a connection for each call, the second has resources for them, and the
// third functions that a guest need not wait for, with rows as a stream. What they do is the same.
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { type Later, lowered } from '../guest-call.ts';
import { defineInterface, lending, resource, suspending } from '../service.ts';
import type { MysqlError } from './fault.ts';
import type { Connection, OpenConnections } from './open-connections.ts';
import { type Answer, answer, execute, query, queryStreaming, type RowSet } from './query.ts';
import signatures from './signatures.json' with { type: 'json' };
import type { ParameterValue } from './values.ts';

const SERVICE = 'mysql';

type Parameters = readonly ParameterValue[];

const connection = resource('connection', (state: OpenConnections, one: Connection) => state.close(one));

const open = (state: OpenConnections, address: string): Answer<Connection> => answer(state, () => state.open(address));
const run = (state: OpenConnections, one: Connection, statement: string, parameters: Parameters): Answer<undefined> =>
  answer(state, (call) => execute(one, statement, parameters, call));
const rows = (state: OpenConnections, one: Connection, statement: string, parameters: Parameters): Answer<RowSet> =>
  answer(state, (call) => query(one, statement, parameters, call));

const mysql2 = defineInterface<OpenConnections>(SERVICE, 'fermyon:spin/mysql', '2.0.0', {
  signatures: signatures['fermyon:spin/mysql@2.0.0'],
  resources: [connection],
  functions: {
    '[static]connection.open': suspending(open),
    '[method]connection.execute': suspending(run),
    '[method]connection.query': lending(suspending(rows), lowered),
  },
});

const mysql3 = defineInterface<OpenConnections>(SERVICE, 'spin:mysql/mysql', '3.0.0', {
  signatures: signatures['spin:mysql/mysql@3.0.0'],
  resources: [connection],
  functions: {
    '[static]connection.open': suspending(open),
    '[method]connection.execute': suspending(run),
    '[method]connection.query': suspending(queryStreaming),
  },
});

type Error1 = { readonly tag: string; readonly val: string };

/** A connection for one call, and errors as the first interface has them. */
async function once<T>(
  state: OpenConnections,
  address: string,
  work: (one: Connection) => Answer<T>,
): Promise<Result<T, Error1>> {
  const opened = await open(state, address);
  if (opened.tag === 'err') return err(error1(opened.val));
  try {
    const found = await work(opened.val);
    lowered(found);
    return found.tag === 'ok' ? ok(found.val) : err(error1(found.val));
  } finally {
    state.close(opened.val);
  }
}

const error1 = ({ tag, val }: MysqlError): Error1 => ({ tag: tag === 'other' ? 'other-error' : tag, val });

type Once<T> = (state: OpenConnections, address: string, statement: string, parameters: Parameters) => Later<T>;
const runOnce: Once<unknown> = (state, address, statement, parameters) =>
  once(state, address, (one) => run(state, one, statement, parameters));
const rowsOnce: Once<unknown> = (state, address, statement, parameters) =>
  once(state, address, (one) => rows(state, one, statement, parameters));

const mysql1 = defineInterface<OpenConnections>(SERVICE, 'fermyon:spin/mysql', undefined, {
  signatures: signatures['fermyon:spin/mysql'],
  functions: { execute: suspending(runOnce), query: suspending(rowsOnce) },
});

export const mysqlInterfaces = [mysql1, mysql2, mysql3];
