// The address of a Redis server as guests write it: `redis://user:password@host:6379/0`, or `rediss://` for TLS.
import { type OutboundAddress, parseOutboundAddress } from '../network/outbound-address.ts';

export interface RedisAddress {
  /** For the permission. */
  readonly outbound: OutboundAddress;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether the connection is encrypted; `unverified` takes any certificate, which the fragment `#insecure` asks for. */
  readonly tls: boolean | 'unverified';
  readonly user: string;
  readonly password: string;
  readonly database: number;
}

const plain = ['redis', 'valkey'];
const encrypted = ['rediss', 'valkeys'];
const PORT = 6379;

/** Undefined for what is no URL of a server at all. */
export function outboundOf(text: string): OutboundAddress | undefined {
  return parseOutboundAddress(text, 'redis');
}

/** Undefined for what is no address of a Redis server. */
export function parseRedisAddress(text: string): RedisAddress | undefined {
  const outbound = outboundOf(text);
  // An address without a scheme has a permission, and no client: as in Spin.
  if (!outbound || ![...plain, ...encrypted].includes(outbound.scheme)) return undefined;
  if (!text.toLowerCase().startsWith(`${outbound.scheme}://`)) return undefined;
  const { url, scheme } = outbound;
  const database = url.pathname.replace(/^\//, '') || '0';
  const user = decoded(url.username);
  const password = decoded(url.password);
  if (!/^\d{1,9}$/.test(database) || user === undefined || password === undefined) return undefined;
  return {
    outbound,
    host: outbound.host.replace(/^\[|\]$/g, ''),
    port: outbound.port ?? PORT,
    tls: encrypted.includes(scheme) && (url.hash === '#insecure' ? 'unverified' : true),
    user,
    password,
    database: Number(database),
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
