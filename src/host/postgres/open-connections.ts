// What one sandbox has open: connections that it leases from the pool of its component, each for as long as it has a handle.
import { createHash } from 'node:crypto';
import { logAddressDenied, logUntold } from '../address-denied.ts';
import type { AllowedHost } from '../allowed-hosts.ts';
import type { ConnectionPool } from '../connection-pool.ts';
import { Refusals } from '../refusals.ts';
import type { SandboxContext } from '../service.ts';
import { parseAddress } from './address.ts';
import { fault } from './fault.ts';
import { openSession } from './open-session.ts';
import { deniedPlace } from './permission.ts';
import type { PgSession } from './session.ts';

/** Of one sandbox at a time, those that it waits for included. */
const MOST_OPEN = 16;

/** What is kept for a component. */
export interface Configured {
  readonly allowed: readonly AllowedHost[];
  readonly pool: ConnectionPool<PgSession>;
}

/** A connection as one handle of a guest has it. */
export interface Connection {
  readonly session: PgSession;
  readonly key: string;
}

export class OpenConnections {
  readonly #configured: Configured;
  readonly #sandbox: SandboxContext;
  readonly #refusals = new Refusals();
  readonly #open = new Set<Connection>();
  #count = 0;
  #finished = false;

  constructor(configured: Configured, sandbox: SandboxContext) {
    this.#configured = configured;
    this.#sandbox = sandbox;
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
      logAddressDenied(this.#sandbox, this.#refusals, `postgres://${denied}`);
      throw fault('connection-failed', `address postgres://${denied} is not permitted`);
    }
    if (this.#count >= MOST_OPEN) throw fault('connection-failed', 'too many connections');
    this.#count += 1;
    try {
      const key = JSON.stringify([text, caRoot && createHash('sha256').update(caRoot).digest('hex')]);
      const open = (): Promise<PgSession> => openSession(address, caRoot, this.signal);
      const session = await this.#configured.pool.lease(key, open, this.signal);
      const connection = { session, key };
      if (this.#finished) {
        this.#configured.pool.giveBack(key, session);
        throw fault('connection-failed', 'the request is over');
      }
      this.#open.add(connection);
      return connection;
    } catch (error) {
      this.#count -= 1;
      throw error;
    }
  }

  /** The guest has dropped the handle: rows that it still reads come to their end. */
  close(connection: Connection): void {
    void connection.session.whenDone().then(() => this.#giveBack(connection));
  }

  #giveBack(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    this.#count -= 1;
    this.#configured.pool.giveBack(connection.key, connection.session);
  }

  finish(): void {
    this.#finished = true;
    for (const connection of this.#open) this.#giveBack(connection);
    logUntold(this.#sandbox, this.#refusals);
  }
}
