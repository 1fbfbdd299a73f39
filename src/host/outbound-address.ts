// Addresses of servers that guests name themselves, such as `redis://host:6379/1`, and who may reach them: what is
// checked is what is connected to.

import { logEvent } from '../telemetry/events.ts';
import { type AllowedHost, defaultPort, isAllowed, normalHost } from './allowed-hosts.ts';
import { Refusals } from './refusals.ts';
import type { SandboxContext } from './service.ts';

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

/** Parses an address; one without a scheme counts as one of `scheme`, as in Spin. Undefined for what is none. */
export function parseOutboundAddress(text: string, scheme: string): OutboundAddress | undefined {
  const given = URL.parse(text);
  const url = given && given.hostname !== '' ? given : URL.parse(`${scheme}://${text}`);
  const host = normalHost(url?.hostname ?? '');
  if (!url || host === undefined) return undefined;
  return { scheme: url.protocol.slice(0, -1), host, port: url.port === '' ? undefined : Number(url.port), url };
}

/** What one sandbox may reach. */
export class OutboundPermission {
  readonly #rules: readonly AllowedHost[];
  readonly #sandbox: SandboxContext;
  readonly #refusals = new Refusals();

  constructor(rules: readonly AllowedHost[], sandbox: SandboxContext) {
    this.#rules = rules;
    this.#sandbox = sandbox;
  }

  /** Whether the component may connect there. The log says what to write where it may not. */
  allows(address: OutboundAddress): boolean {
    if (isAllowed(this.#rules, address)) return true;
    if (this.#refusals.count()) this.#denied(address);
    return false;
  }

  #denied({ scheme, host, port }: OutboundAddress): void {
    const { log, component } = this.#sandbox;
    const origin = `${scheme}://${host}${port === undefined ? '' : `:${port}`}`;
    const entry = port === undefined && defaultPort(scheme) === undefined ? `${origin}:*` : origin;
    const mend = `To allow it, add to [component.${component.id}]: allowed_outbound_hosts = ["${entry}"]`;
    logEvent(log, 'network-denied', { origin, entry }, `It may not connect to ${origin}. ${mend}`);
  }
}
