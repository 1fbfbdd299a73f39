// The network as the guests of an app may use it, by the runtime configuration: which addresses, how many connections,
// which certificates. Whoever connects for a guest asks here for the address, and connects to the one that it gets.
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { RuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import { BlockedAddress, BlockedNetworks } from './blocked-networks.ts';
import { readClientTls, type TlsFor } from './client-tls.ts';
import { ConnectionPermits } from './connection-permits.ts';

export interface OutboundNetwork {
  readonly blocked: BlockedNetworks;
  readonly permits: ConnectionPermits;
  /** Whether connections of HTTP serve more than one request. */
  readonly pooling: boolean;
  /** Gives the certificates for a component's connections to a host; undefined for the usual ones. */
  readonly tlsFor: TlsFor;
  /**
   * Gives an address of a host (a name, or an address with or without brackets) that is not blocked. It must be connected
   * to that address: to look the name up once more could give another one. Rejects with BlockedAddress when there is
   * none, or with what the resolver says.
   */
  resolve(host: string): Promise<string>;
  /**
   * The address to connect to in place of a host, for clients that take no `lookup`; undefined where nothing is blocked,
   * so that they may look the name up themselves. Rejects like `resolve`.
   */
  pinned(host: string): Promise<string | undefined>;
  /** What node:net and node:tls take as `lookup`. They do not ask it for an address: `checkLiteral` is for those. */
  readonly lookup: LookupFunction;
  /** Throws BlockedAddress when `host` is an address, with or without brackets, that is blocked. */
  checkLiteral(host: string): void;
}

interface Address {
  readonly address: string;
  readonly family: number;
}

/** What a client needs that connects with node:net or node:tls itself. */
export type NetworkForSockets = Pick<OutboundNetwork, 'lookup' | 'checkLiteral'>;

/** Gives all addresses of a name. */
export type LookUp = (host: string) => Promise<Address[]>;

const lookUpAll: LookUp = (host) => lookup(host, { all: true });

/** Makes the network of an app. Throws PemFault for files that were changed since the configuration was read. */
export function createOutboundNetwork(config: RuntimeConfig, lookUp: LookUp = lookUpAll): OutboundNetwork {
  const { outboundNetworking, outboundHttp, maxConnections } = config;
  const blocked = new BlockedNetworks(outboundNetworking.blockNetworks);
  const permits = new ConnectionPermits({
    ...maxConnections,
    http: outboundHttp.maxConnections,
    socket: outboundNetworking.maxSocketConnections,
    total: outboundNetworking.maxTotalConnections,
  });

  async function open(host: string): Promise<Address[]> {
    const found = await lookUp(host);
    const kept = found.filter(({ address }) => !blocked.blocks(address));
    if (kept.length === 0) throw new BlockedAddress(host);
    return kept;
  }

  const checkLiteral = (host: string): void => {
    const bare = bareOf(host);
    if (isIP(bare) !== 0 && blocked.blocks(bare)) throw new BlockedAddress(bare);
  };

  /** Most servers listen to IPv4, and a client that gets one address tries no other. */
  const resolve = async (host: string): Promise<string> => {
    checkLiteral(host);
    const bare = bareOf(host);
    if (isIP(bare) !== 0) return bare;
    const found = await open(bare);
    return (found.find(({ family }) => family === 4) ?? found[0]!).address;
  };

  return {
    blocked,
    permits,
    resolve,
    pinned: async (host) => (blocked.isEmpty ? undefined : resolve(host)),
    pooling: outboundHttp.connectionPooling,
    tlsFor: readClientTls(config.clientTls),
    checkLiteral,
    lookup(host, options, done) {
      const { family } = options;
      const fits = (one: { family: number }): boolean => (family === 4 || family === 6 ? one.family === family : true);
      open(host).then(
        (found) => {
          const fitting = found.filter(fits);
          const [first] = fitting;
          if (first === undefined) done(notFound(host), '', 0);
          else if (options.all) done(null, fitting);
          else done(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => done(error, '', 0),
      );
    },
  };
}

function bareOf(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function notFound(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`"${host}" has no address of the wanted family`), { code: 'ENOTFOUND' });
}
