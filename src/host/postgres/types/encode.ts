// Parameters of guests in the binary format of the server. As in Spin each goes with certain types only, and is never
// converted; what the type of the server cannot hold is an error.
import { clientFault, fault } from '../fault.ts';
import { daysOfDate, microsOfDatetime, microsOfTime, microsOfUnixTime } from './calendar.ts';
import { encodeNumeric } from './numeric.ts';
import { debugName, type KnownType, oids } from './type-names.ts';
import type { ParameterValue, Range } from './values.ts';

/** The types that a parameter goes with, and how Rust calls it, for Spin's message. */
const accepted: Readonly<Record<string, readonly [rust: string, ...types: (KnownType | 'citext' | 'ltree')[]]>> = {
  boolean: ['bool', 'bool'],
  int8: ['i8', 'char'],
  int16: ['i16', 'int2'],
  int32: ['i32', 'int4'],
  int64: ['i64', 'int8'],
  floating32: ['f32', 'float4'],
  floating64: ['f64', 'float8'],
  str: ['alloc::string::String', 'varchar', 'text', 'bpchar', 'name', 'unknown', 'citext', 'ltree'],
  binary: ['alloc::vec::Vec<u8>', 'bytea'],
  date: ['chrono::naive::date::NaiveDate', 'date'],
  time: ['chrono::naive::time::NaiveTime', 'time'],
  datetime: ['chrono::naive::datetime::NaiveDateTime', 'timestamp'],
  timestamp: ['chrono::datetime::DateTime<chrono::offset::utc::Utc>', 'timestamptz'],
  uuid: ['uuid::Uuid', 'uuid'],
  jsonb: ['serde_json::value::Value', 'json', 'jsonb'],
  decimal: ['rust_decimal::decimal::Decimal', 'numeric'],
  'range-int32': ['postgres_range::Range<i32>', 'int4range'],
  'range-int64': ['postgres_range::Range<i64>', 'int8range'],
  'range-decimal': ['postgres_range::Range<RangeableDecimal>', 'numrange'],
  'array-int32': ['alloc::vec::Vec<core::option::Option<i32>>', '_int4'],
  'array-int64': ['alloc::vec::Vec<core::option::Option<i64>>', '_int8'],
  'array-decimal': ['alloc::vec::Vec<core::option::Option<rust_decimal::decimal::Decimal>>', '_numeric'],
  'array-str': ['alloc::vec::Vec<core::option::Option<alloc::string::String>>', '_text', '_varchar', '_bpchar'],
  interval: ['spin_factor_outbound_pg::types::interval::Interval', 'interval'],
};

/** Encodes what needs not be known of the statement. Throws a PgFault. */
export function encodeParameter(parameter: ParameterValue): Buffer | null {
  switch (parameter.tag) {
    case 'db-null':
      return null;
    case 'boolean':
      return Buffer.of(parameter.val ? 1 : 0);
    case 'int8':
      return Buffer.of(parameter.val & 0xff);
    case 'int16':
      return written(2, (body) => body.writeInt16BE(parameter.val));
    case 'int32':
      return int32(parameter.val);
    case 'int64':
      return int64(parameter.val);
    case 'floating32':
      return written(4, (body) => body.writeFloatBE(parameter.val));
    case 'floating64':
      return written(8, (body) => body.writeDoubleBE(parameter.val));
    case 'str':
      return Buffer.from(parameter.val);
    case 'binary':
    case 'jsonb':
      return Buffer.from(parameter.val.buffer, parameter.val.byteOffset, parameter.val.byteLength);
    case 'date': {
      const [year, month, day] = parameter.val;
      return int32(daysOfDate(parameter.val) ?? bad(`invalid date y=${year}, m=${month}, d=${day}`));
    }
    case 'time':
      return int64(microsOfTime(parameter.val) ?? bad(`invalid time ${parameter.val.join(':')}`));
    case 'datetime':
      return int64(datetime(parameter.val));
    case 'timestamp':
      return int64(inRange(microsOfUnixTime(parameter.val)) ?? bad(`invalid epoch timestamp ${parameter.val}`));
    case 'uuid':
      return uuid(parameter.val);
    case 'decimal':
      return decimal(parameter.val);
    case 'range-int32':
      return range(parameter.val, int32);
    case 'range-int64':
      return range(parameter.val, int64);
    case 'range-decimal':
      return range(parameter.val, decimal);
    case 'array-int32':
      return array(parameter.val, oids.int4, int32);
    case 'array-int64':
      return array(parameter.val, oids.int8, int64);
    case 'array-decimal':
      return array(parameter.val, oids.numeric, decimal);
    case 'array-str':
      return array(parameter.val, oids.text, (text) => Buffer.from(text));
    case 'interval': {
      const { micros, days, months } = parameter.val;
      return Buffer.concat([int64(micros), int32(days), int32(months)]);
    }
    default:
      throw fault('value-conversion-failed', 'Postgres does not support unsigned integers');
  }
}

