// The proxies that an operator trusts, by their addresses.
import { BlockList, isIP } from 'node:net';
import { MayflyError } from '../../../errors.ts';
import type { Peer } from '../peer.ts';

/** Stands for whoever may connect to a socket of a path, which gives no addresses. */
const UNIX = 'unix';

export class TrustedProxies {
  readonly #list = new BlockList();
  readonly #trustsUnix: boolean;

  /** Takes addresses, networks such as `10.0.0.0/8`, and `unix`. Throws `usage`. */
  constructor(entries: readonly string[]) {
    this.#trustsUnix = entries.includes(UNIX);
    for (const entry of entries) if (entry !== UNIX) this.#add(entry);
  }

  has({ host }: Pick<Peer, 'host'>): boolean {
    if (host === '') return this.#trustsUnix;
    const family = isIP(host);
    return family !== 0 && this.#list.check(host, family === 4 ? 'ipv4' : 'ipv6');
  }

  #add(entry: string): void {
    const [address = '', bits, ...more] = entry.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    if (family === 0 || more.length > 0 || !(prefix <= most)) {
      throw new MayflyError('usage', `"${entry}" is not an address of a proxy`, {
        hint: "Write an IP address, a network such as '10.0.0.0/8', or 'unix' for who connects by the path of a socket",
      });
    }
    this.#list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
}
