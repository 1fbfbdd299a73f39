// A new connection to a server, up to where commands may be sent: `mysql2` speaks until then (TLS, passwords), and what comes
// after that goes through our own cutter, so that nothing is kept that is too long.
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { MysqlAddress } from '../address.ts';
import { connectFault } from './connect-fault.ts';
import { type Packet, PacketCutter, packetsOf } from './packets.ts';

/** In bytes, of what a server says before commands may be sent. */
const MOST_GREETING = 1_048_576;

/** Who gets what the server sends from now on; each may throw, and the connection is closed then. */
export interface PacketTaker {
  announced(bytes: number): void;
  take(packet: Packet): void;
  /** Called once, when the connection is lost or was closed. */
  ended(error: Error): void;
}

export interface Opened {
  readonly socket: Socket;
  /** What KILL calls the connection. */
  readonly threadId: number;
  /** Whether definitions of columns have a block of MariaDB's own. */
  readonly isExtended: boolean;
  send(command: Buffer): void;
  hand(taker: PacketTaker): void;
}

/** What mysql2's connection has, and its types do not say. */
interface Inner {
  stream: Socket;
  readonly threadId: number;
  readonly _mariadbExtendedMetadata?: boolean;
  startTLS: (onSecure: (error?: Error) => void) => void;
  readonly packetParser: { execute(chunk: Buffer): void };
  on(event: 'error' | 'connect', tell: (error: Error) => void): void;
  destroy(): void;
}

/** Rejects with a MysqlFault, or the reason of `signal`. */
export async function connect(address: MysqlAddress, signal: AbortSignal, milliseconds: number): Promise<Opened> {
  const { createConnection } = await import('mysql2');
  signal.throwIfAborted();
  const inner = createConnection({
    host: address.host,
    port: address.port,
    user: address.user,
    password: address.password,
    ...(address.database === undefined ? {} : { database: address.database }),
    ...(address.usesTls ? { ssl: { rejectUnauthorized: true, verifyIdentity: true } } : {}),
    charset: 'utf8mb4',
    flags: ['-LOCAL_FILES', '-MULTI_STATEMENTS', '-SESSION_TRACK'],
    connectTimeout: 0,
  }) as unknown as Inner;
  boundGreeting(inner);
  inner.startTLS = (onSecure) => startTls(inner, address.host, onSecure);
  let abort: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      inner.on('error', reject);
      inner.on('connect', () => resolve());
      inner.stream.on('close', () => reject(new Error('the server closed the connection')));
      abort = () => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      timer = setTimeout(() => reject(connectFault({ code: 'ETIMEDOUT' })), milliseconds);
    });
    return opened(inner);
  } catch (error) {
    inner.destroy();
    inner.stream.destroy();
    signal.throwIfAborted();
    throw connectFault(error);
  } finally {
    clearTimeout(timer);
    if (abort) signal.removeEventListener('abort', abort);
  }
}

/** Errors of mysql2's parsers, and greetings that are too long, end the connection and not the process. */
function boundGreeting(inner: Inner): void {
  let bytes = 0;
  const parser = inner.packetParser;
  // The parser puts another function here for each of its states: it stays behind this one.
  let state = parser.execute;
  Object.defineProperty(parser, 'execute', {
    get: () => (chunk: Buffer) => {
      bytes += chunk.length;
      try {
        if (bytes > MOST_GREETING) throw new Error('the server says too much');
        state.call(parser, chunk);
      } catch (error) {
        inner.stream.destroy(error as Error);
      }
    },
    set: (next: typeof state) => {
      state = next;
    },
  });
}

/**
 * Instead of mysql2's own, which compares the certificate of a server that is called by its numeric address with
 * `localhost`.
 */
function startTls(inner: Inner, host: string, onSecure: (error?: Error) => void): void {
  const plain = inner.stream;
  plain.removeAllListeners('data');
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const secure = connectTls({ socket: plain, host, ...servername });
  let isSecure = false;
  secure.once('secureConnect', () => {
    isSecure = true;
    onSecure();
  });
  secure.on('error', (error) => {
    if (!isSecure) onSecure(error);
  });
  secure.on('close', () => plain.destroy());
  secure.on('data', (chunk: Buffer) => inner.packetParser.execute(chunk));
  inner.stream = secure;
}

function opened(inner: Inner): Opened {
  const { stream: socket } = inner;
  return {
    socket,
    threadId: inner.threadId,
    isExtended: inner._mariadbExtendedMetadata === true,
    send: (command) => void socket.write(packetsOf(command)),
    hand(taker) {
      let lost: Error | undefined;
      const cutter = new PacketCutter(
        (bytes) => taker.announced(bytes),
        (packet) => taker.take(packet),
      );
      socket.removeAllListeners('data');
      socket.on('error', (error) => {
        lost = error;
      });
      socket.on('close', () => taker.ended(lost ?? new Error('the connection was closed')));
      socket.on('data', (chunk: Buffer) => {
        try {
          cutter.push(chunk);
        } catch (error) {
          socket.destroy(error as Error);
        }
      });
      if (socket.destroyed) taker.ended(new Error('the connection was closed'));
    },
  };
}
