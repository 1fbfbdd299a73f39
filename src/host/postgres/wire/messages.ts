// Reads the bodies of the server's messages. Each throws a RangeError when the body is shorter than it says.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
import type { DbErrorFields } from './db-error.ts';

export interface ColumnDescription {
  readonly name: string;
  /** The OID of its type. */
  readonly type: number;
}

/** RowDescription. */
export function readColumns(body: Buffer): ColumnDescription[] {
  const count = body.readUInt16BE(0);
  const columns: ColumnDescription[] = [];
  let at = 2;
  for (let index = 0; index < count; index++) {
    const end = endOfText(body, at);
    columns.push({ name: body.toString('utf8', at, end), type: body.readUInt32BE(end + 7) });
    at = end + 19;
  }
  return columns;
}

/** ParameterDescription: the OIDs of the types. */
export function readParameterTypes(body: Buffer): number[] {
  const count = body.readUInt16BE(0);
  return Array.from({ length: count }, (_, index) => body.readUInt32BE(2 + 4 * index));
}

/** DataRow: a view for each value, null for NULL. */
export function readRow(body: Buffer): (Buffer | null)[] {
  const count = body.readUInt16BE(0);
  const values: (Buffer | null)[] = [];
  let at = 2;
  for (let index = 0; index < count; index++) {
    const length = body.readInt32BE(at);
    at += 4;
    if (length < 0) {
      values.push(null);
      continue;
    }
    if (at + length > body.length) throw new RangeError('a value is longer than its row');
    values.push(body.subarray(at, at + length));
    at += length;
  }
  return values;
}

/** CommandComplete: the rows that the statement touched, 0 when its tag has none. */
export function readRowCount(body: Buffer): bigint {
  const tag = body.toString('latin1', 0, endOfText(body, 0));
  const [, digits] = /(\d{1,19})$/.exec(tag) ?? [];
  return digits === undefined ? 0n : BigInt.asUintN(64, BigInt(digits));
}

/** ErrorResponse and NoticeResponse. */
export function readErrorFields(body: Buffer): DbErrorFields {
  const fields = new Map<string, string>();
  for (let at = 0; at < body.length && body[at] !== 0; ) {
    const end = endOfText(body, at + 1);
    fields.set(String.fromCharCode(body[at]!), body.toString('utf8', at + 1, end));
    at = end + 1;
  }
  return fields;
}

function endOfText(body: Buffer, from: number): number {
  const end = body.indexOf(0, from);
  if (end === -1) throw new RangeError('a text has no end');
  return end;
}
