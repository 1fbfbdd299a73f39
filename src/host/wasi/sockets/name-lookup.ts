// Looks up the addresses of a name, for components that may reach it. The addresses count as that name afterwards.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { normalHost } from '../../network/host-name.ts';
import { fail, SocketError, toSocketError } from './error-code.ts';
import { canonical, type IpAddress, parseIp } from './ip-address.ts';
import type { Network } from './network.ts';

/** The most characters of a name (RFC 1035, 3.1). */
const MAX_NAME = 253;

/**
 * Looks a name up. Throws `invalid-argument` and `access-denied` at once; the promise rejects with what the resolver
 * said.
 */
export function resolveAddresses(network: Network, text: string): Promise<IpAddress[]> {
  if (text.length > MAX_NAME * 4) fail('invalid-argument');
  if (isIP(text) !== 0) return Promise.resolve([parseIp(text)]);
  const name = normalHost(text)?.replace(/\.$/, '');
  if (name === undefined || name === '' || name.length > MAX_NAME) fail('invalid-argument');
  const literal = name.replace(/^\[(.*)\]$/, '$1');
  if (isIP(literal) !== 0) return Promise.resolve([parseIp(literal)]);
  network.checkName(name);
  return ask(network, name);
}

async function ask(network: Network, name: string): Promise<IpAddress[]> {
  network.count();
  try {
    const found = await lookup(name, { all: true });
    const addresses = network.learn(name, [...new Set(found.map(({ address }) => address))]);
    if (addresses.length === 0) throw new SocketError('name-unresolvable');
    return addresses.map((address) => canonical(parseIp(address)));
  } catch (error) {
    throw resolverError(error);
  } finally {
    network.giveBack();
  }
}

function resolverError(error: unknown): SocketError {
  const known = toSocketError(error);
  return known.code === 'unknown' ? new SocketError('permanent-resolver-failure', { cause: error }) : known;
}
