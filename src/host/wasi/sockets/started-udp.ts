// UDP sockets as every version of wasi:sockets@0.2 has them, and the two datagram streams that belong to each. Plain
// functions, which bindings give the names of their version.
import { Trap } from '../../../errors.ts';
import { HostObject } from '../io/host-object.ts';
import { readyPollable } from '../io/pollables.ts';
import { GuestPollable } from '../io/resources.ts';
import { fail, SocketError } from './error-code.ts';
import type { IpFamily, IpSocketAddress } from './ip-address.ts';
import type { SocketOwner } from './network.ts';
import { attempt, codeIn02, type SocketResult } from './results-0.2.ts';
import { UdpSocket } from './udp-socket.ts';

/** The most datagrams that one call receives, and that one check-send allows. */
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

/** One direction of a socket. */
export class DatagramStream extends HostObject {
  readonly socket: UdpSocket;
  /** Datagrams that `check-send` has allowed. */
  permit = 0;
  /** The error of a datagram that `send` had taken already. */
  failure: SocketError | undefined;

  constructor(owner: SocketOwner, socket: UdpSocket) {
    super(owner, socket);
    this.socket = socket;
  }
  protected close(): void {}

  receive(max: bigint): Datagram[] {
    const datagrams: Datagram[] = [];
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

  /** Sends datagrams and gives their number; an error only when the first one could not be sent. */
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

export interface Datagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress;
}

interface OutgoingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress | undefined;
}

type Self = StartedUdpSocket;
type Owner = SocketOwner;

export function createUdpSocket(owner: Owner, family: IpFamily): SocketResult<Self> {
  return attempt(() => new StartedUdpSocket(UdpSocket.create(owner, family)));
}

export function dropUdpSocket(_owner: Owner, self: Self): void {
  self.socket.drop();
}

export function startBind(_owner: Owner, self: Self, _network: object, address: IpSocketAddress): SocketResult<void> {
  return attempt(() => self.startBind(address));
}

export function finishBind(_owner: Owner, self: Self): SocketResult<void> {
  return attempt(() => self.finishBind());
}

export function stream(
  owner: Owner,
  self: Self,
  remote: IpSocketAddress | undefined,
): SocketResult<[DatagramStream, DatagramStream]> {
  return attempt(() => self.stream(owner, remote));
}

export function localAddress(_owner: Owner, self: Self): SocketResult<IpSocketAddress> {
  return attempt(() => self.socket.localAddress);
}

export function remoteAddress(_owner: Owner, self: Self): SocketResult<IpSocketAddress> {
  return attempt(() => self.socket.remoteAddress);
}

export function addressFamily(_owner: Owner, self: Self): IpFamily {
  return self.socket.family;
}

export function hopLimit(_owner: Owner, self: Self): SocketResult<number> {
  return attempt(() => self.socket.hopLimit);
}

export function setHopLimit(_owner: Owner, self: Self, value: number): SocketResult<void> {
  return attempt(() => {
    self.socket.hopLimit = value;
  });
}

export function receiveBufferSize(_owner: Owner, self: Self): SocketResult<bigint> {
  return attempt(() => self.socket.receiveBuffer);
}

export function setReceiveBufferSize(_owner: Owner, self: Self, value: bigint): SocketResult<void> {
  return attempt(() => {
    self.socket.receiveBuffer = value;
  });
}

export function sendBufferSize(_owner: Owner, self: Self): SocketResult<bigint> {
  return attempt(() => self.socket.sendBuffer);
}

export function setSendBufferSize(_owner: Owner, self: Self, value: bigint): SocketResult<void> {
  return attempt(() => {
    self.socket.sendBuffer = value;
  });
}

/** Makes a pollable that is ready at once: nothing that a socket does itself has to be waited for. */
export function subscribe(owner: Owner, self: Self): GuestPollable {
  return new GuestPollable(owner, readyPollable, self.socket);
}

export function receive(_owner: Owner, self: DatagramStream, max: bigint): SocketResult<Datagram[]> {
  return attempt(() => self.receive(max));
}

export function subscribeReceive(owner: Owner, self: DatagramStream): GuestPollable {
  return pollable(owner, self, () => self.socket.receiveReady());
}

export function checkSend(_owner: Owner, self: DatagramStream): SocketResult<bigint> {
  return attempt(() => self.checkSend());
}

export function send(
  _owner: Owner,
  self: DatagramStream,
  datagrams: readonly OutgoingDatagram[],
): SocketResult<bigint> {
  return attempt(() => self.send(datagrams));
}

export function subscribeSend(owner: Owner, self: DatagramStream): GuestPollable {
  return pollable(owner, self, () => self.socket.sendReady());
}

function pollable(owner: Owner, parent: DatagramStream, ready: () => Promise<void> | undefined): GuestPollable {
  const wait = { ready: () => ready() === undefined, wait: () => ready() ?? Promise.resolve() };
  return new GuestPollable(owner, wait, parent);
}
