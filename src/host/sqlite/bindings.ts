// SQLite as Spin's interfaces have it: numbers for connections in the first, resources in the second, and in the third
// functions that a guest need not wait for. What they do is the same.
import { err, type HostInterface, ok, type Result } from '../../component/types/val-type.ts';
import { type Later, lowered } from '../guest-call.ts';
import { defineInterface, lending, resource, suspending } from '../service.ts';
import type { Connection } from './database.ts';
import { execute, executeStreaming, sqlite } from './execute.ts';
import type { OpenConnections, SqliteError } from './open-connections.ts';
import signatures from './signatures.json' with { type: 'json' };
import type { WitValue } from './values.ts';

const SERVICE = 'sqlite';

const connection = resource('connection', (state: OpenConnections, one: Connection) => state.close(one));
const open = suspending((state: OpenConnections, database: string) => state.open(database));
const run = lending(suspending(execute), lowered);

/** These have no error to tell: an error of them ends the guest. */
const lastInsertRowid = suspending((state: OpenConnections, one: Connection) =>
  orTrap(sqlite(state, (call) => one.lastInsertRowid(call))),
);
const changes = suspending((state: OpenConnections, one: Connection) =>
  orTrap(sqlite(state, (call) => one.changes(call))),
);

function orTrap(result: Later<Result<bigint, SqliteError>>): Later<bigint> {
  const value = (one: Result<bigint, SqliteError>): bigint => {
    if (one.tag === 'err') throw new Error(`SQLite: ${one.val.tag}`);
    return one.val;
  };
  return result instanceof Promise ? result.then(value) : value(result);
}

const spin2 = defineInterface<OpenConnections>(SERVICE, 'fermyon:spin/sqlite', '2.0.0', {
  signatures: signatures['fermyon:spin/sqlite@2.0.0'],
  resources: [connection],
  functions: { '[static]connection.open': open, '[method]connection.execute': run },
});

/** Of 3.0.0, too. */
const spin3 = defineInterface<OpenConnections>(SERVICE, 'spin:sqlite/sqlite', '3.1.0', {
  signatures: signatures['spin:sqlite/sqlite@3.1.0'],
  resources: [connection],
  functions: {
    '[static]connection.open': open,
    '[static]connection.open-async': open,
    '[method]connection.execute': run,
    '[method]connection.execute-async': suspending(executeStreaming),
    '[method]connection.last-insert-rowid': lastInsertRowid,
    '[method]connection.last-insert-rowid-async': lastInsertRowid,
    '[method]connection.changes': changes,
    '[method]connection.changes-async': changes,
  },
});

const spin1 = defineInterface<OpenConnections>(SERVICE, 'fermyon:spin/sqlite', undefined, {
  signatures: signatures['fermyon:spin/sqlite'],
  functions: {
    open: suspending((state: OpenConnections, database: string) => {
      const number = (result: Result<Connection, SqliteError>): Result<number, SqliteError> =>
        result.tag === 'ok' ? ok(state.number(result.val)) : result;
      const opened = state.open(database);
      return opened instanceof Promise ? opened.then(number) : number(opened);
    }),
    execute: lending(
      suspending((state: OpenConnections, number: number, statement: string, parameters: readonly WitValue[]) => {
        const found = state.numbered.get(number);
        return found ? execute(state, found, statement, parameters) : err({ tag: 'invalid-connection' });
      }),
      lowered,
    ),
    close: (state: OpenConnections, number: number) => state.closeNumber(number),
  },
});

export const sqliteInterfaces = [spin1, spin2, spin3];

const testSignatures = Object.entries(signatures['fermyon:spin/sqlite@2.0.0']).map(([name, text]) => [
  name,
  text.replaceAll('fermyon:spin/sqlite/', 'fermyon:spin-test-virt/sqlite/'),
]);

/** The same for a test that is a component, over the databases of the app that it tests. */
export const spinTestSqlite: HostInterface = {
  ...spin2,
  name: 'fermyon:spin-test-virt/sqlite',
  version: undefined,
  signatures: Object.fromEntries(testSignatures),
};
