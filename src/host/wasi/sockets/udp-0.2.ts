// wasi:sockets@0.2 udp and udp-create-socket: a socket, and the two datagram streams that belong to it.
import { Trap } from '../../../errors.ts';
import { defineInterface, resource } from '../../service.ts';
import { HostObject } from '../io/host-object.ts';
import { readyPollable } from '../io/pollables.ts';
import { GuestPollable } from '../io/resources.ts';
import { fail, SocketError } from './error-code.ts';
import type { IpFamily, IpSocketAddress } from './ip-address.ts';
import type { SocketOwner } from './network.ts';
import { attempt, codeIn02 } from './results-0.2.ts';
import { UdpSocket } from './udp-socket.ts';

/** The most that one call receives, and that one check-send allows. */
const MAX_DATAGRAMS = 16;

export class StartedUdpSocket {
  readonly socket: UdpSocket;
  #binding = false;
  streams: readonly HostObject[] = [];

  constructor(socket: UdpSocket) {
    this.socket = socket;
  }

  startBind(address: IpSocketAddress): void {
    if (this.#binding) fail('concurrency-conflict');
    this.socket.bind(address);
    this.#binding = true;
  }

  finishBind(): void {
    if (!this.#binding) fail('not-in-progress');
    this.#binding = false;
  }

  stream(owner: SocketOwner, remote: IpSocketAddress | undefined): [DatagramStream, DatagramStream] {
    if (this.streams.some((stream) => !stream.released)) throw new Trap('datagram streams were not dropped yet');
    const { socket } = this;
    if (!socket.isBound) fail('invalid-state');
    if (remote !== undefined) socket.connect(remote);
    else if (this.#isConnected) socket.disconnect();
    this.#isConnected = remote !== undefined;
    const pair: [DatagramStream, DatagramStream] = [
      new DatagramStream(owner, socket),
      new DatagramStream(owner, socket),
    ];
    this.streams = pair;
    return pair;
  }
  #isConnected = false;
}

/** One direction. */
export class DatagramStream extends HostObject {
  readonly socket: UdpSocket;
  /** Datagrams that `check-send` has allowed. */
  permit = 0;
  /** What went wrong with a datagram after `send` had taken it. */
  failure: SocketError | undefined;

  constructor(owner: SocketOwner, socket: UdpSocket) {
    super(owner, socket);
    this.socket = socket;
  }
  protected close(): void {}

  receive(max: bigint): { data: Uint8Array; remoteAddress: IpSocketAddress }[] {
    const datagrams: { data: Uint8Array; remoteAddress: IpSocketAddress }[] = [];
    while (datagrams.length < max && datagrams.length < MAX_DATAGRAMS) {
      const next = datagrams.length > 0 && this.socket.receiveReady() ? undefined : this.socket.receive();
      if (next === undefined) break;
      datagrams.push({ data: next.data, remoteAddress: next.from });
    }
    return datagrams;
  }

  checkSend(): bigint {
    this.#throwFailure();
    this.permit = Math.min(this.socket.room, MAX_DATAGRAMS);
    return BigInt(this.permit);
  }

  /** The number that was sent; an error only when the first one could not be. */
  send(datagrams: readonly OutgoingDatagram[]): bigint {
    if (datagrams.length > this.permit) throw new Trap('more datagrams than check-send allowed');
    this.#throwFailure();
    this.permit = 0;
    for (const [index, { data, remoteAddress }] of datagrams.entries()) {
      try {
        this.socket.send(data, remoteAddress).catch((error: SocketError) => {
          this.failure ??= error;
        });
      } catch (error) {
        if (index === 0) throw error;
        return BigInt(index);
      }
    }
    return BigInt(datagrams.length);
  }

  #throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw new SocketError(codeIn02(failure));
  }
}

interface OutgoingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress | undefined;
}

type Self = StartedUdpSocket;
type Owner = SocketOwner;
const drop = (_owner: Owner, object: HostObject): void => object.drop();

export const udp = defineInterface<Owner>('wasi', 'wasi:sockets/udp', '0.2.12', {
  resources: [
    resource('udp-socket', (_owner: Owner, self: Self) => self.socket.drop()),
    resource('incoming-datagram-stream', drop),
    resource('outgoing-datagram-stream', drop),
  ],
  functions: {
    '[method]udp-socket.start-bind': (_owner, self: Self, _network: object, address: IpSocketAddress) =>
      attempt(() => self.startBind(address)),
    '[method]udp-socket.finish-bind': (_owner, self: Self) => attempt(() => self.finishBind()),
    '[method]udp-socket.stream': (owner, self: Self, remote: IpSocketAddress | undefined) =>
      attempt(() => self.stream(owner, remote)),
    '[method]udp-socket.local-address': (_owner, self: Self) => attempt(() => self.socket.localAddress),
    '[method]udp-socket.remote-address': (_owner, self: Self) => attempt(() => self.socket.remoteAddress),
    '[method]udp-socket.address-family': (_owner, self: Self) => self.socket.family,
    '[method]udp-socket.unicast-hop-limit': (_owner, self: Self) => attempt(() => self.socket.hopLimit),
    '[method]udp-socket.set-unicast-hop-limit': (_owner, self: Self, value: number) =>
      attempt(() => {
        self.socket.hopLimit = value;
      }),
    '[method]udp-socket.receive-buffer-size': (_owner, self: Self) => attempt(() => self.socket.receiveBuffer),
    '[method]udp-socket.set-receive-buffer-size': (_owner, self: Self, value: bigint) =>
      attempt(() => {
        self.socket.receiveBuffer = value;
      }),
    '[method]udp-socket.send-buffer-size': (_owner, self: Self) => attempt(() => self.socket.sendBuffer),
    '[method]udp-socket.set-send-buffer-size': (_owner, self: Self, value: bigint) =>
      attempt(() => {
        self.socket.sendBuffer = value;
      }),
    // Nothing that a socket does itself has to be waited for.
    '[method]udp-socket.subscribe': (owner, self: Self) => new GuestPollable(owner, readyPollable, self.socket),
    '[method]incoming-datagram-stream.receive': (_owner, self: DatagramStream, max: bigint) =>
      attempt(() => self.receive(max)),
    '[method]incoming-datagram-stream.subscribe': (owner, self: DatagramStream) =>
      pollable(owner, self, () => self.socket.receiveReady()),
    '[method]outgoing-datagram-stream.check-send': (_owner, self: DatagramStream) => attempt(() => self.checkSend()),
    '[method]outgoing-datagram-stream.send': (_owner, self: DatagramStream, datagrams: readonly OutgoingDatagram[]) =>
      attempt(() => self.send(datagrams)),
    '[method]outgoing-datagram-stream.subscribe': (owner, self: DatagramStream) =>
      pollable(owner, self, () => self.socket.sendReady()),
  },
});

export const udpCreateSocket = defineInterface<Owner>('wasi', 'wasi:sockets/udp-create-socket', '0.2.12', {
  functions: {
    'create-udp-socket': (owner, family: IpFamily) =>
      attempt(() => new StartedUdpSocket(UdpSocket.create(owner, family))),
  },
});

function pollable(owner: Owner, parent: DatagramStream, ready: () => Promise<void> | undefined): GuestPollable {
  const wait = { ready: () => ready() === undefined, wait: () => ready() ?? Promise.resolve() };
  return new GuestPollable(owner, wait, parent);
}
