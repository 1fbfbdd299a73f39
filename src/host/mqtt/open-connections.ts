// What one sandbox may reach, and has open. As in Spin a connection is made when something is first published on it.
import { bytesOfText, HeldBytes } from '../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { type Later, ServiceFault } from '../guest-call.ts';
import type { AllowedHost } from '../network/allowed-hosts.ts';
import { OutboundPermission } from '../network/outbound-address.ts';
import type { NetworkForSockets } from '../network/outbound-network.ts';
import type { SandboxContext } from '../service.ts';
import { type BrokerAddress, isMqttText, outboundOf, parseBrokerAddress } from './address.ts';
import type { AppConnections } from './app-connections.ts';
import { BrokerConnection, ConnectionFault, type Qos } from './broker-connection.ts';

/** Of one sandbox at a time. */
const MOST_OPEN = 128;

export type MqttError =
  | { readonly tag: 'invalid-address' | 'too-many-connections' }
  | { readonly tag: 'connection-failed' | 'other'; readonly val: string };

export interface MqttConfigured {
  readonly connections: AppConnections;
  readonly rules: readonly AllowedHost[];
  readonly network: NetworkForSockets;
  readonly mostPayloadBytes: number | undefined;
}

/** A connection as one handle of a guest has it. */
export interface GuestConnection {
  readonly key: string;
  readonly open: () => Promise<BrokerConnection>;
  /** What the host keeps for the handle. */
  readonly held: HeldBytes;
}

export class OpenConnections {
  readonly #configured: MqttConfigured;
  readonly #sandbox: SandboxContext;
  readonly #permission: OutboundPermission;
  #open = 0;

  constructor(configured: MqttConfigured, sandbox: SandboxContext) {
    this.#configured = configured;
    this.#sandbox = sandbox;
    this.#permission = new OutboundPermission(configured.rules, sandbox);
  }

  /** Throws a Trap when the host keeps too much for the guest. */
  open(text: string, username: string, password: string, keepAlive: bigint): Result<GuestConnection, MqttError> {
    const outbound = outboundOf(text);
    if (!outbound || !this.#permission.allows(outbound)) {
      return err({ tag: 'connection-failed', val: `address ${text} is not permitted` });
    }
    const address = parseBrokerAddress(text, outbound);
    if (!address) return err({ tag: 'invalid-address' });
    if (!isMqttText(username) || !isMqttText(password)) {
      return err({ tag: 'other', val: 'a user or a password holds a NUL, or more than 65535 bytes' });
    }
    if (this.#open >= MOST_OPEN) return err({ tag: 'too-many-connections' });
    const held = new HeldBytes(this.#sandbox.hostBytes);
    // They are kept as they are, and in the key.
    held.set(2 * (bytesOfText(text) + bytesOfText(username) + bytesOfText(password)));
    this.#open += 1;
    return ok({ ...this.#connection(address, username, password, keepAlive), held });
  }

  #connection(
    address: BrokerAddress,
    username: string,
    password: string,
    keepAlive: bigint,
  ): Omit<GuestConnection, 'held'> {
    const key = JSON.stringify([this.#sandbox.component.id, address, username, password, String(keepAlive)]);
    const { network } = this.#configured;
    return { key, open: () => BrokerConnection.open(address, { username, password }, keepAlive, network) };
  }

  finish(): void {
    this.#permission.finish();
  }

  /** The guest has dropped a handle. */
  close({ held }: GuestConnection): void {
    this.#open -= 1;
    held.release();
  }

  publish(
    { key, open }: GuestConnection,
    topic: string,
    payload: Uint8Array,
    qos: Qos,
  ): Later<Result<undefined, MqttError>> {
    const fault = this.#faultOf(topic, payload);
    if (fault !== undefined) return err({ tag: 'other', val: fault });
    const { signal } = this.#sandbox;
    const done = this.#configured.connections.use(key, open, signal, (one) => one.publish(topic, payload, qos, signal));
    return done.then(
      () => ok(undefined),
      (error: unknown) => {
        if (error instanceof ConnectionFault) return err({ tag: 'connection-failed', val: error.message });
        if (error instanceof ServiceFault) return err({ tag: 'other', val: error.message });
        throw error;
      },
    );
  }

  /** What a broker would end the connection for, which other requests use, too. */
  #faultOf(topic: string, payload: Uint8Array): string | undefined {
    const most = this.#configured.mostPayloadBytes;
    if (most !== undefined && payload.byteLength > most) {
      return `payload size ${payload.byteLength} exceeds the maximum allowed size of ${most} bytes`;
    }
    const isTopic = topic !== '' && !/[+#]/.test(topic) && isMqttText(topic);
    return isTopic ? undefined : 'Failed to send mqtt requests to eventloop';
  }
}
