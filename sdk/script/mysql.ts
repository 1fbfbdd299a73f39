// MySQL and MariaDB: `mysql` of mayfly/sdk.
import { Connection as HostConnection } from 'fermyon:spin/mysql@2.0.0';
import { isBytes, kindOf, ownBytes } from './bytes.ts';
import { asking } from './errors.ts';
import { integerOf, objectsOf } from './rows.ts';

type ParameterValue = Parameters<HostConnection['query']>[1][number];
type DbValue = ReturnType<HostConnection['query']>['rows'][number][number];
/** A value of the interface itself. */
type Tagged = { readonly tag: string; readonly val?: unknown };
type Parameter = null | undefined | boolean | number | bigint | string | Uint8Array | Date | Tagged;
type Value = null | boolean | number | bigint | string | Uint8Array;

const ask = <T>(call: () => T): T => asking('mysql', call);
const LARGEST_INT64 = 2n ** 63n - 1n;

function parameterOf(value: Parameter): ParameterValue {
  if (value === null || value === undefined) return { tag: 'db-null' };
  if (typeof value === 'boolean') return { tag: 'boolean', val: value };
  if (typeof value === 'bigint') return { tag: value > LARGEST_INT64 ? 'uint64' : 'int64', val: value };
  if (typeof value === 'string') return { tag: 'str', val: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { tag: 'int64', val: BigInt(value) } : { tag: 'floating64', val: value };
  if (isBytes(value)) return { tag: 'binary', val: value };
  if (value instanceof Date) return { tag: 'str', val: value.toISOString().replace('T', ' ').replace('Z', '') };
  // The interface itself says what is wrong with it.
  if (typeof value === 'object' && 'tag' in value) return value as ParameterValue;
  throw new TypeError(`MySQL has no value for ${kindOf(value)}: pass { tag, val } of its interface`);
}

function resultOf(value: DbValue): Value {
  if (value.tag === 'db-null' || value.tag === 'unsupported') return null;
  if (value.tag === 'binary') return ownBytes(value.val);
  return value.tag === 'int64' || value.tag === 'uint64' ? integerOf(value.val) : value.val;
}

class Connection {
  readonly #connection: HostConnection;

  constructor(connection: HostConnection) {
    this.#connection = connection;
  }

  query(statement: string, parameters: readonly Parameter[] = []): { columns: string[]; rows: Value[][] } {
    const given = parameters.map(parameterOf);
    const { columns, rows } = ask(() => this.#connection.query(statement, given));
    return { columns: columns.map(({ name }) => name), rows: rows.map((row) => row.map(resultOf)) };
  }

  all<Row = Record<string, Value>>(statement: string, parameters: readonly Parameter[] = []): Row[] {
    const { columns, rows } = this.query(statement, parameters);
    return objectsOf(columns, rows) as Row[];
  }

  run(statement: string, parameters: readonly Parameter[] = []): void {
    const given = parameters.map(parameterOf);
    ask(() => this.#connection.execute(statement, given));
  }
}

export const mysql = {
  open: (address: string) => new Connection(ask(() => HostConnection.open(address))),
};
