// Values of the server, in its binary format, as guests get them, and their parameters. Text stands for what guests have no
// type for, so that nothing is rounded.
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html
import { MysqlFault } from './fault.ts';
import { type ColumnDefinition, Reader } from './wire/messages.ts';

export type DataType = `${'int' | 'uint'}${8 | 16 | 32 | 64}` | `floating${32 | 64}` | 'str' | 'binary' | 'other';

export type ParameterValue =
  | { readonly tag: 'boolean'; readonly val: boolean }
  | { readonly tag: 'int8' | 'int16' | 'int32' | 'uint8' | 'uint16' | 'uint32'; readonly val: number }
  | { readonly tag: 'floating32' | 'floating64'; readonly val: number }
  | { readonly tag: 'int64' | 'uint64'; readonly val: bigint }
  | { readonly tag: 'str'; readonly val: string }
  | { readonly tag: 'binary'; readonly val: Uint8Array }
  | { readonly tag: 'db-null' };

export type DbValue = ParameterValue;

/** The numbers of the types. https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html */
const type = {
  DECIMAL: 0,
  TINY: 1,
  SHORT: 2,
  LONG: 3,
  FLOAT: 4,
  DOUBLE: 5,
  NULL: 6,
  TIMESTAMP: 7,
  LONGLONG: 8,
  INT24: 9,
  DATE: 10,
  TIME: 11,
  DATETIME: 12,
  YEAR: 13,
  BIT: 16,
  JSON: 245,
  NEWDECIMAL: 246,
  TINY_BLOB: 249,
  MEDIUM_BLOB: 250,
  LONG_BLOB: 251,
  BLOB: 252,
  VAR_STRING: 253,
  STRING: 254,
  GEOMETRY: 255,
} as const;

const UNSIGNED = 0x20;
const BINARY = 0x80;

export function dataTypeOf({ type: number, flags }: ColumnDefinition): DataType {
  const sign = flags & UNSIGNED ? 'uint' : 'int';
  switch (number) {
    case type.TINY:
      return `${sign}8`;
    case type.SHORT:
      return `${sign}16`;
    case type.LONG:
    case type.INT24:
      return `${sign}32`;
    case type.LONGLONG:
      return `${sign}64`;
    case type.YEAR:
      return 'uint16';
    case type.BIT:
      return 'uint64';
    case type.FLOAT:
      return 'floating32';
    case type.DOUBLE:
      return 'floating64';
    case type.BLOB:
    case type.VAR_STRING:
    case type.STRING:
      return flags & BINARY ? 'binary' : 'str';
    case type.TINY_BLOB:
    case type.MEDIUM_BLOB:
    case type.LONG_BLOB:
    case type.GEOMETRY:
      return 'binary';
    default:
      return 'other';
  }
}

const none: DbValue = { tag: 'db-null' };

