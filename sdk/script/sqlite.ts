// SQLite databases: `sqlite` of mayfly/sdk.
import { Connection as HostConnection } from 'spin:sqlite/sqlite@3.1.0';
import { isBytes, kindOf, ownBytes } from './bytes.ts';
import { asking } from './errors.ts';
import { integerOf, objectsOf } from './rows.ts';

type HostValue = Parameters<HostConnection['execute']>[1][number];
type Parameter = null | undefined | boolean | number | bigint | string | Uint8Array;
type Value = null | number | bigint | string | Uint8Array;

const ask = <T>(call: () => T): T => asking('sqlite', call);

function parameterOf(value: Parameter): HostValue {
  if (value === null || value === undefined) return { tag: 'null' };
  if (typeof value === 'boolean') return { tag: 'integer', val: BigInt(value) };
  if (typeof value === 'bigint') return { tag: 'integer', val: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { tag: 'integer', val: BigInt(value) } : { tag: 'real', val: value };
  if (typeof value === 'string') return { tag: 'text', val: value };
  if (isBytes(value)) return { tag: 'blob', val: value };
  throw new TypeError(`SQLite has no value for ${kindOf(value)}`);
}

function resultOf(value: HostValue): Value {
  if (value.tag === 'null') return null;
  if (value.tag === 'blob') return ownBytes(value.val);
  return value.tag === 'integer' ? integerOf(value.val) : value.val;
}

class Database {
  readonly #connection: HostConnection;

  constructor(connection: HostConnection) {
    this.#connection = connection;
  }

  query(statement: string, parameters: readonly Parameter[] = []): { columns: string[]; rows: Value[][] } {
    const given = parameters.map(parameterOf);
    const { columns, rows } = ask(() => this.#connection.execute(statement, given));
    return { columns, rows: rows.map(({ values }) => values.map(resultOf)) };
  }

  all<Row = Record<string, Value>>(statement: string, parameters: readonly Parameter[] = []): Row[] {
    const { columns, rows } = this.query(statement, parameters);
    return objectsOf(columns, rows) as Row[];
  }

  run(statement: string, parameters: readonly Parameter[] = []): { changes: number; lastInsertRowid: number | bigint } {
    const given = parameters.map(parameterOf);
    return ask(() => {
      this.#connection.execute(statement, given);
      return {
        changes: Number(this.#connection.changes()),
        lastInsertRowid: integerOf(this.#connection.lastInsertRowid()),
      };
    });
  }
}

export const sqlite = {
  open: (name = 'default') => new Database(ask(() => HostConnection.open(name))),
};
