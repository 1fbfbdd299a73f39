// A client that sends WebSocket frames byte by byte as a test says, right or wrong, and reads what comes (RFC 6455, 5.2).
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { within } from './within.ts';

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameOptions {
  readonly isFinal?: boolean;
  /** The three reserved bits as they stand in the first byte: 0x40, 0x20, 0x10. */
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** The length that the frame says, where it is another one than it has. */
  readonly length?: bigint;
  /** Bytes in which the length is written: 0, 2 or 8 after the first. */
  readonly lengthBytes?: 0 | 2 | 8;
}

export function frame(opcode: number, data: Uint8Array | string = '', options: FrameOptions = {}): Buffer {
  const bytes = Buffer.from(data as string);
  const { isFinal = true, reserved = 0, isMasked = true, length = BigInt(bytes.length) } = options;
  const { lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8 } = options;
  const first = (isFinal ? 0x80 : 0) | reserved | opcode;
  const head = Buffer.alloc(2 + lengthBytes);
  head[0] = first;
  head[1] = (isMasked ? 0x80 : 0) | (lengthBytes === 0 ? Number(length) : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) head.writeUInt16BE(Number(length), 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(length, 2);
  if (!isMasked) return Buffer.concat([head, bytes]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

export const closeFrame = (code?: number, reason: Uint8Array | string = ''): Buffer => {
  const bytes = code === undefined ? Buffer.alloc(0) : Buffer.from([code >> 8, code & 255]);
  return frame(opcodes.close, Buffer.concat([bytes, Buffer.from(reason as string)]));
};

export interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly isCompressed: boolean;
  readonly data: Buffer;
}

export class RawClient {
  readonly #socket: Socket;
  /** The head of the answer to the handshake. */
  readonly head: string;
  #rest: Buffer = Buffer.alloc(0);
  #isOver = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket, head: string, rest: Buffer) {
    this.#socket = socket;
    this.head = head;
    this.#rest = rest;
    socket.on('data', (chunk: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      this.#wake?.();
    });
    socket.on('close', () => {
      this.#isOver = true;
      this.#wake?.();
    });
  }

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<RawClient> {
    const { hostname, port, host, pathname } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.on('error', () => {});
    const lines = {
      host,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
      ...headers,
    };
    const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${pathname} HTTP/1.1\r\n${text.join('')}\r\n`);
    const answered = new Promise<[string, Buffer]>((resolve, reject) => {
      let got: Buffer = Buffer.alloc(0);
      const read = (chunk: Buffer): void => {
        got = Buffer.concat([got, chunk]);
        const end = got.indexOf('\r\n\r\n');
        if (end < 0) return;
        socket.off('data', read);
        resolve([got.subarray(0, end).toString(), got.subarray(end + 4)]);
      };
      socket.on('data', read);
      socket.on('close', () => reject(new Error(`no answer: ${got.toString()}`)));
    });
    const [head, rest] = await within(answered, 'the answer to a handshake');
    return new RawClient(socket, head, rest);
  }

  write(...parts: readonly Uint8Array[]): void {
    this.#socket.write(Buffer.concat(parts));
  }

  /** Sends each byte as a packet of its own, as far as the system lets it. */
  async writeBytes(bytes: Uint8Array): Promise<void> {
    for (const byte of bytes) {
      await new Promise((resolve) => this.#socket.write(Buffer.from([byte]), resolve));
    }
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The next frame; undefined when the connection is over without one. */
  next(): Promise<Frame | undefined> {
    const found = async (): Promise<Frame | undefined> => {
      for (;;) {
        const one = this.#take();
        if (one || this.#isOver) return one;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    return within(found(), 'a frame');
  }

  /** The code of the next frame, which must be a close; undefined when the connection ends without one. */
  async closeCode(): Promise<number | undefined> {
    const one = await this.next();
    if (!one) return undefined;
    if (one.opcode !== opcodes.close) throw new Error(`a frame of ${one.opcode} came instead of a close`);
    return one.data.length >= 2 ? one.data.readUInt16BE(0) : 1005;
  }

  #take(): Frame | undefined {
    const bytes = this.#rest;
    if (bytes.length < 2) return undefined;
    const [first = 0, second = 0] = bytes;
    const short = second & 0x7f;
    const at = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < at) return undefined;
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (bytes.length < at + length) return undefined;
    this.#rest = bytes.subarray(at + length);
    const data = bytes.subarray(at, at + length);
    return { opcode: first & 15, isFinal: (first & 0x80) !== 0, isCompressed: (first & 0x40) !== 0, data };
  }
}
