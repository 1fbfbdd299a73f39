// The network as one sandbox sees it: permissions, the number of sockets, the names that were looked up, and one line
// in the log when something was denied.
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { logEvent } from '../../../telemetry/events.ts';
import { BlockedAddress } from '../../network/blocked-networks.ts';
import type { SandboxContext } from '../../service.ts';
import type { ObjectOwner } from '../io/host-object.ts';
import { fail } from './error-code.ts';
import { hostOf, type IpSocketAddress, parseIp, textOf } from './ip-address.ts';
import { noNetwork, type SocketPolicy, type SocketUse } from './policy.ts';

/** The most sockets and look-ups that a sandbox may hold: each costs a file descriptor, or a thread for a while. */
export const MAX_SOCKETS = 64;
/** The most addresses that are kept with the name they belong to. */
const MAX_LEARNED = 256;
/** Bytes that a name takes apart from its text. */
const BYTES_PER_NAME = 256;

/** The part of a sandbox's WASI state that sockets use. */
export interface SocketOwner extends ObjectOwner {
  readonly network: Network;
}

export class Network {
  readonly #policy: SocketPolicy;
  readonly #sandbox: SandboxContext;
  readonly #names = new Map<string, Set<string>>();
  #learned = 0;
  readonly #held: HeldBytes;
  #open = 0;
  #warned = false;

  constructor(policy: SocketPolicy | undefined, sandbox: SandboxContext) {
    this.#policy = policy ?? noNetwork;
    this.#sandbox = sandbox;
    this.#held = new HeldBytes(sandbox.hostBytes);
  }

  /** The number of sockets and look-ups that are open. */
  get open(): number {
    return this.#open;
  }

  /** Counts one more, which must be given back once with `giveBack`. Throws `new-socket-limit`. */
  count(): void {
    if (this.#open >= MAX_SOCKETS) fail('new-socket-limit');
    const { permits } = this.#policy.network ?? {};
    if (permits !== undefined && !permits.tryTake('socket')) fail('new-socket-limit');
    this.#open++;
  }

  giveBack(): void {
    this.#open--;
    this.#policy.network?.permits.giveBack('socket');
  }

  /** Checks that an address may be used. Throws `access-denied` if not. */
  check(use: SocketUse, address: IpSocketAddress): void {
    if (this.allows(use, address)) return;
    this.#denied(use, address);
    fail('access-denied');
  }

  /** Whether an address may be used. It counts as the allowed names that led to it, too. */
  allows(use: SocketUse, address: IpSocketAddress): boolean {
    const host = hostOf(address);
    if (this.#isBlocked(host)) return false;
    const { port } = address.val;
    if (this.#policy.allows(use, host, port)) return true;
    for (const name of this.#names.get(keyOf(host)) ?? []) if (this.#policy.allows(use, name, port)) return true;
    return false;
  }

  /** Checks that a name may be looked up. Throws `access-denied` if not. */
  checkName(name: string): void {
    if (this.#policy.allowsName(name)) return;
    this.#warn(`It may not look up "${name}"`, name, `tcp://${name}:*`);
    fail('access-denied');
  }

  /** Keeps the addresses that a look-up gave, and returns them without those in blocked networks. */
  learn(name: string, addresses: readonly string[]): string[] {
    const open = addresses.filter((address) => !this.#isBlocked(address));
    for (const address of open) {
      if (this.#learned >= MAX_LEARNED) break;
      const key = keyOf(address);
      const names = this.#names.get(key) ?? new Set();
      if (!names.has(name)) {
        if (!this.#held.trySet(this.#held.bytes + name.length + BYTES_PER_NAME)) break;
        this.#learned++;
      }
      this.#names.set(key, names.add(name));
    }
    return open;
  }

  #isBlocked(host: string): boolean {
    return this.#policy.network?.blocked.blocks(host) ?? false;
  }

  #denied(use: SocketUse, address: IpSocketAddress): void {
    const host = hostOf(address);
    const place = `${address.tag === 'ipv6' ? `[${host}]` : host}:${address.val.port}`;
    if (this.#isBlocked(host)) this.#blocked(host, `${use.slice(0, 3)}://${place}`);
    else if (use === 'tcp-bind') this.#warn(`It may not bind TCP sockets to ${place}`, place, undefined);
    else this.#warn(`It may not use ${place}`, place, `${use.slice(0, 3)}://${place}`);
  }

  #blocked(host: string, origin: string): void {
    if (this.#warned) return;
    this.#warned = true;
    const { message } = new BlockedAddress(host);
    logEvent(this.#sandbox.log, 'network-blocked', { origin }, `It may not use ${origin}: ${message}`);
  }

  /** Logs a refusal once per sandbox: a guest that tries again and again must not fill the log. */
  #warn(message: string, origin: string, entry: string | undefined): void {
    if (this.#warned) return;
    this.#warned = true;
    const { component, log } = this.#sandbox;
    const mend = `To allow it, add to [component.${component.id}]: allowed_outbound_hosts = ["${entry}"]`;
    logEvent(log, 'network-denied', { origin, entry }, entry === undefined ? message : `${message}. ${mend}`);
  }
}

function keyOf(host: string): string {
  return textOf(parseIp(host));
}
