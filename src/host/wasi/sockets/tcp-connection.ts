// A connected TCP socket as its two streams. The kernel's buffers and 64 KiB each way are all that is held for a guest:
// reading goes on when it has taken what was there, writing when what it wrote has gone out.
import type { Socket } from 'node:net';
import { type InputStream, type OutputStream, StreamFailure } from '../io/streams.ts';
import { type SocketError, toSocketError } from './error-code.ts';
import { type HostAddress, type IpFamily, type IpSocketAddress, socketAddress } from './ip-address.ts';
import type { TcpOptions } from './tcp-options.ts';

/** Bytes that the guest may be ahead of the network. */
const SEND_AHEAD = 65_536;
/** Bytes that both directions may hold together. */
export const BYTES_PER_CONNECTION = 2 * SEND_AHEAD;
/** Milliseconds for which bytes that the guest has written may still be sent after it dropped the socket. */
const LINGER_MS = 5000;

/** A failure of a socket's stream; `network-error-code` finds the code in it. */
export class SocketStreamFailure extends StreamFailure {
  readonly socketError: SocketError;
  constructor(error: SocketError) {
    super(error.code, { cause: error });
    this.socketError = error;
  }
}

export class TcpConnection {
  readonly #socket: Socket;
  readonly local: IpSocketAddress;
  readonly remote: IpSocketAddress;
  readonly input: TcpInput;
  readonly output: TcpOutput;
  failure: SocketError | undefined;

  /** The socket must be connected. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.local = socketAddress({ address: socket.localAddress, port: socket.localPort } as HostAddress);
    this.remote = socketAddress({ address: socket.remoteAddress, port: socket.remotePort } as HostAddress);
    socket.setNoDelay(true);
    socket.on('error', (error) => {
      this.failure ??= toSocketError(error);
    });
    this.input = new TcpInput(socket, this);
    this.output = new TcpOutput(socket, this);
  }

  apply(options: TcpOptions, family: IpFamily): void {
    if (!this.#socket.destroyed) options.applyTo(this.#socket, family);
  }

  /** Lets what was written go out, then closes the socket and calls `closed`. Nobody uses the streams any more. */
  close(closed: () => void): void {
    const socket = this.#socket;
    if (!socket.destroyed) {
      socket.end();
      if (socket.writableLength === 0) socket.destroy();
    }
    if (socket.destroyed) {
      closed();
      return;
    }
    socket.once('close', closed);
    const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once('finish', () => socket.destroy());
    socket.once('close', () => clearTimeout(timer));
  }
}

class TcpInput implements InputStream {
  readonly #socket: Socket;
  readonly #connection: TcpConnection;
  #chunk: Uint8Array | undefined;
  #ended = false;
  #wait: PromiseWithResolvers<void> | undefined;

  constructor(socket: Socket, connection: TcpConnection) {
    this.#socket = socket;
    this.#connection = connection;
    const wake = (): void => this.#wake();
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('readable', wake).on('end', end).on('close', end);
  }

  read(max: number): Uint8Array | undefined {
    this.#pull();
    if (this.#chunk !== undefined) {
      const chunk = this.#chunk.subarray(0, max);
      this.#chunk = chunk.length === this.#chunk.length ? undefined : this.#chunk.subarray(max);
      return chunk;
    }
    if (!this.#ended) return new Uint8Array(0);
    if (this.#connection.failure === undefined) return undefined;
    throw new SocketStreamFailure(this.#connection.failure);
  }

  ready(): Promise<void> | undefined {
    this.#pull();
    if (this.#chunk !== undefined || this.#ended) return undefined;
    this.#wait ??= Promise.withResolvers();
    return this.#wait.promise;
  }

  /** Stops reading, as SHUT_RD does: what comes is not read any more. */
  close(): void {
    this.#ended = true;
    this.#chunk = undefined;
    this.#wake();
  }

  #pull(): void {
    if (this.#chunk !== undefined || this.#ended) return;
    this.#chunk = this.#socket.read() ?? undefined;
  }

  #wake(): void {
    this.#wait?.resolve();
    this.#wait = undefined;
  }
}

class TcpOutput implements OutputStream {
  readonly #socket: Socket;
  readonly #connection: TcpConnection;
  #pending = 0;
  #flushing = false;
  #closed = false;
  #wait: PromiseWithResolvers<void> | undefined;

  constructor(socket: Socket, connection: TcpConnection) {
    this.#socket = socket;
    this.#connection = connection;
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** The number of bytes that can be written. A peer that is gone closes the stream; only other failures are thrown. */
  checkWrite(): number | undefined {
    const { failure } = this.#connection;
    if (failure !== undefined && failure.code !== 'connection-broken') throw new SocketStreamFailure(failure);
    if (this.#closed || failure !== undefined) return undefined;
    return Math.max(0, SEND_AHEAD - this.#pending);
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#closed) return;
    this.#pending += bytes.length;
    this.#socket.write(bytes, () => {
      this.#pending -= bytes.length;
      if (this.#pending === 0) this.#flushing = false;
      this.#wake();
    });
  }

  flush(): void {
    this.#flushing = this.#pending > 0;
  }

  ready(): Promise<void> | undefined {
    const failed = this.#closed || this.#connection.failure !== undefined;
    if (failed || (this.#pending < SEND_AHEAD && !this.#flushing)) return undefined;
    this.#wait ??= Promise.withResolvers();
    return this.#wait.promise;
  }

  /** Stops writing, as SHUT_WR does, after what was written has gone out. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.end();
    this.#wake();
  }

  #wake(): void {
    this.#wait?.resolve();
    this.#wait = undefined;
  }
}
