// One reply of a Redis server as its bytes come in (RESP 2 and 3), flattened as Spin flattens arrays. Whatever is kept of
// it was counted before. Protocol: https://redis.io/docs/latest/develop/reference/protocol-spec
import { ServiceFault } from '../guest-call.ts';
import { errorText, incompatible } from './error-text.ts';

export type RedisResult =
  | { readonly tag: 'nil' }
  | { readonly tag: 'status'; readonly val: string }
  | { readonly tag: 'int64'; readonly val: bigint }
  | { readonly tag: 'binary'; readonly val: Uint8Array };

export interface Reply {
  readonly results: RedisResult[];
  /** Whether it is an array or a set; what is in it stands in `results`, that of arrays in it, too. */
  readonly isArray: boolean;
  /** Out of turn: it answers no command. */
  readonly isPush: boolean;
  /** The first error in it. */
  readonly error: string | undefined;
}

/** In bytes, of one result; as in Spin. */
const MOST_RESULT_BYTES = 134_217_728;
const MOST_LINE = 65_536;
const MOST_DEPTH = 128;
/** What a result takes beside its bytes. */
const BYTES_PER_RESULT = 128;

const CR_LF = 2;
const LF = 10;

/** Bytes of a string that have not all come. */
interface Blob {
  readonly type: string;
  readonly bytes: Buffer;
  filled: number;
}

export class ReplyReader {
  #line: Buffer = Buffer.alloc(0);
  #blob: Blob | undefined;
  /** Of each array that is open: how many elements are still to come. */
  #open: number[] = [];
  #bytes = 0;
  #reply = emptyReply();
  #isWhole = false;

  /**
   * Reads on at `offset` of a chunk, up to the end of the reply at most. `keep` is told of bytes before they are kept; what
   * it throws leaves the reader of no use. Throws a ServiceFault for bytes that are no reply, or too many.
   */
  read(chunk: Buffer, offset: number, keep: (bytes: number) => void): { reply: Reply | undefined; offset: number } {
    let at = offset;
    while (at < chunk.length) {
      at = this.#blob ? this.#readBlob(this.#blob, chunk, at) : this.#readLine(chunk, at, keep);
      if (!this.#isWhole) continue;
      const reply = this.#reply;
      this.#reply = emptyReply();
      this.#bytes = 0;
      this.#isWhole = false;
      return { reply, offset: at };
    }
    return { reply: undefined, offset: at };
  }

  #readBlob(blob: Blob, chunk: Buffer, at: number): number {
    const size = blob.bytes.length;
    const end = Math.min(chunk.length, at + size + CR_LF - blob.filled);
    chunk.copy(blob.bytes, blob.filled, at, end);
    blob.filled += end - at;
    if (blob.filled < size + CR_LF) return end;
    this.#blob = undefined;
    if (blob.type === '$') this.#add({ tag: 'binary', val: blob.bytes });
    else if (blob.type === '!') this.#fault(errorText(blob.bytes.toString()));
    else this.#fault(incompatible('Redis string with format attribute is not supported'));
    return end;
  }

  #readLine(chunk: Buffer, at: number, keep: (bytes: number) => void): number {
    const end = chunk.indexOf(LF, at);
    const piece = chunk.subarray(at, end === -1 ? chunk.length : end + 1);
    const line = this.#line.length === 0 ? piece : Buffer.concat([this.#line, piece]);
    if (line.length > MOST_LINE) throw new ServiceFault('the server sent a line that is too long');
    if (end === -1) {
      this.#line = Buffer.from(line);
      return chunk.length;
    }
    this.#line = Buffer.alloc(0);
    this.#header(line.toString('latin1', 0, 1), line.subarray(1, line.length - CR_LF), keep);
    return end + 1;
  }

  #header(type: string, rest: Buffer, keep: (bytes: number) => void): void {
    if ('$=!'.includes(type)) {
      const size = sizeOf(rest);
      this.#count(Math.max(size, 0), keep);
      if (size < 0) this.#add({ tag: 'nil' });
      else this.#blob = { type, bytes: Buffer.allocUnsafe(size), filled: 0 };
    } else if ('*~%|>'.includes(type)) this.#aggregate(type, sizeOf(rest), keep);
    else if (type === '-') this.#fault(errorText(rest.toString()));
    else {
      this.#count(rest.length, keep);
      this.#add(scalarOf(type, rest));
    }
  }

  #count(bytes: number, keep: (bytes: number) => void): void {
    this.#bytes += bytes + BYTES_PER_RESULT;
    if (this.#bytes > MOST_RESULT_BYTES) {
      throw new ServiceFault(`query result exceeds limit of ${MOST_RESULT_BYTES} bytes`);
    }
    keep(bytes + BYTES_PER_RESULT);
  }

  #aggregate(type: string, size: number, keep: (bytes: number) => void): void {
    if (this.#open.length === 0) {
      this.#reply.isPush = type === '>';
      this.#reply.isArray = type !== '>' && size >= 0;
    }
    if (type === '%') this.#reply.error ??= incompatible('Redis Map type is not supported');
    if (type === '|') this.#reply.error ??= incompatible('Redis Attribute type is not supported');
    // What has attributes follows them.
    const elements = type === '%' ? 2 * size : type === '|' ? 2 * size + 1 : size;
    if (size < 0) {
      this.#count(0, keep);
      this.#add({ tag: 'nil' });
    } else if (elements === 0) this.#elementRead();
    else if (this.#open.length >= MOST_DEPTH) throw noReply();
    else this.#open.push(elements);
  }

  #add(result: RedisResult): void {
    if (!this.#reply.isPush) this.#reply.results.push(result);
    this.#elementRead();
  }

  #fault(text: string): void {
    this.#reply.error ??= text;
    this.#elementRead();
  }

  #elementRead(): void {
    for (let last = this.#open.length - 1; last >= 0; last--) {
      const left = (this.#open[last] as number) - 1;
      this.#open[last] = left;
      if (left > 0) return;
      this.#open.pop();
    }
    this.#isWhole = true;
  }
}

function emptyReply(): { -readonly [Key in keyof Reply]: Reply[Key] } {
  return { results: [], isArray: false, isPush: false, error: undefined };
}

function noReply(): ServiceFault {
  return new ServiceFault('the server sent bytes that are no reply');
}

function scalarOf(type: string, rest: Buffer): RedisResult {
  switch (type) {
    case '_':
      return { tag: 'nil' };
    case ':':
      return { tag: 'int64', val: integerOf(rest) };
    case '#':
      return { tag: 'int64', val: rest.toString() === 't' ? 1n : 0n };
    case '+':
      return { tag: 'status', val: rest.toString() };
    case ',':
    case '(':
      return { tag: 'binary', val: Buffer.from(rest) };
    default:
      throw noReply();
  }
}

function sizeOf(text: Buffer): number {
  const digits = text.toString('latin1');
  if (!/^(?:-1|\d{1,10})$/.test(digits)) throw noReply();
  return Number(digits);
}

function integerOf(text: Buffer): bigint {
  const digits = text.toString('latin1');
  if (!/^[+-]?\d{1,19}$/.test(digits)) throw noReply();
  const value = BigInt(digits.replace('+', ''));
  if (BigInt.asIntN(64, value) !== value) throw noReply();
  return value;
}
