// Reads the bodies of the server's packets. Each throws a RangeError when the body is shorter than it says.
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html
import { type MysqlFault, serverFault } from '../fault.ts';

/** The first byte of a packet. */
export const OK = 0x00;
const EOF = 0xfe;
export const ERROR = 0xff;
export const LOCAL_FILE = 0xfb;

/** In the status of an answer: another result follows. */
export const MORE_RESULTS = 0x0008;

export interface ColumnDefinition {
  readonly name: string;
  readonly charset: number;
  readonly type: number;
  readonly flags: number;
  readonly decimals: number;
}

export class Reader {
  readonly body: Buffer;
  at: number;

  constructor(body: Buffer, at = 0) {
    this.body = body;
    this.at = at;
  }

  uint(bytes: number): number {
    const value = this.body.readUIntLE(this.at, bytes);
    this.at += bytes;
    return value;
  }

  /** A number whose first byte says how long it is. */
  length(): number {
    const first = this.uint(1);
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.uint(2);
    if (first === 0xfd) return this.uint(3);
    if (first !== 0xfe) throw new RangeError('this is no length');
    const low = this.uint(4);
    if (this.uint(4) !== 0) throw new RangeError('a length is beyond all bounds');
    return low;
  }

  bytes(count: number): Buffer {
    if (this.at + count > this.body.length) throw new RangeError('a value is longer than its packet');
    const value = this.body.subarray(this.at, this.at + count);
    this.at += count;
    return value;
  }

  /** Bytes behind their length. */
  counted(): Buffer {
    return this.bytes(this.length());
  }
}

/** `isExtended`: MariaDB puts a block of its own after the names. */
export function readColumn(body: Buffer, isExtended: boolean): ColumnDefinition {
  const reader = new Reader(body);
  for (let skipped = 0; skipped < 4; skipped++) reader.counted();
  const name = reader.counted().toString('utf8');
  reader.counted();
  if (isExtended) reader.counted();
  reader.length();
  const charset = reader.uint(2);
  reader.uint(4);
  const type = reader.uint(1);
  const flags = reader.uint(2);
  return { name, charset, type, flags, decimals: reader.uint(1) };
}

export function readError(body: Buffer): MysqlFault {
  const code = body.readUInt16LE(1);
  const hasState = body[3] === 0x23;
  const state = hasState ? body.toString('latin1', 4, 9) : 'HY000';
  return serverFault(code, state, body.toString('utf8', hasState ? 9 : 3));
}

/** Of the packet that ends columns or rows: a short one. */
export function isEnd(body: Buffer): boolean {
  return body[0] === EOF && body.length < 9;
}

/** The status in an end. */
export function statusOfEnd(body: Buffer): number {
  return body.length >= 5 ? body.readUInt16LE(3) : 0;
}

/** The status in an OK. */
export function statusOfOk(body: Buffer): number {
  const reader = new Reader(body, 1);
  reader.length();
  reader.length();
  return reader.uint(2);
}

export interface Prepared {
  readonly id: number;
  readonly columns: number;
  readonly parameters: number;
}

export function readPrepared(body: Buffer): Prepared {
  return { id: body.readUInt32LE(1), columns: body.readUInt16LE(5), parameters: body.readUInt16LE(7) };
}
