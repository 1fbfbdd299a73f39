// What one sandbox may reach, and has open: each connection of a guest is one of the pool that it has for itself.
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { type GuestCall, type Later, ServiceFault, unlessAborted } from '../guest-call.ts';
import type { AllowedHost } from '../network/allowed-hosts.ts';
import type { ConnectionPool } from '../network/connection-pool.ts';
import { OutboundPermission } from '../network/outbound-address.ts';
import type { NetworkForSockets } from '../network/outbound-network.ts';
import type { SandboxContext } from '../service.ts';
import { outboundOf, parseRedisAddress, type RedisAddress } from './address.ts';
import type { Argument } from './commands.ts';
import { RedisConnection } from './connection.ts';
import type { Reply } from './reply.ts';

/** Of one sandbox at a time. */
const MOST_OPEN = 128;
/** Addresses of a component that are kept with what they mean: reading one costs as much as a command. */
const MOST_KNOWN = 64;
const MOST_KNOWN_LENGTH = 1024;

export type RedisError =
  | { readonly tag: 'invalid-address' | 'too-many-connections' | 'type-error' }
  | { readonly tag: 'other'; readonly val: string };

export interface RedisConfigured {
  readonly pool: ConnectionPool<RedisConnection>;
  readonly rules: readonly AllowedHost[];
  readonly network: NetworkForSockets;
  /** Those that the component may connect to, by their text. */
  readonly known: Map<string, RedisAddress>;
}

/** A connection as one handle of a guest has it. One that was lost is made again, unless it had a state of its own. */
export class GuestConnection {
  readonly #key: string;
  readonly #address: RedisAddress;
  readonly #configured: RedisConfigured;
  readonly #signal: AbortSignal;
  #leased: RedisConnection | undefined;
  #leasing: Promise<RedisConnection> | undefined;
  #closed = false;

  constructor(key: string, address: RedisAddress, configured: RedisConfigured, signal: AbortSignal) {
    this.#key = key;
    this.#address = address;
    this.#configured = configured;
    this.#signal = signal;
  }

  /** Sends a command and gives its reply. Rejects with a ServiceFault, the server's errors included. */
  async send(command: string, args: readonly Argument[], call: GuestCall): Promise<Reply> {
    const known = this.#leased;
    if (known && !known.isOpen && known.isStained) throw new ServiceFault('broken pipe');
    const connection = known?.isOpen ? known : await this.ready();
    const reply = await unlessAborted(
      connection.send(command, args, (bytes) => call.keep(bytes)),
      this.#signal,
    );
    if (reply.error !== undefined) throw new ServiceFault(reply.error);
    return reply;
  }

  /** Connects. */
  ready(): Promise<RedisConnection> {
    this.#leasing ??= this.#lease().finally(() => {
      this.#leasing = undefined;
    });
    return this.#leasing;
  }

  async #lease(): Promise<RedisConnection> {
    const signal = this.#signal;
    const connect = (): Promise<RedisConnection> =>
      RedisConnection.open(this.#address, signal, this.#configured.network);
    const connection = await this.#configured.pool.lease(this.#key, connect, signal);
    if (this.#closed) {
      this.#configured.pool.giveBack(this.#key, connection);
      throw new ServiceFault('the connection is closed');
    }
    this.#leased = connection;
    return connection;
  }

  /** Gives the connection back. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#leased) this.#configured.pool.giveBack(this.#key, this.#leased);
  }
}

export class OpenConnections {
  readonly #configured: RedisConfigured;
  readonly #sandbox: SandboxContext;
  readonly #permission: OutboundPermission;
  readonly #open = new Set<GuestConnection>();

  constructor(configured: RedisConfigured, sandbox: SandboxContext) {
    this.#configured = configured;
    this.#sandbox = sandbox;
    this.#permission = new OutboundPermission(configured.rules, sandbox);
  }

  get signal(): AbortSignal {
    return this.#sandbox.signal;
  }

  get hostBytes(): SandboxContext['hostBytes'] {
    return this.#sandbox.hostBytes;
  }

  open(text: string): Later<Result<GuestConnection, RedisError>> {
    const address = this.#configured.known.get(text) ?? this.#find(text);
    if (!address) return err({ tag: 'invalid-address' });
    if (this.#open.size >= MOST_OPEN) return err({ tag: 'too-many-connections' });
    const key = `${this.#sandbox.component.id}\n${text}`;
    const connection = new GuestConnection(key, address, this.#configured, this.signal);
    this.#open.add(connection);
    return connection.ready().then(
      () => ok(connection),
      (error: unknown) => {
        this.close(connection);
        if (error instanceof ServiceFault) return err({ tag: 'other', val: error.message });
        throw error;
      },
    );
  }

  /** Undefined for what is no address, or one that the component may not connect to. */
  #find(text: string): RedisAddress | undefined {
    const outbound = outboundOf(text);
    if (!outbound || !this.#permission.allows(outbound)) return undefined;
    const address = parseRedisAddress(text);
    const { known } = this.#configured;
    if (address && known.size < MOST_KNOWN && text.length <= MOST_KNOWN_LENGTH) known.set(text, address);
    return address;
  }

  /** The guest has dropped a handle. */
  close(connection: GuestConnection): void {
    this.#open.delete(connection);
    connection.close();
  }

  finish(): void {
    for (const connection of this.#open) connection.close();
    this.#open.clear();
    this.#permission.finish();
  }
}
