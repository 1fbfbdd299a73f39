// What a component may do with the network. The usual policy is made of `allowed_outbound_hosts`, as Spin reads it:
// entries with the scheme `tcp`, `udp` or `*` allow outgoing connections; nothing allows incoming ones.
import { bracketed } from '../../../authority.ts';
import { type AllowedHost, isAllowed } from '../../network/allowed-hosts.ts';
import type { OutboundNetwork } from '../../network/outbound-network.ts';

/** A use of a socket. `tcp-bind` covers listening; `udp-send` also covers where datagrams may come from. */
export type SocketUse = 'tcp-bind' | 'tcp-connect' | 'udp-bind' | 'udp-send';

export interface SocketPolicy {
  /**
   * Whether a use is allowed. `host` is an IP address (IPv6 without brackets), or a name that the sandbox has looked
   * up.
   */
  allows(use: SocketUse, host: string, port: number): boolean;
  /** Whether a name may be looked up. */
  allowsName(name: string): boolean;
  /** Networks that may not be reached, whatever is allowed, and how many sockets the app may have. */
  readonly network?: SocketNetwork | undefined;
}

export type SocketNetwork = Pick<OutboundNetwork, 'blocked' | 'permits'>;

export const noNetwork: SocketPolicy = { allows: () => false, allowsName: () => false };

/**
 * The policy made of `rules`. A local UDP port without an address of its own, from the ephemeral range, may be bound by
 * a component that may send anywhere at all; what arrives there is only let through from where it may send to.
 */
export function outboundPolicy(rules: readonly AllowedHost[], network?: SocketNetwork): SocketPolicy {
  const usable = (scheme: string): boolean => rules.some((rule) => rule.scheme === '*' || rule.scheme === scheme);
  const reaches = (scheme: string, host: string, port: number): boolean =>
    isAllowed(rules, { scheme, host: bracketed(host), port });
  return {
    network,
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

/** Whether a rule allows any port of the host. A look-up has no port, so a rule for any port of the name is enough. */
function anyPort(rules: readonly AllowedHost[], scheme: string, host: string): boolean {
  return isAllowed(
    rules.map((rule) => ({ ...rule, ports: '*' })),
    { scheme, host, port: 0 },
  );
}

export function policyOf(rules: readonly AllowedHost[], network?: SocketNetwork): SocketPolicy {
  return rules.length === 0 ? noNetwork : outboundPolicy(rules, network);
}
