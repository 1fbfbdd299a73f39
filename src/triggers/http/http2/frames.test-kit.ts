// Speaks HTTP/2 as single frames over a socket, well-formed or not, for tests: RFC 9113, 4 and 6; RFC 7541 for heads.
// It keeps to no rule by itself, and never waits for ever.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { within } from '../wait.test-kit.ts';

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;

export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The bytes of a frame (RFC 9113, 4.1). */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array | string = ''): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, at * 4);
  return bytes;
}

/** A SETTINGS frame of identifiers and values. */
export function settings(...pairs: (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  for (const [at, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, at * 6);
    payload.writeUInt32BE(value, at * 6 + 2);
  }
  return frame(SETTINGS, 0, 0, payload);
}

/** A head as fields that are not indexed, and not compressed (RFC 7541, 6.2.2). */
export function fields(...list: (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(list.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([length(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits (RFC 7541, 5.1). */
function length(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.of(...bytes, rest);
}

export const requestFields = (path = '/', method = 'GET'): (readonly [string, string])[] => [
  [':method', method],
  [':scheme', 'http'],
  [':authority', 'localhost'],
  [':path', path],
];

/** A whole request without a body. */
export function get(stream: number, ...more: (readonly [string, string])[]): Buffer {
  return frame(HEADERS, END_STREAM | END_HEADERS, stream, fields(...requestFields(), ...more));
}

export class FrameClient {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #ended = false;
  #waiting: (() => void)[] = [];
  /** The frames that came and were not taken. */
  readonly frames: Frame[] = [];
  /** Whether SETTINGS and PINGs get their acknowledgements. */
  acknowledges = true;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Connects, and sends the preface with these frames behind it. */
  static async connect(port: number, first: Uint8Array = settings()): Promise<FrameClient> {
    const socket = connect({ port, host: '127.0.0.1' });
    await within(once(socket, 'connect'), `a connection to port ${port}`);
    return FrameClient.over(socket, first);
  }

  static over(socket: Socket, first: Uint8Array = settings()): FrameClient {
    const client = new FrameClient(socket);
    client.send(Buffer.concat([Buffer.from(PREFACE), first]));
    return client;
  }

  get isClosed(): boolean {
    return this.#ended;
  }

  send(...bytes: Uint8Array[]): void {
    this.#socket.write(bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes));
  }

  /** Takes nothing more from the socket. */
  pause(): void {
    this.#socket.pause();
  }

  halfClose(): void {
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Takes the next frame that is one of those, and drops what came before it. */
  async next(is: (frame: Frame) => boolean, what: string): Promise<Frame> {
    for (;;) {
      for (let taken = this.frames.shift(); taken; taken = this.frames.shift()) if (is(taken)) return taken;
      if (this.#ended) throw new Error(`the connection ended before ${what}`);
      await this.#change(what);
    }
  }

  /** Sends the bytes again and again until the server closes; gives how many there were. */
  async flood(bytes: Uint8Array, mostBytes = 512 * 1024 * 1024): Promise<number> {
    let sent = 0;
    while (!this.#ended) {
      if (sent > mostBytes) throw new Error(`the server took ${sent} bytes of it`);
      sent += bytes.length;
      const isTaken = this.#socket.write(bytes);
      if (!isTaken) this.#socket.once('drain', () => this.#wake());
      await (isTaken ? new Promise(setImmediate) : this.#change('room to write'));
    }
    return sent;
  }

  /** Resolves to the error code of the last GOAWAY, once the server has closed the connection. */
  async closed(): Promise<number | undefined> {
    while (!this.#ended) await this.#change('the end of the connection');
    return this.frames.findLast(({ type }) => type === GOAWAY)?.payload.readUInt32BE(4);
  }

  #change(what: string): Promise<void> {
    const changed = new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
    return within(changed, () => `${what}; of types ${this.frames.map(({ type }) => type).slice(-20)}`);
  }

  #take(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= 9) {
      const size = this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < 9 + size) break;
      const [type, flags] = [this.#rest.readUInt8(3), this.#rest.readUInt8(4)];
      const taken = { type, flags, stream: this.#rest.readUInt32BE(5), payload: this.#rest.subarray(9, 9 + size) };
      this.#rest = this.#rest.subarray(9 + size);
      if (type === SETTINGS && flags === 0 && this.acknowledges) this.send(frame(SETTINGS, ACK, 0));
      // Floods are answered by thousands of acknowledgements, which nobody looks at.
      if ((type === PING || type === SETTINGS) && flags === ACK && this.frames.length > 1000) continue;
      this.frames.push(taken);
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
