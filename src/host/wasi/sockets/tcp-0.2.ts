// wasi:sockets@0.2 tcp and tcp-create-socket: operations that are started, then finished.
import { defineInterface, resource } from '../../service.ts';
import { GuestInputStream, GuestOutputStream, GuestPollable } from '../io/resources.ts';
import { fail, SocketError } from './error-code.ts';
import type { IpFamily, IpSocketAddress } from './ip-address.ts';
import type { SocketOwner } from './network.ts';
import { attempt } from './results-0.2.ts';
import type { TcpOptions } from './tcp-options.ts';
import { TcpSocket } from './tcp-socket.ts';

/** What was started and not finished yet. */
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

/** The streams are children of the socket: it closes when they are gone, too. */
function streamsOf(socket: TcpSocket): [GuestInputStream, GuestOutputStream] {
  const { input, output } = socket.connection;
  return [new GuestInputStream(socket.owner, input, socket), new GuestOutputStream(socket.owner, output, socket)];
}

type Self = StartedTcpSocket;
type Owner = SocketOwner;

const get =
  <T>(value: (options: TcpOptions) => T) =>
  (_owner: Owner, self: Self) =>
    attempt(() => value(self.socket.options));

const set =
  <T>(change: (options: TcpOptions, value: T) => void) =>
  (_owner: Owner, self: Self, value: T) =>
    attempt(() => self.socket.setOption((options) => change(options, value)));

export const tcp = defineInterface<Owner>('wasi', 'wasi:sockets/tcp', '0.2.12', {
  resources: [resource('tcp-socket', (_owner: Owner, self: Self) => self.socket.drop())],
  functions: {
    '[method]tcp-socket.start-bind': (_owner, self: Self, _network: object, address: IpSocketAddress) =>
      attempt(() => self.startBind(address)),
    '[method]tcp-socket.finish-bind': (_owner, self: Self) => attempt(() => self.finish('bind')),
    '[method]tcp-socket.start-connect': (_owner, self: Self, _network: object, address: IpSocketAddress) =>
      attempt(() => self.startConnect(address)),
    '[method]tcp-socket.finish-connect': (_owner, self: Self) => attempt(() => self.finishConnect()),
    '[method]tcp-socket.start-listen': (_owner, self: Self) => attempt(() => self.startListen()),
    '[method]tcp-socket.finish-listen': (_owner, self: Self) => attempt(() => self.finish('listen')),
    '[method]tcp-socket.accept': (_owner, self: Self) => attempt(() => self.accept()),
    '[method]tcp-socket.local-address': (_owner, self: Self) => attempt(() => self.socket.localAddress),
    '[method]tcp-socket.remote-address': (_owner, self: Self) => attempt(() => self.socket.remoteAddress),
    '[method]tcp-socket.is-listening': (_owner, self: Self) => self.socket.isListening,
    '[method]tcp-socket.address-family': (_owner, self: Self) => self.socket.family,
    '[method]tcp-socket.set-listen-backlog-size': set<bigint>((options, value) => options.setBacklog(value)),
    '[method]tcp-socket.keep-alive-enabled': get((options) => options.keepAlive),
    '[method]tcp-socket.set-keep-alive-enabled': set<boolean>((options, value) => {
      options.keepAlive = value;
    }),
    '[method]tcp-socket.keep-alive-idle-time': get((options) => options.idle),
    '[method]tcp-socket.set-keep-alive-idle-time': set<bigint>((options, value) => {
      options.idle = value;
    }),
    '[method]tcp-socket.keep-alive-interval': get((options) => options.interval),
    '[method]tcp-socket.set-keep-alive-interval': set<bigint>((options, value) => {
      options.interval = value;
    }),
    '[method]tcp-socket.keep-alive-count': get((options) => options.count),
    '[method]tcp-socket.set-keep-alive-count': set<number>((options, value) => {
      options.count = value;
    }),
    '[method]tcp-socket.hop-limit': get((options) => options.hopLimit),
    '[method]tcp-socket.set-hop-limit': set<number>((options, value) => {
      options.hopLimit = value;
    }),
    '[method]tcp-socket.receive-buffer-size': get((options) => options.receiveBuffer),
    '[method]tcp-socket.set-receive-buffer-size': set<bigint>((options, value) => {
      options.receiveBuffer = value;
    }),
    '[method]tcp-socket.send-buffer-size': get((options) => options.sendBuffer),
    '[method]tcp-socket.set-send-buffer-size': set<bigint>((options, value) => {
      options.sendBuffer = value;
    }),
    '[method]tcp-socket.subscribe': (owner, self: Self) => self.subscribe(owner),
    '[method]tcp-socket.shutdown': (_owner, self: Self, which: 'receive' | 'send' | 'both') =>
      attempt(() => self.shutdown(which)),
  },
});

export const tcpCreateSocket = defineInterface<Owner>('wasi', 'wasi:sockets/tcp-create-socket', '0.2.12', {
  functions: {
    'create-tcp-socket': (owner, family: IpFamily) =>
      attempt(() => new StartedTcpSocket(TcpSocket.create(owner, family))),
  },
});
