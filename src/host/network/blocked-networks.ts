// `block_networks` of the runtime configuration: networks that no guest reaches, whatever its component is allowed. What
// counts is the address that is connected to, never a name.
import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * What `private` stands for: all that is not reachable from everywhere, as the registries of special addresses of IANA
 * have it (RFC 6890 and what followed it), and multicast.
 */
const privateNetworks = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '::/128', '::1/128', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32'],
  ...['3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

/** The error of a destination that is blocked; node:http and node:net hand it on by its code. */
export class BlockedAddress extends Error {
  override readonly name = 'BlockedAddress';
  readonly code = 'EACCES';
  constructor(host: string) {
    super(`"${host}" lies in a network that block_networks of the runtime configuration closes`);
  }
}

export class BlockedNetworks {
  readonly #list = new BlockList();
  readonly isEmpty: boolean;

  /** `networks` are ranges such as `10.0.0.0/8`, addresses, or `private`. */
  constructor(networks: readonly string[]) {
    this.isEmpty = networks.length === 0;
    for (const network of networks.flatMap((one) => (one === 'private' ? privateNetworks : [one]))) {
      const [address = '', bits] = network.split('/');
      const type = isIPv4(address) ? 'ipv4' : 'ipv6';
      if (bits === undefined) this.#list.addAddress(address, type);
      else this.#list.addSubnet(address, Number(bits), type);
    }
  }

  /** Whether an address, IPv6 without brackets, is blocked. A text that is no address is. */
  blocks(address: string): boolean {
    if (this.isEmpty) return false;
    const [bare = ''] = address.split('%');
    const version = isIP(bare);
    if (version === 0) return true;
    if (version === 4) return this.#blocksIPv4(bare);
    if (this.#list.check(bare, 'ipv6')) return true;
    const groups = groupsOf(bare);
    // The kernel takes the unspecified address for the loopback address of its family.
    if (groups.every((group) => group === 0) && this.#list.check('::1', 'ipv6')) return true;
    const embedded = embeddedIPv4(groups);
    return embedded !== undefined && this.#blocksIPv4(embedded);
  }

  #blocksIPv4(address: string): boolean {
    if (this.#list.check(address, 'ipv4')) return true;
    return address === '0.0.0.0' && this.#list.check('127.0.0.1', 'ipv4');
  }
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((one) => Number.parseInt(one, 16));
  const first = groups(head);
  const last = groups(tail ?? '');
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}

/**
 * The IPv4 address to which packets for an IPv6 address may go: mapped (`::ffff:0:0/96`), compatible (`::/96`),
 * translated (`64:ff9b::/96`, RFC 6052) or in 6to4 (`2002::/16`).
 */
function embeddedIPv4(groups: readonly number[]): string | undefined {
  const start = (...wanted: number[]): boolean => wanted.every((group, at) => groups[at] === group);
  const dotted = (at: number): string => {
    const [high = 0, low = 0] = groups.slice(at, at + 2);
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  };
  if (start(0x2002)) return dotted(1);
  const low = start(0, 0, 0, 0, 0, 0xffff) || start(0, 0, 0, 0, 0, 0) || start(0x64, 0xff9b, 0, 0, 0, 0);
  return low ? dotted(6) : undefined;
}