/** Reads a row in binary format. Throws a RangeError or a MysqlFault. */
export function readRow(body: Buffer, columns: readonly ColumnDefinition[]): DbValue[] {
  const OFFSET = 2;
  const nulls = body.subarray(1, 1 + Math.ceil((columns.length + OFFSET) / 8));
  const reader = new Reader(body, 1 + nulls.length);
  return columns.map((column, index) => {
    const bit = index + OFFSET;
    const isNull = (nulls[bit >> 3]! >> (bit & 7)) & 1;
    return isNull ? none : readValue(reader, column);
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readValue(reader: Reader, column: ColumnDefinition): DbValue {
  const dataType = dataTypeOf(column);
  switch (column.type) {
    case type.TINY:
    case type.SHORT:
    case type.LONG:
    case type.INT24:
    case type.YEAR:
      return { tag: dataType, val: readInteger(reader, column) } as DbValue;
    case type.LONGLONG: {
      const bits = reader.bytes(8);
      const val = column.flags & UNSIGNED ? bits.readBigUInt64LE() : bits.readBigInt64LE();
      return { tag: dataType, val } as DbValue;
    }
    case type.FLOAT:
      return { tag: 'floating32', val: reader.bytes(4).readFloatLE() };
    case type.DOUBLE:
      return { tag: 'floating64', val: reader.bytes(8).readDoubleLE() };
    case type.BIT:
      return { tag: 'uint64', val: BigInt(`0x0${reader.counted().toString('hex')}`) };
    case type.DATE:
    case type.DATETIME:
    case type.TIMESTAMP:
      return { tag: 'str', val: readDate(reader, column) };
    case type.TIME:
      return { tag: 'str', val: readTime(reader, column) };
    case type.NULL:
      return none;
  }
  const body = reader.counted();
  if (dataType === 'binary') return { tag: 'binary', val: new Uint8Array(body) };
  try {
    return { tag: 'str', val: utf8.decode(body) };
  } catch {
    throw new MysqlFault('value-conversion-failed', `the text in column ${column.name} is not UTF-8`);
  }
}

const sizes: Readonly<Record<number, number>> = { [type.TINY]: 1, [type.SHORT]: 2, [type.YEAR]: 2 };

function readInteger(reader: Reader, { type: number, flags }: ColumnDefinition): number {
  const size = sizes[number] ?? 4;
  const bits = reader.bytes(size);
  return flags & UNSIGNED || number === type.YEAR ? bits.readUIntLE(0, size) : bits.readIntLE(0, size);
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Columns that do not say how many digits have as many as there are. */
function fraction(micros: number, { decimals }: ColumnDefinition): string {
  const digits = String(micros).padStart(6, '0');
  if (decimals >= 1 && decimals <= 6) return `.${digits.slice(0, decimals)}`;
  return micros === 0 ? '' : `.${digits}`;
}

function readDate(outer: Reader, column: ColumnDefinition): string {
  const reader = new Reader(outer.counted());
  const has = (bytes: number): boolean => reader.body.length >= bytes;
  const [year, month, day] = has(4) ? [reader.uint(2), reader.uint(1), reader.uint(1)] : [0, 0, 0];
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  if (column.type === type.DATE) return date;
  const [hour, minute, second] = has(7) ? [reader.uint(1), reader.uint(1), reader.uint(1)] : [0, 0, 0];
  const micros = has(11) ? reader.uint(4) : 0;
  return `${date} ${two(hour)}:${two(minute)}:${two(second)}${fraction(micros, column)}`;
}

function readTime(outer: Reader, column: ColumnDefinition): string {
  const reader = new Reader(outer.counted());
  const has = (bytes: number): boolean => reader.body.length >= bytes;
  if (!has(8)) return `00:00:00${fraction(0, column)}`;
  const sign = reader.uint(1) === 1 ? '-' : '';
  const days = reader.uint(4);
  const hour = two(days * 24 + reader.uint(1));
  const text = `${sign}${hour}:${two(reader.uint(1))}:${two(reader.uint(1))}`;
  return `${text}${fraction(has(12) ? reader.uint(4) : 0, column)}`;
}

/** A parameter as the server gets it: its type with the flag of what has no sign, and its bytes. */
export interface Encoded {
  readonly type: readonly [number, number];
  readonly body: Buffer;
}

const SIGNED = 0;
const NO_SIGN = 0x80;

export function encodeParameter(parameter: ParameterValue): Encoded {
  switch (parameter.tag) {
    case 'db-null':
      return { type: [type.NULL, SIGNED], body: Buffer.alloc(0) };
    case 'boolean':
      return integer(parameter.val ? 1n : 0n, SIGNED);
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return integer(BigInt(parameter.val), SIGNED);
    case 'uint8':
    case 'uint16':
    case 'uint32':
    case 'uint64':
      return integer(BigInt(parameter.val), NO_SIGN);
    case 'floating32': {
      const body = Buffer.alloc(4);
      body.writeFloatLE(parameter.val);
      return { type: [type.FLOAT, SIGNED], body };
    }
    case 'floating64': {
      const body = Buffer.alloc(8);
      body.writeDoubleLE(parameter.val);
      return { type: [type.DOUBLE, SIGNED], body };
    }
    case 'str':
      return { type: [type.VAR_STRING, SIGNED], body: counted(Buffer.from(parameter.val)) };
    case 'binary':
      return { type: [type.BLOB, SIGNED], body: counted(Buffer.from(parameter.val)) };
  }
}

function integer(value: bigint, sign: number): Encoded {
  const body = Buffer.alloc(8);
  body.writeBigUInt64LE(BigInt.asUintN(64, value));
  return { type: [type.LONGLONG, sign], body };
}

function counted(body: Buffer): Buffer {
  const { length } = body;
  if (length < 0xfb) return Buffer.concat([Buffer.of(length), body]);
  const bytes = length <= 0xffff ? 2 : length <= 0xffffff ? 3 : 8;
  const head = Buffer.alloc(1 + bytes);
  head[0] = { 2: 0xfc, 3: 0xfd, 8: 0xfe }[bytes]!;
  head.writeUIntLE(length, 1, Math.min(bytes, 6));
  return Buffer.concat([head, body]);
}
