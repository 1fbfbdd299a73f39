// Addresses of servers that guests name themselves, such as `redis://host:6379/1`, and who may reach them: what is
// checked is what is connected to.

import type { SandboxContext } from '../service.ts';
import { type AllowedHost, defaultPort, isAllowed } from './allowed-hosts.ts';
import { ConnectionRefusals } from './connection-refusals.ts';
import { normalHost } from './host-name.ts';

export interface OutboundAddress {
  /** In lower case. */
  readonly scheme: string;
  /** In its normal form; an IPv6 address has brackets. */
  readonly host: string;
  /** The port that the address names. */
  readonly port: number | undefined;
  /** The whole of it, for user, password, path and query. */
  readonly url: URL;
}

/** In characters; a longer one is no address: connections keep theirs, also when their guest is gone. */
const MOST_LENGTH = 8192;

/** Parses an address; one without a scheme counts as one of `scheme`, as in Spin. Undefined for what is none. */
export function parseOutboundAddress(text: string, scheme: string): OutboundAddress | undefined {
  if (text.length > MOST_LENGTH) return undefined;
  const given = URL.parse(text);
  // What begins as a URL and is none would otherwise name the host `redis`, or the like, in the log.
  const hasScheme = /^\s*[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const url = hasScheme || (given && given.hostname !== '') ? given : URL.parse(`${scheme}://${text}`);
  const host = normalHost(url?.hostname ?? '');
  if (!url || host === undefined) return undefined;
  return { scheme: url.protocol.slice(0, -1), host, port: url.port === '' ? undefined : Number(url.port), url };
}

/** What one sandbox may reach. */
export class OutboundPermission {
  readonly #rules: readonly AllowedHost[];
  readonly #refusals: ConnectionRefusals;

  constructor(rules: readonly AllowedHost[], sandbox: SandboxContext) {
    this.#rules = rules;
    this.#refusals = new ConnectionRefusals(sandbox);
  }

  /** Whether the component may connect there. The log says what to write where it may not. */
  allows(address: OutboundAddress): boolean {
    if (isAllowed(this.#rules, address)) return true;
    const { scheme, host, port } = address;
    const origin = `${scheme}://${host}${port === undefined ? '' : `:${port}`}`;
    this.#refusals.add(origin, port === undefined && defaultPort(scheme) === undefined ? `${origin}:*` : origin);
    return false;
  }

  /** Called at the end of the request. */
  finish(): void {
    this.#refusals.tellUntold();
  }
}
