// A connection to a Redis server that one sandbox has for itself: commands go out in order, and each gets the next reply.
// The client of npm is of no use here: it keeps replies of any size before it tells of them, and guests choose servers.
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ServiceFault } from '../guest-call.ts';
import type { PooledConnection } from '../network/connection-pool.ts';
import type { NetworkForSockets } from '../network/outbound-network.ts';
import { systemErrorText } from '../network/system-error.ts';
import type { RedisAddress } from './address.ts';
import { type Argument, leavesNothing } from './commands.ts';
import { type Reply, ReplyReader } from './reply.ts';

const CONNECT_MS = 10_000;
/** What is put together to one write, in bytes. */
const MOST_JOINED = 16_384;

interface Pending {
  readonly keep: (bytes: number) => void;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

export class RedisConnection implements PooledConnection {
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  readonly #pending: Pending[] = [];
  #closed = false;
  #stained = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#end(new ServiceFault(systemErrorText(error), { cause: error })));
    socket.on('close', () => this.#end(new ServiceFault('unexpected end of file')));
  }

  /** Connects, and logs in. Rejects with a ServiceFault in Spin's words, or the reason of the signal. */
  static async open(address: RedisAddress, signal: AbortSignal, network: NetworkForSockets): Promise<RedisConnection> {
    const socket = await connected(address, signal, network);
    const connection = new RedisConnection(socket);
    const abort = (): void => connection.destroy();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await connection.#logIn(address);
      return connection;
    } catch (error) {
      connection.destroy();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #logIn({ user, password, database }: RedisAddress): Promise<void> {
    if (password !== '') {
      const reply = await this.#write(user === '' ? ['AUTH', password] : ['AUTH', user, password], () => undefined);
      if (reply.error !== undefined) throw new ServiceFault('Password authentication failed- AuthenticationFailed');
    }
    if (database === 0) return;
    const reply = await this.#write(['SELECT', String(database)], () => undefined);
    if (reply.error !== undefined) throw new ServiceFault('Redis server refused to switch database- ResponseError');
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  /** Nothing is sent: commands that may have changed what the connection is to others cost it its life. */
  async reset(): Promise<void> {
    if (this.#closed || this.#stained || this.#pending.length > 0) throw new ServiceFault('the connection has a state');
  }

  /** Whether something was sent that changes what the connection is to later commands. */
  get isStained(): boolean {
    return this.#stained;
  }

  /**
   * Sends a command. `keep` is told of the reply's bytes before they are kept; what it throws is what the promise rejects
   * with. Rejects with a ServiceFault when the connection is lost.
   */
  send(command: string, args: readonly Argument[], keep: (bytes: number) => void): Promise<Reply> {
    if (!leavesNothing(command, args)) this.#stained = true;
    return this.#write([command, ...args], keep);
  }

  #write(parts: readonly Argument[], keep: (bytes: number) => void): Promise<Reply> {
    if (this.#closed) return Promise.reject(new ServiceFault('broken pipe'));
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#pending.push({ keep, resolve, reject });
    this.#socket.cork();
    for (const piece of encoded(parts)) this.#socket.write(piece);
    this.#socket.uncork();
    return promise;
  }

  destroy(): void {
    this.#end(new ServiceFault('the connection is closed'));
  }

  #receive(chunk: Buffer): void {
    let offset = 0;
    while (offset < chunk.length && !this.#closed) {
      const [first] = this.#pending;
      // A reply that nobody waits for would be taken for that of the next command.
      if (!first) {
        this.destroy();
        return;
      }
      try {
        const read = this.#reader.read(chunk, offset, first.keep);
        offset = read.offset;
        if (!read.reply || read.reply.isPush) continue;
        this.#pending.shift();
        first.resolve(read.reply);
      } catch (error) {
        this.#pending.shift();
        first.reject(error);
        this.#end(new ServiceFault('broken pipe', { cause: error }));
      }
    }
  }

  #end(fault: ServiceFault): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    for (const { reject } of this.#pending.splice(0)) reject(fault);
  }
}

function connected(
  { host, port, tls }: RedisAddress,
  signal: AbortSignal,
  network: NetworkForSockets,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    try {
      network.checkLiteral(host);
    } catch (error) {
      return reject(new ServiceFault(systemErrorText(error), { cause: error }));
    }
    const { lookup } = network;
    const socket = tls
      ? connectTls({
          host,
          port,
          lookup,
          ...(isIP(host) ? {} : { servername: host }),
          rejectUnauthorized: tls === true,
        })
      : connectPlain({ host, port, lookup });
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', failed);
      settle();
    };
    const fail = (error: unknown): void =>
      finish(() => {
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error);
      });
    const failed = (error: unknown): void => fail(new ServiceFault(systemErrorText(error), { cause: error }));
    const abort = (): void => fail(signal.reason);
    const timer = setTimeout(() => fail(new ServiceFault(systemErrorText({ code: 'ETIMEDOUT' }))), CONNECT_MS);
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', failed);
    socket.once(tls ? 'secureConnect' : 'connect', () => finish(() => resolve(socket)));
  });
}

/** A command as the protocol has it; large arguments are not copied. */
function encoded(parts: readonly Argument[]): (string | Uint8Array)[] {
  const pieces: (string | Uint8Array)[] = [];
  let joined: Buffer[] = [];
  const flush = (): void => {
    if (joined.length > 0) pieces.push(Buffer.concat(joined));
    joined = [];
  };
  joined.push(Buffer.from(`*${parts.length}\r\n`));
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    joined.push(Buffer.from(`$${bytes.byteLength}\r\n`));
    if (bytes.byteLength > MOST_JOINED) {
      flush();
      pieces.push(bytes);
    } else joined.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    joined.push(Buffer.from('\r\n'));
  }
  flush();
  return pieces;
}