/**
 * Fits an encoded parameter to the type that the statement has for it, `name` of the catalogue. Throws a PgFault when
 * that is another.
 */
export function fitParameter(body: Buffer | null, tag: string, name: string, index: number): Buffer | null {
  if (body === null) return null;
  const [rust, ...types] = accepted[tag]!;
  if (!(types as readonly string[]).includes(name)) {
    const wrong = `WrongType { postgres: ${debugName(name)}, rust: "${rust}" }`;
    throw clientFault(`ToSql(${index})`, `Some(${wrong})`);
  }
  if (name === 'jsonb' || name === 'ltree') return Buffer.concat([Buffer.of(1), body]);
  if (tag === 'array-str' && name !== '_text') body.writeInt32BE(name === '_varchar' ? oids.varchar : oids.bpchar, 8);
  return body;
}

function written(bytes: number, write: (body: Buffer) => void): Buffer {
  const body = Buffer.allocUnsafe(bytes);
  write(body);
  return body;
}

const int32 = (value: number): Buffer => written(4, (body) => body.writeInt32BE(value));
const int64 = (value: bigint): Buffer => written(8, (body) => body.writeBigInt64BE(value));

/** Without the values that stand for infinity. */
function inRange(micros: bigint): bigint | undefined {
  return micros > -(2n ** 63n) && micros < 2n ** 63n - 1n ? micros : undefined;
}

function datetime(value: Extract<ParameterValue, { tag: 'datetime' }>['val']): bigint {
  const [year, month, day, ...time] = value;
  if (daysOfDate([year, month, day]) === undefined) bad(`invalid date y=${year}, m=${month}, d=${day}`);
  const micros = microsOfDatetime(value) ?? bad(`invalid time ${time.join(':')}`);
  return inRange(micros) ?? bad(`invalid date y=${year}, m=${month}, d=${day}`);
}

function uuid(text: string): Buffer {
  const hex = /^(?:urn:uuid:)?\{?([0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})\}?$/i.exec(text)?.[1];
  return Buffer.from((hex ?? bad(`invalid UUID ${text}`)).replaceAll('-', ''), 'hex');
}

function decimal(text: string): Buffer {
  return encodeNumeric(text) ?? bad(`invalid decimal ${text}`);
}

function range<T>([lower, upper]: Range<T>, encode: (value: T) => Buffer): Buffer {
  const flags =
    (lower ? (lower[1] === 'inclusive' ? 0x02 : 0) : 0x08) | (upper ? (upper[1] === 'inclusive' ? 0x04 : 0) : 0x10);
  const bounds = [lower, upper].flatMap((bound) => (bound ? [withLength(encode(bound[0]))] : []));
  return Buffer.concat([Buffer.of(flags), ...bounds]);
}

const withLength = (body: Buffer): Buffer => Buffer.concat([int32(body.length), body]);

function array<T>(elements: readonly (T | undefined)[], oid: number, encode: (value: T) => Buffer): Buffer {
  const hasNull = elements.some((element) => element === undefined);
  const head = [elements.length > 0 ? 1 : 0, hasNull ? 1 : 0, oid].map(int32);
  const size = elements.length > 0 ? [int32(elements.length), int32(1)] : [];
  const bodies = elements.map((element) => (element === undefined ? int32(-1) : withLength(encode(element))));
  return Buffer.concat([...head, ...size, ...bodies]);
}

function bad(text: string): never {
  throw fault('bad-parameter', text);
}
