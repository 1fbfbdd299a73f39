// What a component may do with the network. The usual policy is made of `allowed_outbound_hosts`, as Spin reads it:
// entries with the scheme `tcp`, `udp` or `*` open the way out; nothing opens the way in.
import type { BlockList } from 'node:net';
import { type AllowedHost, isAllowed } from '../../allowed-hosts.ts';

/** `tcp-bind` covers listening; `udp-send` also covers where datagrams may come from. */
export type SocketUse = 'tcp-bind' | 'tcp-connect' | 'udp-bind' | 'udp-send';

export interface SocketPolicy {
  /** `host` is an IP address, or a name that the sandbox has looked up; IPv6 without brackets. */
  allows(use: SocketUse, host: string, port: number): boolean;
  /** Whether a name may be looked up. */
  allowsName(name: string): boolean;
  /** Networks that stay closed whatever is allowed. */
  readonly blocked?: BlockList | undefined;
}

export const noNetwork: SocketPolicy = { allows: () => false, allowsName: () => false };

/**
 * A local UDP port without an address of its own, from the ephemeral range, is open to whoever may send anywhere at
 * all; what arrives there is only let through from where the component may send to.
 */
export function outboundPolicy(rules: readonly AllowedHost[], blocked?: BlockList): SocketPolicy {
  const usable = (scheme: string): boolean => rules.some((rule) => rule.scheme === '*' || rule.scheme === scheme);
  const reaches = (scheme: string, host: string, port: number): boolean =>
    isAllowed(rules, { scheme, host: host.includes(':') ? `[${host}]` : host, port });
  return {
    blocked,
    allows(use, host, port) {
      if (use === 'tcp-bind') return false;
      if (use === 'tcp-connect') return reaches('tcp', host, port);
      if (use === 'udp-send') return reaches('udp', host, port);
      return (
        reaches('udp', host, port) || (port === 0 && (host === '0.0.0.0' || /^[0:]+$/.test(host)) && usable('udp'))
      );
    },
    allowsName: (name) => ['tcp', 'udp'].some((scheme) => anyPort(rules, scheme, name)),
  };
}

/** Lookup asks for no port: a rule for any port of the name is enough. */
function anyPort(rules: readonly AllowedHost[], scheme: string, host: string): boolean {
  return isAllowed(
    rules.map((rule) => ({ ...rule, ports: '*' })),
    { scheme, host, port: 0 },
  );
}

export function policyOf(rules: readonly AllowedHost[]): SocketPolicy {
  return rules.length === 0 ? noNetwork : outboundPolicy(rules);
}
