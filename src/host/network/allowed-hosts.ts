// `allowed_outbound_hosts`: parses its entries, and says whether a host may be reached, by Spin's rules. Every outbound
// service asks here. Names are not resolved: a CIDR range matches addresses only.
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { LockedComponent } from '../../app/locked-app.ts';
import { MayflyError } from '../../errors.ts';
import type { ComponentContext } from '../service.ts';
import { normalHost } from './host-name.ts';

/**
 * The error for an entry that is not of the form `scheme://host[:port]`; the message says why, without naming the
 * entry.
 */
export class AllowedHostFault extends Error {
  override readonly name = 'AllowedHostFault';
  /** The message without what the entry says: a variable, which may be secret, can have said it. */
  readonly discreet: string;

  constructor(say: (shown: string) => string, part: string) {
    super(say(`"${part}"`));
    this.discreet = say('the value of a variable');
  }
}

interface PortRange {
  readonly from: number;
  /** The first port after the range. */
  readonly end: number;
}

type HostRule =
  | { readonly kind: 'any' }
  /** The app itself, reached by relative URLs and `self.alt`; never by a host name that a client sent. */
  | { readonly kind: 'self' }
  | { readonly kind: 'literal'; readonly host: string }
  /** The end of the host name, with its leading dot. */
  | { readonly kind: 'subdomain'; readonly suffix: string }
  | { readonly kind: 'cidr'; readonly addresses: BlockList };

export interface AllowedHost {
  readonly text: string;
  /** The scheme in lower case; `*` for all. */
  readonly scheme: string;
  readonly host: HostRule;
  readonly ports: PortRange | '*';
}

export interface Destination {
  readonly scheme: string;
  /** The name or address; an IPv6 address has brackets. */
  readonly host: string;
  /** The port; undefined means the scheme's own. */
  readonly port?: number | undefined;
}

const defaultPorts: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  redis: 6379,
  postgres: 5432,
  mysql: 3306,
  mqtt: 1883,
};

export function defaultPort(scheme: string): number | undefined {
  return Object.hasOwn(defaultPorts, scheme) ? defaultPorts[scheme] : undefined;
}

/** Parses an entry. Throws AllowedHostFault. */
export function parseAllowedHost(text: string): AllowedHost {
  const [, scheme, rest] = /^([^:]*):\/\/(.*)$/s.exec(text.trim()) ?? fault('has no scheme, such as https:// or *://');
  if (!/^(?:\*|[a-z]+)$/i.test(scheme!))
    fault((shown) => `has ${shown} as its scheme, which is neither a word nor *`, scheme!);
  const { host, port } = splitPort(rest!);
  return { text, scheme: scheme!.toLowerCase(), host: parseHost(host), ports: parsePorts(port, scheme!.toLowerCase()) };
}

/**
 * Parses entries. One that a template left empty (`https://{{ host }}` with an empty `host`) counts as absent: that is
 * how an optional endpoint is written. Throws AllowedHostFault.
 */
export function parseAllowedHosts(texts: readonly string[]): readonly AllowedHost[] {
  return texts.filter((text) => !/^(?:https?:\/\/)?$/.test(text)).map(parseAllowedHost);
}

/**
 * The hosts that a component may reach. A malformed entry, which a variable may have made, is reported, and allows
 * nothing.
 */
export function allowedHostsOf(context: ComponentContext): readonly AllowedHost[] {
  const found = known.get(context.component) ?? readAllowedHosts(context);
  known.set(context.component, found);
  return found;
}

const HINT = 'Look at the values of the variables in its entries: each entry has the form scheme://host[:port]';

/** Of components that another service has asked for: a mistake is reported once. */
const known = new WeakMap<LockedComponent, readonly AllowedHost[]>();

function readAllowedHosts({ component, problem }: ComponentContext): readonly AllowedHost[] {
  const { id, allowedOutboundHosts, location } = component;
  return allowedOutboundHosts.flatMap((text) => {
    try {
      return parseAllowedHosts([text]);
    } catch (cause) {
      if (!(cause instanceof AllowedHostFault)) throw cause;
      const message = `An entry of allowed_outbound_hosts of component "${id}" ${cause.discreet}`;
      problem(new MayflyError('manifest-allowed-host', message, { location, hint: HINT }));
      return [];
    }
  });
}

