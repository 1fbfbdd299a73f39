// wasi:sockets 0.2.0-rc-2023-10-18: options under other names, and UDP sockets that send and receive themselves.

import type { HostInterface } from '../../../component/types/val-type.ts';
import { ok } from '../../../component/types/val-type.ts';
import { defineInterface } from '../../service.ts';
import { GuestPollable } from '../io/resources.ts';
import { socketsInterfaces } from '../sockets/bindings-0.2.ts';
import { fail } from '../sockets/error-code.ts';
import type { IpSocketAddress } from '../sockets/ip-address.ts';
import type { SocketOwner } from '../sockets/network.ts';
import { attempt } from '../sockets/results-0.2.ts';
import type { DatagramStream, StartedUdpSocket } from '../sockets/udp-0.2.ts';
import { ipv6Only } from './2023-11-10.ts';
import { type Changes, derive, resultParts, signatureOf } from './derive.ts';

interface Datagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress;
}

interface Connecting {
  readonly remote: IpSocketAddress;
}
interface Streams {
  readonly incoming: DatagramStream;
  readonly outgoing: DatagramStream;
}

/** What the sockets of 0.2 have as resources of their own belongs to the socket here. */
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

/** As many as may be sent now; `would-block` for none. */
function send(owner: SocketOwner, self: StartedUdpSocket, datagrams: readonly Datagram[]): bigint {
  const { outgoing } = streamsOf(owner, self);
  const permit = outgoing.checkSend();
  if (permit === 0n && datagrams.length > 0) fail('would-block');
  return outgoing.send(datagrams.slice(0, Number(permit)));
}

function receive(owner: SocketOwner, self: StartedUdpSocket, max: bigint): Datagram[] {
  const { incoming } = streamsOf(owner, self);
  const datagrams = incoming.receive(max);
  return datagrams.length === 0 && max > 0n ? fail('would-block') : datagrams;
}

type Self = StartedUdpSocket;
type Owner = SocketOwner;

const udpFunctions = defineInterface<Owner>('wasi', 'wasi:sockets/udp', undefined, {
  functions: {
    '[method]udp-socket.start-connect': (_owner, self: Self, _network: object, remote: IpSocketAddress) =>
      attempt(() => startConnect(self, remote)),
    '[method]udp-socket.finish-connect': (owner, self: Self) => attempt(() => finishConnect(owner, self)),
    '[method]udp-socket.send': (owner, self: Self, datagrams: readonly Datagram[]) =>
      attempt(() => send(owner, self, datagrams)),
    '[method]udp-socket.receive': (owner, self: Self, max: bigint) => attempt(() => receive(owner, self, max)),
    /** Ready to receive: whoever waits to send is told by `would-block` and rarely has to. */
    '[method]udp-socket.subscribe': (owner, { socket }: Self) =>
      new GuestPollable(
        owner,
        {
          ready: () => socket.receiveReady() === undefined,
          wait: () => socket.receiveReady() ?? Promise.resolve(),
        },
        socket,
      ),
  },
}).functions;

const tcpName = 'wasi:sockets/tcp';
const tcpError = resultParts(signatureOf(tcpName, '[method]tcp-socket.local-address')).err;
const tcpSelf = 'borrow<wasi:sockets/tcp/tcp-socket>';

/** Nagle's algorithm is off for all TCP sockets. */
const noDelay = defineInterface<Owner>('wasi', tcpName, undefined, {
  functions: {
    '[method]tcp-socket.no-delay': () => ok(true),
    '[method]tcp-socket.set-no-delay': () => ok(),
  },
}).functions;

