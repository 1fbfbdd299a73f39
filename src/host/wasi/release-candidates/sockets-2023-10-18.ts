// wasi:sockets 0.2.0-rc-2023-10-18: options under other names, and UDP sockets that send and receive themselves.
import { ok } from '../../../component/types/val-type.ts';
import { defineInterface, resource } from '../../service.ts';
import { GuestPollable } from '../io/resources.ts';
import * as addresses from '../sockets/address-stream.ts';
import { networkInterface, unchangedSockets } from '../sockets/bindings-0.2.ts';
import { fail } from '../sockets/error-code.ts';
import type { IpSocketAddress } from '../sockets/ip-address.ts';
import type { SocketOwner } from '../sockets/network.ts';
import { attempt } from '../sockets/results-0.2.ts';
import * as tcp from '../sockets/started-tcp.ts';
import type { Datagram, DatagramStream, StartedUdpSocket } from '../sockets/started-udp.ts';
import * as udp from '../sockets/started-udp.ts';
import { isIpv6Only, setIpv6Only } from './sockets-2023-11-10.ts';
import { RC_2023_10_18, sameIn } from './versions.ts';

interface Connecting {
  readonly remote: IpSocketAddress;
}
interface Streams {
  readonly incoming: DatagramStream;
  readonly outgoing: DatagramStream;
}

/** The streams of each socket: what are resources of their own in 0.2 belongs to the socket here. */
const streams = new WeakMap<StartedUdpSocket, Streams>();
const connecting = new WeakMap<StartedUdpSocket, Connecting>();

function streamsOf(owner: SocketOwner, self: StartedUdpSocket): Streams {
  const known = streams.get(self);
  if (known !== undefined) return known;
  if (connecting.has(self)) fail('concurrency-conflict');
  return open(owner, self, undefined);
}

function open(owner: SocketOwner, self: StartedUdpSocket, remote: IpSocketAddress | undefined): Streams {
  const [incoming, outgoing] = self.stream(owner, remote);
  const made = { incoming, outgoing };
  streams.set(self, made);
  return made;
}

function close(self: StartedUdpSocket): void {
  const known = streams.get(self);
  known?.incoming.release();
  known?.outgoing.release();
  streams.delete(self);
}

function startConnect(self: StartedUdpSocket, remote: IpSocketAddress): void {
  if (connecting.has(self)) fail('concurrency-conflict');
  connecting.set(self, { remote });
}

function finishConnect(owner: SocketOwner, self: StartedUdpSocket): void {
  const { remote } = connecting.get(self) ?? fail('not-in-progress');
  connecting.delete(self);
  close(self);
  open(owner, self, remote);
}

/** Sends as many datagrams as may be sent now; `would-block` for none. */
function sendNow(owner: SocketOwner, self: StartedUdpSocket, datagrams: readonly Datagram[]): bigint {
  const { outgoing } = streamsOf(owner, self);
  const permit = outgoing.checkSend();
  if (permit === 0n && datagrams.length > 0) fail('would-block');
  return outgoing.send(datagrams.slice(0, Number(permit)));
}

function receiveNow(owner: SocketOwner, self: StartedUdpSocket, max: bigint): Datagram[] {
  const { incoming } = streamsOf(owner, self);
  const datagrams = incoming.receive(max);
  return datagrams.length === 0 && max > 0n ? fail('would-block') : datagrams;
}

type Self = StartedUdpSocket;
type Owner = SocketOwner;

const define = (name: string, parts: Parameters<typeof defineInterface<Owner>>[3]) =>
  defineInterface<Owner>('wasi', `wasi:sockets/${name}`, RC_2023_10_18, parts);

