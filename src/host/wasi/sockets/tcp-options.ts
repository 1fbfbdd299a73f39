// Options of a TCP socket. They are remembered here, whatever the state of the socket, and applied as far as Node can,
// which is keep-alive. Hop limit and buffer sizes, for which node:net has nothing, go through setsockopt.ts where that
// works.
import type { Socket } from 'node:net';
import { fail } from './error-code.ts';
import type { IpFamily } from './ip-address.ts';
import { setBufferSize, setHopLimit } from './setsockopt.ts';

const NS_PER_SECOND = 1_000_000_000n;
/** The largest values that Linux takes for TCP_KEEPIDLE and TCP_KEEPINTVL, in seconds, and for TCP_KEEPCNT. */
const MAX_KEEP_ALIVE_SECONDS = 32_767n;
const MAX_KEEP_ALIVE_COUNT = 127;
const MAX_INT32 = 2_147_483_647;

export class TcpOptions {
  keepAlive = false;
  /** Seconds without traffic before the first probe. */
  #idle = 7200;
  #interval = 75;
  #count = 9;
  #backlog = 128;
  #hopLimit: number | undefined;
  #receiveBuffer: number | undefined;
  #sendBuffer: number | undefined;

  /** The same time in nanoseconds, of whole seconds. */
  get idle(): bigint {
    return BigInt(this.#idle) * NS_PER_SECOND;
  }
  set idle(ns: bigint) {
    this.#idle = toSeconds(ns);
  }
  get interval(): bigint {
    return BigInt(this.#interval) * NS_PER_SECOND;
  }
  set interval(ns: bigint) {
    this.#interval = toSeconds(ns);
  }
  get count(): number {
    return this.#count;
  }
  set count(value: number) {
    this.#count = Math.min(notZero(value), MAX_KEEP_ALIVE_COUNT);
  }
  get backlog(): number {
    return this.#backlog;
  }
  setBacklog(value: bigint): void {
    this.#backlog = toInt32(value);
  }
  get hopLimit(): number {
    return this.#hopLimit ?? 64;
  }
  set hopLimit(value: number) {
    this.#hopLimit = notZero(value);
  }
  get receiveBuffer(): bigint {
    return BigInt(this.#receiveBuffer ?? 65_536);
  }
  set receiveBuffer(value: bigint) {
    this.#receiveBuffer = toInt32(value);
  }
  get sendBuffer(): bigint {
    return BigInt(this.#sendBuffer ?? 65_536);
  }
  set sendBuffer(value: bigint) {
    this.#sendBuffer = toInt32(value);
  }

  /** Makes a copy for an accepted socket. */
  clone(): TcpOptions {
    const copy = new TcpOptions();
    copy.keepAlive = this.keepAlive;
    copy.#idle = this.#idle;
    copy.#interval = this.#interval;
    copy.#count = this.#count;
    copy.#hopLimit = this.#hopLimit;
    copy.#receiveBuffer = this.#receiveBuffer;
    copy.#sendBuffer = this.#sendBuffer;
    return copy;
  }

  applyTo(socket: Socket, family: IpFamily): void {
    if (this.keepAlive) this.#setKeepAlive(socket);
    else socket.setKeepAlive(false);
    const fd = fdOf(socket);
    if (fd === undefined) return;
    if (this.#hopLimit !== undefined) setHopLimit(fd, family, this.#hopLimit);
    if (this.#receiveBuffer !== undefined) setBufferSize(fd, 'receive', this.#receiveBuffer);
    if (this.#sendBuffer !== undefined) setBufferSize(fd, 'send', this.#sendBuffer);
  }

  #setKeepAlive(socket: Socket): void {
    // Node's types know two of the four parameters that Node 26 takes.
    const { setKeepAlive } = socket as unknown as { setKeepAlive: (...args: (boolean | number)[]) => void };
    setKeepAlive.call(socket, true, this.#idle * 1000, this.#interval * 1000, this.#count);
  }
}

/** The socket's file descriptor; undefined on Windows, and before the socket has a handle. */
function fdOf(socket: Socket): number | undefined {
  const fd = (socket as Socket & { _handle?: { fd?: number } })._handle?.fd;
  return fd !== undefined && fd >= 0 ? fd : undefined;
}

/**
 * Turns nanoseconds into seconds, rounded up, so that 1 ns is a second. Throws `invalid-argument` for 0, as for all
 * options.
 */
function toSeconds(ns: bigint): number {
  if (ns === 0n) fail('invalid-argument');
  const seconds = (ns + NS_PER_SECOND - 1n) / NS_PER_SECOND;
  return Number(seconds > MAX_KEEP_ALIVE_SECONDS ? MAX_KEEP_ALIVE_SECONDS : seconds);
}

export function notZero(value: number): number {
  return value === 0 ? fail('invalid-argument') : value;
}

export function toInt32(value: bigint): number {
  return value > MAX_INT32 ? MAX_INT32 : notZero(Number(value));
}
