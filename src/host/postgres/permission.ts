// Whether a component may reach the servers of an address: as in Spin each of them must be allowed. The numeric address of
// `hostaddr`, which is the one that is connected to, must be, too.
import { bracketed } from '../../authority.ts';
import { type AllowedHost, isAllowed } from '../network/allowed-hosts.ts';
import type { PgAddress, PgHost } from './address.ts';
import { fault } from './fault.ts';

/** The first place that is not allowed, as `host:port`; undefined when all are. Throws a PgFault for what is no host. */
export function deniedPlace(rules: readonly AllowedHost[], { hosts }: PgAddress): string | undefined {
  for (const place of hosts) {
    for (const host of namesOf(place)) {
      if (host.startsWith('/')) throw fault('connection-failed', 'Unix sockets are not supported on WebAssembly');
      const allowed = isAllowed(rules, { scheme: 'postgres', host: bracketed(host), port: place.port });
      if (!allowed) return place.portIsSaid ? `${host}:${place.port}` : host;
    }
  }
  return undefined;
}

const namesOf = ({ host, hostaddr }: PgHost): string[] => (hostaddr === undefined ? [host] : [host, hostaddr]);