export function isAllowed(rules: readonly AllowedHost[], { scheme, host, port }: Destination): boolean {
  const normal = normalHost(host);
  const number = port ?? defaultPort(scheme);
  if (normal === undefined) return false;
  return rules.some(
    (rule) => schemeMatches(rule, scheme) && hostMatches(rule.host, normal) && portMatches(rule, number),
  );
}

/** Whether requests to the app itself are allowed: any rule for HTTP with `self` or `*` as its host. */
export function isSelfAllowed(rules: readonly AllowedHost[]): boolean {
  return rules.some(
    (rule) =>
      (schemeMatches(rule, 'http') || schemeMatches(rule, 'https')) &&
      (rule.host.kind === 'self' || rule.host.kind === 'any'),
  );
}

/** Splits off the port. An IPv6 range without brackets is a host with colons, so the whole is tried as a host first. */
function splitPort(text: string): { host: string; port: string } {
  const colon = text.lastIndexOf(':');
  if (colon === -1 || isHost(text)) return { host: text, port: '' };
  const port = text.slice(colon + 1).replace(/\/$/, '');
  if (port.includes('/')) fault('has a path: permissions are for hosts');
  return { host: text.slice(0, colon), port };
}

function isHost(text: string): boolean {
  try {
    parseHost(text);
    return true;
  } catch {
    return false;
  }
}

function parseHost(text: string): HostRule {
  if (text === '*') return { kind: 'any' };
  const cidr = parseCidr(text);
  if (cidr !== undefined) return { kind: 'cidr', addresses: cidr };
  const host = text.replace(/\/$/, '');
  if (host === 'self' || host === 'self.alt') return { kind: 'self' };
  if (host === '') fault('has no host');
  if (host.startsWith('{')) fault('holds a list: give each host an entry of its own');
  if (host.includes('/')) fault('has a path: permissions are for hosts');
  if (host.startsWith('*.')) return parseSubdomain(host.slice(2));
  if (host.includes('*')) fault('has a * inside a name: it stands for a whole host, or before the first dot');
  return {
    kind: 'literal',
    host: normalHost(host) ?? fault((shown) => `has ${shown} as its host, which is no name or address`, host),
  };
}

function parseSubdomain(domain: string): HostRule {
  if (domain.includes('*')) fault('has a * inside a name: it stands for a whole host, or before the first dot');
  const name = normalHost(domain);
  if (name === undefined || isAddress(name)) fault((shown) => `has ${shown} after "*.", which is no domain`, domain);
  return { kind: 'subdomain', suffix: `.${name}` };
}

function parseCidr(text: string): BlockList | undefined {
  const [, address, prefix] = /^([0-9a-f:.]+)\/(\d{1,3})$/i.exec(text) ?? [];
  if (address === undefined || prefix === undefined) return undefined;
  const type = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  if (type === undefined || Number(prefix) > (type === 'ipv4' ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), type);
  return list;
}

function parsePorts(text: string, scheme: string): PortRange | '*' {
  if (text === '*') return '*';
  if (text === '') {
    const port = defaultPort(scheme) ?? fault((shown) => `needs a port: the scheme ${shown} has no usual one`, scheme);
    return { from: port, end: port + 1 };
  }
  const [, first, last] = /^(\d{1,5})(?:\.\.(\d{1,5}))?$/.exec(text) ?? [];
  const from = Number(first);
  const end = last === undefined ? from + 1 : Number(last);
  if (first === undefined || from > 65_535 || end > 65_536) fault((shown) => `has ${shown} as its port`, text);
  return { from, end };
}

function schemeMatches(rule: AllowedHost, scheme: string): boolean {
  return rule.scheme === '*' || rule.scheme === scheme;
}

function portMatches({ ports }: AllowedHost, port: number | undefined): boolean {
  return ports === '*' || (port !== undefined && port >= ports.from && port < ports.end);
}

function hostMatches(rule: HostRule, host: string): boolean {
  switch (rule.kind) {
    case 'any':
      return true;
    case 'self':
      return false;
    case 'literal':
      return host === rule.host;
    case 'subdomain':
      return host.endsWith(rule.suffix) && !isAddress(host);
    case 'cidr': {
      if (isIPv4(host)) return rule.addresses.check(host, 'ipv4');
      const address = host.slice(1, -1);
      return host.startsWith('[') && rule.addresses.check(address, 'ipv6');
    }
  }
}

function isAddress(normal: string): boolean {
  return isIPv4(normal) || normal.startsWith('[');
}

function fault(say: string | ((shown: string) => string), part = ''): never {
  throw new AllowedHostFault(typeof say === 'string' ? () => say : say, part);
}