const tcpInterface = define('tcp', {
  resources: [resource('tcp-socket', tcp.dropTcpSocket)],
  functions: {
    '[method]tcp-socket.start-bind': tcp.startBind,
    '[method]tcp-socket.finish-bind': tcp.finishBind,
    '[method]tcp-socket.start-connect': tcp.startConnect,
    '[method]tcp-socket.finish-connect': tcp.finishConnect,
    '[method]tcp-socket.start-listen': tcp.startListen,
    '[method]tcp-socket.finish-listen': tcp.finishListen,
    '[method]tcp-socket.accept': tcp.accept,
    '[method]tcp-socket.local-address': tcp.localAddress,
    '[method]tcp-socket.remote-address': tcp.remoteAddress,
    '[method]tcp-socket.address-family': tcp.addressFamily,
    '[method]tcp-socket.set-listen-backlog-size': tcp.setBacklog,
    '[method]tcp-socket.keep-alive': tcp.keepAlive,
    '[method]tcp-socket.set-keep-alive': tcp.setKeepAlive,
    '[method]tcp-socket.unicast-hop-limit': tcp.hopLimit,
    '[method]tcp-socket.set-unicast-hop-limit': tcp.setHopLimit,
    '[method]tcp-socket.receive-buffer-size': tcp.receiveBufferSize,
    '[method]tcp-socket.set-receive-buffer-size': tcp.setReceiveBufferSize,
    '[method]tcp-socket.send-buffer-size': tcp.sendBufferSize,
    '[method]tcp-socket.set-send-buffer-size': tcp.setSendBufferSize,
    '[method]tcp-socket.subscribe': tcp.subscribe,
    '[method]tcp-socket.shutdown': tcp.shutdown,
    // It is always on: Nagle's algorithm is off for all TCP sockets.
    '[method]tcp-socket.no-delay': () => ok(true),
    '[method]tcp-socket.set-no-delay': () => ok(),
    '[method]tcp-socket.ipv6-only': isIpv6Only,
    '[method]tcp-socket.set-ipv6-only': setIpv6Only,
  },
});

/** The UDP interface. Its streams are no resources of their own, and are closed with their socket. */
const udpInterface = define('udp', {
  resources: [resource('udp-socket', dropSocket)],
  functions: {
    '[method]udp-socket.start-bind': udp.startBind,
    '[method]udp-socket.finish-bind': udp.finishBind,
    '[method]udp-socket.start-connect': (_owner, self: Self, _network: object, remote: IpSocketAddress) =>
      attempt(() => startConnect(self, remote)),
    '[method]udp-socket.finish-connect': (owner, self: Self) => attempt(() => finishConnect(owner, self)),
    '[method]udp-socket.send': (owner, self: Self, datagrams: readonly Datagram[]) =>
      attempt(() => sendNow(owner, self, datagrams)),
    '[method]udp-socket.receive': (owner, self: Self, max: bigint) => attempt(() => receiveNow(owner, self, max)),
    '[method]udp-socket.local-address': udp.localAddress,
    '[method]udp-socket.remote-address': udp.remoteAddress,
    '[method]udp-socket.address-family': udp.addressFamily,
    '[method]udp-socket.unicast-hop-limit': udp.hopLimit,
    '[method]udp-socket.set-unicast-hop-limit': udp.setHopLimit,
    '[method]udp-socket.receive-buffer-size': udp.receiveBufferSize,
    '[method]udp-socket.set-receive-buffer-size': udp.setReceiveBufferSize,
    '[method]udp-socket.send-buffer-size': udp.sendBufferSize,
    '[method]udp-socket.set-send-buffer-size': udp.setSendBufferSize,
    '[method]udp-socket.subscribe': subscribe,
    '[method]udp-socket.ipv6-only': isIpv6Only,
    '[method]udp-socket.set-ipv6-only': setIpv6Only,
  },
});

const ipNameLookup = define('ip-name-lookup', {
  resources: [resource('resolve-address-stream', addresses.dropAddressStream)],
  functions: {
    // The guest's wish for one family is ignored: it takes what fits of all addresses.
    'resolve-addresses': (owner, network: object, name: string) => addresses.resolveAddresses(owner, network, name),
    '[method]resolve-address-stream.resolve-next-address': addresses.resolveNextAddress,
    '[method]resolve-address-stream.subscribe': addresses.subscribe,
  },
});

export const sockets20231018 = [
  ...unchangedSockets.map((one) => sameIn(one, RC_2023_10_18)),
  networkInterface(RC_2023_10_18, {}),
  tcpInterface,
  udpInterface,
  ipNameLookup,
];

/**
 * Makes a pollable that is ready when there is something to receive: a guest that waits to send is told by
 * `would-block`, and rarely has to wait.
 */
function subscribe(owner: Owner, { socket }: Self): GuestPollable {
  const wait = {
    ready: () => socket.receiveReady() === undefined,
    wait: () => socket.receiveReady() ?? Promise.resolve(),
  };
  return new GuestPollable(owner, wait, socket);
}

function dropSocket(_owner: Owner, self: Self): void {
  close(self);
  self.socket.drop();
}