const tcpIpv6 = ipv6Only('tcp-socket');
const tcpLater = ['keep-alive-idle-time', 'keep-alive-interval', 'keep-alive-count'];
const tcpChanges: Changes = {
  without: [
    '[method]tcp-socket.is-listening',
    ...tcpLater.flatMap((name) => [`[method]tcp-socket.${name}`, `[method]tcp-socket.set-${name}`]),
  ],
  renamed: {
    '[method]tcp-socket.keep-alive-enabled': '[method]tcp-socket.keep-alive',
    '[method]tcp-socket.set-keep-alive-enabled': '[method]tcp-socket.set-keep-alive',
    '[method]tcp-socket.hop-limit': '[method]tcp-socket.unicast-hop-limit',
    '[method]tcp-socket.set-hop-limit': '[method]tcp-socket.set-unicast-hop-limit',
  },
  functions: { ...tcpIpv6.functions, ...noDelay },
  types: {
    ...tcpIpv6.types,
    '[method]tcp-socket.no-delay': `func(${tcpSelf}) -> result<bool, ${tcpError}>`,
    '[method]tcp-socket.set-no-delay': `func(${tcpSelf}, bool) -> result<_, ${tcpError}>`,
  },
};

const udpName = 'wasi:sockets/udp';
const { ok: address, err: udpError } = resultParts(signatureOf(udpName, '[method]udp-socket.local-address'));
const udpSelf = 'borrow<wasi:sockets/udp/udp-socket>';
const datagrams = `list<record{data: list<u8>, remote-address: ${address}}>`;
const udpIpv6 = ipv6Only('udp-socket');
const udpChanges: Changes = {
  without: ['[method]udp-socket.stream'],
  functions: { ...udpIpv6.functions, ...udpFunctions },
  types: {
    ...udpIpv6.types,
    '[method]udp-socket.start-connect': `func(${udpSelf}, borrow<wasi:sockets/network/network>, ${address}) -> result<_, ${udpError}>`,
    '[method]udp-socket.finish-connect': `func(${udpSelf}) -> result<_, ${udpError}>`,
    '[method]udp-socket.send': `func(${udpSelf}, ${datagrams}) -> result<u64, ${udpError}>`,
    '[method]udp-socket.receive': `func(${udpSelf}, u64) -> result<${datagrams}, ${udpError}>`,
  },
};

type Resolve = (owner: Owner, network: object, name: string) => unknown;
const lookup = socketsInterfaces.find(({ name }) => name === 'wasi:sockets/ip-name-lookup')!;
const resolve = lookup.functions['resolve-addresses']?.call as unknown as Resolve;

/** The wish for one family is not heeded: the guest takes what fits of all addresses. */
const lookupFunctions = defineInterface<Owner>('wasi', lookup.name, undefined, {
  functions: {
    'resolve-addresses': (owner, network: object, name: string) => resolve(owner, network, name),
  },
}).functions;

const changes: Readonly<Record<string, Changes>> = {
  'wasi:sockets/network': { without: ['network-error-code'] },
  'wasi:sockets/ip-name-lookup': {
    functions: lookupFunctions,
    types: {
      'resolve-addresses': signatureOf(lookup.name, 'resolve-addresses').replace(
        ') -> ',
        ', option<enum{ipv4, ipv6}>, bool) -> ',
      ),
    },
  },
  [tcpName]: tcpChanges,
};

export function sockets20231018(version: string): readonly HostInterface[] {
  return socketsInterfaces.map((base) =>
    base.name === udpName ? oldUdp(base, version) : derive(base, version, changes[base.name]),
  );
}

/** The streams are no resources of their own, and go with their socket. */
function oldUdp(base: HostInterface, version: string): HostInterface {
  const ofStreams = Object.keys(base.functions).filter((name) => name.includes('datagram-stream.'));
  const derived = derive(base, version, { ...udpChanges, without: [...ofStreams, ...(udpChanges.without ?? [])] });
  const socket = {
    name: 'udp-socket',
    drop: dropSocket as unknown as NonNullable<HostInterface['resources'][string]['drop']>,
  };
  return { ...derived, resources: { 'udp-socket': socket } };
}

function dropSocket(_owner: Owner, self: Self): void {
  close(self);
  self.socket.drop();
}
