// Values of the server, in its binary format, as guests get them. What the type of the guest cannot hold is an error.
import { fault } from '../fault.ts';
import { dateOfDays, datetimeOfMicros, timeOfMicros } from './calendar.ts';
import { decodeNumeric } from './numeric.ts';
import type { KnownType } from './type-names.ts';
import { knownType } from './type-names.ts';
import type { BoundKind, DataType, DbValue, Range } from './values.ts';

type Read = (body: Buffer) => DbValue;

interface Kind {
  readonly dataType: string;
  readonly read: Read;
}

/** Why a value has no form for guests. */
class Unheld extends Error {}

const kind = <T>(dataType: string, value: (body: Buffer) => T): Kind => ({
  dataType,
  read: (body) => ({ tag: dataType, val: value(body) }) as unknown as DbValue,
});

const text = (body: Buffer): string => body.toString('utf8');
/** A copy: a view would keep all that came with it. */
const bytes = (body: Buffer): Uint8Array => new Uint8Array(body);
const int32 = (body: Buffer): number => body.readInt32BE(0);
const int64 = (body: Buffer): bigint => body.readBigInt64BE(0);

const strings = kind('str', text);
const datetimes = kind('datetime', (body) => {
  const micros = int64(body);
  if (micros === 2n ** 63n - 1n || micros === -(2n ** 63n)) throw new Unheld('it is infinite');
  return datetimeOfMicros(micros);
});
const stringArrays = kind('array-str', (body) => arrayOf(body, text));

const kinds: Partial<Record<KnownType, Kind>> = {
  bool: kind('boolean', (body) => body.readUInt8(0) !== 0),
  bytea: kind('binary', bytes),
  float4: kind('floating32', (body) => body.readFloatBE(0)),
  float8: kind('floating64', (body) => body.readDoubleBE(0)),
  int2: kind('int16', (body) => body.readInt16BE(0)),
  int4: kind('int32', int32),
  int8: kind('int64', int64),
  text: strings,
  varchar: strings,
  bpchar: strings,
  timestamp: datetimes,
  timestamptz: datetimes,
  date: kind('date', (body) => {
    const days = int32(body);
    if (days === 2 ** 31 - 1 || days === -(2 ** 31)) throw new Unheld('it is infinite');
    return dateOfDays(days);
  }),
  time: kind('time', (body) => timeOfMicros(int64(body))),
  uuid: kind('uuid', (body) =>
    body.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  ),
  jsonb: kind('jsonb', (body) => {
    if (body[0] !== 1) throw new Unheld(`its version is ${body[0]}`);
    return bytes(body.subarray(1));
  }),
  numeric: kind('decimal', decodeNumeric),
  int4range: kind('range-int32', (body) => rangeOf(body, int32)),
  int8range: kind('range-int64', (body) => rangeOf(body, int64)),
  numrange: kind('range-decimal', (body) => rangeOf(body, decodeNumeric)),
  _int4: kind('array-int32', (body) => arrayOf(body, int32)),
  _int8: kind('array-int64', (body) => arrayOf(body, int64)),
  _numeric: kind('array-decimal', (body) => arrayOf(body, decodeNumeric)),
  _text: stringArrays,
  _varchar: stringArrays,
  _bpchar: stringArrays,
  interval: kind('interval', (body) => ({
    micros: body.readBigInt64BE(0),
    days: body.readInt32BE(8),
    months: body.readInt32BE(12),
  })),
};

const kindOf = (oid: number): Kind | undefined => {
  const name = knownType(oid);
  return name === undefined ? undefined : kinds[name];
};

/** Undefined for a type of which guests get the bytes: its name is then told. */
export function dataTypeOf(oid: number): DataType | undefined {
  const found = kindOf(oid);
  return found && { tag: found.dataType };
}

const none: DbValue = { tag: 'db-null' };

/** Throws a PgFault that names the column, from 0. */
export function decodeValue(body: Buffer | null, oid: number, column: number): DbValue {
  if (body === null) return none;
  const found = kindOf(oid);
  if (!found) return { tag: 'unsupported', val: bytes(body) };
  try {
    return found.read(body);
  } catch (error) {
    const reason = error instanceof Unheld ? error.message : 'its bytes are not those of its type';
    throw fault('value-conversion-failed', `error deserializing column ${column}: ${reason}`);
  }
}

const EMPTY = 0x01;
const LOWER_INCLUSIVE = 0x02;
const UPPER_INCLUSIVE = 0x04;
const LOWER_INFINITE = 0x08;
const UPPER_INFINITE = 0x10;

function rangeOf<T>(body: Buffer, read: (body: Buffer) => T): Range<T> {
  const flags = body.readUInt8(0);
  if (flags & EMPTY) throw new Unheld('the range is empty');
  let at = 1;
  const bound = (infinite: number, inclusive: number): readonly [T, BoundKind] | undefined => {
    if (flags & infinite) return undefined;
    const length = body.readInt32BE(at);
    const value = read(body.subarray(at + 4, at + 4 + length));
    at += 4 + length;
    return [value, flags & inclusive ? 'inclusive' : 'exclusive'];
  };
  const lower = bound(LOWER_INFINITE, LOWER_INCLUSIVE);
  return [lower, bound(UPPER_INFINITE, UPPER_INCLUSIVE)];
}

function arrayOf<T>(body: Buffer, read: (body: Buffer) => T): (T | undefined)[] {
  const dimensions = body.readInt32BE(0);
  if (dimensions === 0) return [];
  if (dimensions !== 1) throw new Unheld(`the array has ${dimensions} dimensions`);
  const count = body.readInt32BE(12);
  const elements: (T | undefined)[] = [];
  let at = 20;
  for (let index = 0; index < count; index++) {
    const length = body.readInt32BE(at);
    at += 4;
    elements.push(length < 0 ? undefined : read(body.subarray(at, at + length)));
    at += Math.max(length, 0);
  }
  return elements;
}
