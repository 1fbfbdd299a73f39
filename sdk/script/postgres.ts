// PostgreSQL: `postgres` of mayfly/sdk.
import { Connection as HostConnection } from 'spin:postgres/postgres@4.2.0';
import { isBytes, kindOf, ownBytes } from './bytes.ts';
import { asking } from './errors.ts';
import { integerOf, objectsOf } from './rows.ts';

type ParameterValue = Parameters<HostConnection['query']>[1][number];
type DbValue = ReturnType<HostConnection['query']>['rows'][number][number];
/** A value of the interface itself. */
type Tagged = { readonly tag: string; readonly val?: unknown };
type Parameter = null | undefined | boolean | number | bigint | string | Uint8Array | Date | Tagged;

const ask = <T>(call: () => T): T => asking('postgres', call);
const INT32 = 2 ** 31;

function parameterOf(value: Parameter): ParameterValue {
  if (value === null || value === undefined) return { tag: 'db-null' };
  if (typeof value === 'boolean') return { tag: 'boolean', val: value };
  if (typeof value === 'bigint') return { tag: 'int64', val: value };
  if (typeof value === 'string') return { tag: 'str', val: value };
  if (typeof value === 'number') return numberOf(value);
  if (isBytes(value)) return { tag: 'binary', val: value };
  if (value instanceof Date) return { tag: 'datetime', val: datetimeOf(value) };
  // The interface itself says what is wrong with it.
  if (typeof value === 'object' && 'tag' in value) return value as ParameterValue;
  throw new TypeError(`PostgreSQL has no value for ${kindOf(value)}: pass { tag, val } of its interface`);
}

function numberOf(value: number): ParameterValue {
  if (!Number.isSafeInteger(value)) return { tag: 'floating64', val: value };
  return value >= -INT32 && value < INT32 ? { tag: 'int32', val: value } : { tag: 'int64', val: BigInt(value) };
}

type Datetime = Extract<ParameterValue, { tag: 'datetime' }>['val'];

function datetimeOf(date: Date): Datetime {
  const day = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()] as const;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()] as const;
  return [...day, ...time, date.getUTCMilliseconds() * 1_000_000];
}

const digits = (value: number, length: number): string => String(value).padStart(length, '0');
const dateText = (year: number, month: number, day: number): string =>
  `${year < 0 ? '-' : ''}${digits(Math.abs(year), 4)}-${digits(month, 2)}-${digits(day, 2)}`;

/** PostgreSQL counts microseconds. */
const timeText = (hour: number, minute: number, second: number, nanoseconds: number): string => {
  const micros = Math.floor(nanoseconds / 1000);
  const fraction = micros === 0 ? '' : `.${digits(micros, 6)}`;
  return `${digits(hour, 2)}:${digits(minute, 2)}:${digits(second, 2)}${fraction}`;
};

type Bound<T> = readonly [T, 'inclusive' | 'exclusive'] | null | undefined;

function rangeOf<T, V>([lower, upper]: readonly [Bound<T>, Bound<T>], each: (value: T) => V) {
  const boundOf = (bound: Bound<T>) =>
    bound ? { value: each(bound[0]), isInclusive: bound[1] === 'inclusive' } : null;
  return { lower: boundOf(lower), upper: boundOf(upper) };
}

const same = <T>(value: T): T => value;

function resultOf(value: DbValue): unknown {
  switch (value.tag) {
    case 'db-null':
      return null;
    case 'int64':
    case 'timestamp':
      return integerOf(value.val);
    case 'date':
      return dateText(...value.val);
    case 'time':
      return timeText(...value.val);
    case 'datetime': {
      const [year, month, day, ...time] = value.val;
      return `${dateText(year, month, day)}T${timeText(...time)}`;
    }
    case 'binary':
      return ownBytes(value.val);
    case 'jsonb':
      return JSON.parse(new TextDecoder().decode(value.val));
    case 'array-int64':
      return value.val.map((one) => (one === null || one === undefined ? null : integerOf(one)));
    case 'array-int32':
    case 'array-decimal':
    case 'array-str':
      return value.val.map((one: number | string | null | undefined) => one ?? null);
    case 'range-int64':
      return rangeOf(value.val, integerOf);
    case 'range-int32':
      return rangeOf(value.val, same<number>);
    case 'range-decimal':
      return rangeOf(value.val, same<string>);
    case 'interval': {
      const { micros, days, months } = value.val;
      return { micros: integerOf(micros), days, months };
    }
    case 'unsupported':
      return ownBytes(value.val);
    default:
      return value.val;
  }
}

class Connection {
  readonly #connection: HostConnection;

  constructor(connection: HostConnection) {
    this.#connection = connection;
  }

  query(statement: string, parameters: readonly Parameter[] = []): { columns: string[]; rows: unknown[][] } {
    const given = parameters.map(parameterOf);
    const { columns, rows } = ask(() => this.#connection.query(statement, given));
    return { columns: columns.map(({ name }) => name), rows: rows.map((row) => row.map(resultOf)) };
  }

  all<Row = Record<string, unknown>>(statement: string, parameters: readonly Parameter[] = []): Row[] {
    const { columns, rows } = this.query(statement, parameters);
    return objectsOf(columns, rows) as Row[];
  }

  run(statement: string, parameters: readonly Parameter[] = []): number {
    const given = parameters.map(parameterOf);
    return Number(ask(() => this.#connection.execute(statement, given)));
  }
}

export const postgres = {
  open: (address: string) => new Connection(ask(() => HostConnection.open(address))),
};
