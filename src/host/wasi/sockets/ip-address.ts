// IP and socket addresses: the form that wasi:sockets gives them, their text, and the kinds that its documents tell
// apart.

export type IpFamily = 'ipv4' | 'ipv6';

/** An address: four numbers of 8 bits, or eight of 16. */
export type IpAddress =
  | { readonly tag: 'ipv4'; readonly val: readonly number[] }
  | { readonly tag: 'ipv6'; readonly val: readonly number[] };

export type IpSocketAddress =
  | { readonly tag: 'ipv4'; readonly val: Ipv4SocketAddress }
  | { readonly tag: 'ipv6'; readonly val: Ipv6SocketAddress };

interface Ipv4SocketAddress {
  readonly port: number;
  readonly address: readonly number[];
}
interface Ipv6SocketAddress extends Ipv4SocketAddress {
  readonly flowInfo: number;
  readonly scopeId: number;
}

/** The address of a socket as node:net and node:dgram give it. */
export interface HostAddress {
  readonly address: string;
  readonly port: number;
}

/** The host as node:net takes it: IPv6 without brackets. */
export function hostOf({ tag, val }: IpSocketAddress): string {
  return textOf({ tag, val: val.address });
}

export function textOf({ tag, val }: IpAddress): string {
  return tag === 'ipv4' ? val.join('.') : val.map((part) => part.toString(16)).join(':');
}

/** Parses `text`, an address of either family that the system gave; a zone behind % is left out. */
export function parseIp(text: string): IpAddress {
  if (!text.includes(':')) return { tag: 'ipv4', val: text.split('.').map(Number) };
  const [head = '', tail] = text.replace(/%.*$/, '').split('::');
  const first = groupsOf(head);
  const last = groupsOf(tail ?? '');
  const zeros = new Array<number>(tail === undefined ? 0 : 8 - first.length - last.length).fill(0);
  return { tag: 'ipv6', val: [...first, ...zeros, ...last] };
}

/** The groups of an IPv6 address. The last group may be an IPv4 address, which counts as two. */
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

export function socketAddress({ address, port }: HostAddress): IpSocketAddress {
  const { tag, val } = parseIp(address);
  if (tag === 'ipv4') return { tag, val: { port, address: val } };
  return { tag, val: { port, flowInfo: 0, address: val, scopeId: 0 } };
}

export function unspecified(family: IpFamily): IpSocketAddress {
  return socketAddress({ address: family === 'ipv4' ? '0.0.0.0' : '::', port: 0 });
}

/**
 * Whether a socket of `family` takes the address: IPv6 sockets are never dual-stack, so neither IPv4-mapped addresses
 * nor the IPv4-compatible ones of old are.
 */
export function fits({ tag, val }: IpSocketAddress, family: IpFamily): boolean {
  if (tag !== family) return false;
  return tag === 'ipv4' || !(isMapped(val.address) || isCompatible(val.address));
}

export function isUnspecified({ val }: IpSocketAddress): boolean {
  return val.address.every((part) => part === 0);
}

export function isUnicast({ tag, val }: IpSocketAddress): boolean {
  const [first = 0] = val.address;
  if (tag === 'ipv6') return first >> 8 !== 0xff;
  return !(first >= 224 && first <= 239) && !val.address.every((part) => part === 255);
}

export function sameAddress(a: IpSocketAddress, b: IpSocketAddress): boolean {
  return a.tag === b.tag && a.val.port === b.val.port && a.val.address.every((part, at) => part === b.val.address[at]);
}

/** The IPv4 address that an IPv4-mapped IPv6 address stands for; any other address as it is. */
export function canonical(ip: IpAddress): IpAddress {
  if (ip.tag === 'ipv4' || !isMapped(ip.val)) return ip;
  const [high = 0, low = 0] = ip.val.slice(6);
  return { tag: 'ipv4', val: [high >> 8, high & 0xff, low >> 8, low & 0xff] };
}

function isMapped(parts: readonly number[]): boolean {
  return parts.slice(0, 5).every((part) => part === 0) && parts[5] === 0xffff;
}

function isCompatible(parts: readonly number[]): boolean {
  const [high = 0, low = 0] = parts.slice(6);
  return parts.slice(0, 6).every((part) => part === 0) && (high !== 0 || low > 1);
}
