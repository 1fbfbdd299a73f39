// TCP sockets as every version of wasi:sockets@0.2 has them: operations that are started, then finished. Plain functions,
// which bindings give the names of their version.
import { GuestInputStream, GuestOutputStream, GuestPollable } from '../io/resources.ts';
import { fail, SocketError } from './error-code.ts';
import type { IpFamily, IpSocketAddress } from './ip-address.ts';
import type { SocketOwner } from './network.ts';
import { attempt, type SocketResult } from './results-0.2.ts';
import type { TcpOptions } from './tcp-options.ts';
import { TcpSocket } from './tcp-socket.ts';

/** A connection that was started and is not finished yet. */
interface Connecting {
  readonly kind: 'connect';
  readonly settled: Promise<void>;
  outcome: 'open' | 'connected' | SocketError;
}
type Pending = Connecting | { readonly kind: 'bind' | 'listen' };

class StartedTcpSocket {
  readonly socket: TcpSocket;
  #pending: Pending | undefined;

  constructor(socket: TcpSocket) {
    this.socket = socket;
  }

  startBind(address: IpSocketAddress): void {
    this.#mustBeIdle();
    this.socket.bind(address);
    this.#pending = { kind: 'bind' };
  }

  startConnect(address: IpSocketAddress): void {
    this.#mustBeIdle();
    const connected = this.socket.connect(address);
    const pending: Connecting = {
      kind: 'connect',
      outcome: 'open',
      settled: connected.then(
        () => {
          pending.outcome = 'connected';
        },
        (error: SocketError) => {
          pending.outcome = error;
        },
      ),
    };
    this.#pending = pending;
  }

  startListen(): void {
    this.#mustBeIdle();
    if (!this.socket.isBound) fail('invalid-state');
    this.socket.listen();
    this.#pending = { kind: 'listen' };
  }

  finish(kind: 'bind' | 'listen'): void {
    if (this.#pending?.kind !== kind) fail('not-in-progress');
    this.#pending = undefined;
  }

  finishConnect(): [GuestInputStream, GuestOutputStream] {
    const pending = this.#pending;
    if (pending?.kind !== 'connect') return fail('not-in-progress');
    if (pending.outcome === 'open') fail('would-block');
    this.#pending = undefined;
    if (pending.outcome instanceof SocketError) throw pending.outcome;
    return streamsOf(this.socket);
  }

  accept(): [StartedTcpSocket, GuestInputStream, GuestOutputStream] {
    const accepted = this.socket.accept() ?? fail('would-block');
    return [new StartedTcpSocket(accepted), ...streamsOf(accepted)];
  }

  shutdown(which: 'receive' | 'send' | 'both'): void {
    const { input, output } = this.socket.connection;
    if (which !== 'send') input.close();
    if (which !== 'receive') output.close();
  }

  subscribe(owner: SocketOwner): GuestPollable {
    const wait = (): Promise<void> | undefined => {
      const pending = this.#pending;
      if (pending?.kind === 'connect') return pending.outcome === 'open' ? pending.settled : undefined;
      return pending === undefined ? this.socket.acceptReady() : undefined;
    };
    const pollable = { ready: () => wait() === undefined, wait: () => wait() ?? Promise.resolve() };
    return new GuestPollable(owner, pollable, this.socket);
  }

  #mustBeIdle(): void {
    if (this.#pending !== undefined) fail('concurrency-conflict');
  }
}

/** The streams of a connected socket. They are its children: it closes only when they are gone, too. */
function streamsOf(socket: TcpSocket): [GuestInputStream, GuestOutputStream] {
  const { input, output } = socket.connection;
  return [new GuestInputStream(socket.owner, input, socket), new GuestOutputStream(socket.owner, output, socket)];
}

type Self = StartedTcpSocket;
type Owner = SocketOwner;

export function createTcpSocket(owner: Owner, family: IpFamily): SocketResult<Self> {
  return attempt(() => new StartedTcpSocket(TcpSocket.create(owner, family)));
}

export function dropTcpSocket(_owner: Owner, self: Self): void {
  self.socket.drop();
}

export function startBind(_owner: Owner, self: Self, _network: object, address: IpSocketAddress): SocketResult<void> {
  return attempt(() => self.startBind(address));
}

export function finishBind(_owner: Owner, self: Self): SocketResult<void> {
  return attempt(() => self.finish('bind'));
}

export function startConnect(
  _owner: Owner,
  self: Self,
  _network: object,
  address: IpSocketAddress,
): SocketResult<void> {
  return attempt(() => self.startConnect(address));
}

export function finishConnect(_owner: Owner, self: Self): SocketResult<[GuestInputStream, GuestOutputStream]> {
  return attempt(() => self.finishConnect());
}

export function startListen(_owner: Owner, self: Self): SocketResult<void> {
  return attempt(() => self.startListen());
}

export function finishListen(_owner: Owner, self: Self): SocketResult<void> {
  return attempt(() => self.finish('listen'));
}

export function accept(_owner: Owner, self: Self): SocketResult<[Self, GuestInputStream, GuestOutputStream]> {
  return attempt(() => self.accept());
}

export function localAddress(_owner: Owner, self: Self): SocketResult<IpSocketAddress> {
  return attempt(() => self.socket.localAddress);
}

export function remoteAddress(_owner: Owner, self: Self): SocketResult<IpSocketAddress> {
  return attempt(() => self.socket.remoteAddress);
}

export function isListening(_owner: Owner, self: Self): boolean {
  return self.socket.isListening;
}

export function addressFamily(_owner: Owner, self: Self): IpFamily {
  return self.socket.family;
}

export function subscribe(owner: Owner, self: Self): GuestPollable {
  return self.subscribe(owner);
}

export function shutdown(_owner: Owner, self: Self, which: 'receive' | 'send' | 'both'): SocketResult<void> {
  return attempt(() => self.shutdown(which));
}

const get =
  <T>(value: (options: TcpOptions) => T) =>
  (_owner: Owner, self: Self) =>
    attempt(() => value(self.socket.options));

const set =
  <T>(change: (options: TcpOptions, value: T) => void) =>
  (_owner: Owner, self: Self, value: T) =>
    attempt(() => self.socket.setOption((options) => change(options, value)));

export const setBacklog = set<bigint>((options, value) => options.setBacklog(value));
export const keepAlive = get((options) => options.keepAlive);
export const setKeepAlive = set<boolean>((options, value) => {
  options.keepAlive = value;
});
export const keepAliveIdleTime = get((options) => options.idle);
export const setKeepAliveIdleTime = set<bigint>((options, value) => {
  options.idle = value;
});
export const keepAliveInterval = get((options) => options.interval);
export const setKeepAliveInterval = set<bigint>((options, value) => {
  options.interval = value;
});
export const keepAliveCount = get((options) => options.count);
export const setKeepAliveCount = set<number>((options, value) => {
  options.count = value;
});
export const hopLimit = get((options) => options.hopLimit);
export const setHopLimit = set<number>((options, value) => {
  options.hopLimit = value;
});
export const receiveBufferSize = get((options) => options.receiveBuffer);
export const setReceiveBufferSize = set<bigint>((options, value) => {
  options.receiveBuffer = value;
});
export const sendBufferSize = get((options) => options.sendBuffer);
export const setSendBufferSize = set<bigint>((options, value) => {
  options.sendBuffer = value;
});
