// What one sandbox may reach, and has open.
import { createHash } from 'node:crypto';
import type { AllowedHost } from '../network/allowed-hosts.ts';
import type { ConnectionPool } from '../network/connection-pool.ts';
import { ConnectionRefusals } from '../network/connection-refusals.ts';
import { type Leased, LeasedConnections } from '../network/leased-connections.ts';
import type { OutboundNetwork } from '../network/outbound-network.ts';
import type { SandboxContext } from '../service.ts';
import { parseAddress } from './address.ts';
import { fault } from './fault.ts';
import { openSession } from './open-session.ts';
import { deniedPlace } from './permission.ts';
import type { PgSession } from './session.ts';

/** What is kept for a component. */
export interface Configured {
  readonly allowed: readonly AllowedHost[];
  readonly network: OutboundNetwork;
  readonly pool: ConnectionPool<PgSession>;
}

/** A connection as one handle of a guest has it. */
export type Connection = Leased<PgSession>;

export class OpenConnections {
  readonly #configured: Configured;
  readonly #sandbox: SandboxContext;
  readonly #refusals: ConnectionRefusals;
  readonly #leased: LeasedConnections<PgSession>;

  constructor(configured: Configured, sandbox: SandboxContext) {
    this.#configured = configured;
    this.#sandbox = sandbox;
    this.#refusals = new ConnectionRefusals(sandbox);
    const failed = (text: string): Error => fault('connection-failed', text);
    this.#leased = new LeasedConnections(configured.pool, sandbox.signal, failed);
  }

  get signal(): AbortSignal {
    return this.#sandbox.signal;
  }

  get hostBytes(): SandboxContext['hostBytes'] {
    return this.#sandbox.hostBytes;
  }

  /** Rejects with a PgFault. */
  async open(text: string, caRoot?: string): Promise<Connection> {
    const address = parseAddress(text);
    const denied = deniedPlace(this.#configured.allowed, address);
    if (denied !== undefined) {
      this.#refusals.add(`postgres://${denied}`);
      throw fault('connection-failed', `address postgres://${denied} is not permitted`);
    }
    const key = JSON.stringify([text, caRoot && createHash('sha256').update(caRoot).digest('hex')]);
    return this.#leased.lease(key, () => openSession(address, caRoot, this.signal, this.#configured.network));
  }

  close(connection: Connection): void {
    this.#leased.close(connection);
  }

  finish(): void {
    this.#leased.finish();
    this.#refusals.tellUntold();
  }
}
