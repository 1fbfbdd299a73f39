// What one sandbox has open: connections that it leases from the pool of its component, each for as long as it has a handle.
import { logAddressDenied, logUntold } from '../address-denied.ts';
import { type AllowedHost, isAllowed } from '../allowed-hosts.ts';
import type { ConnectionPool } from '../connection-pool.ts';
import { Refusals } from '../refusals.ts';
import type { SandboxContext } from '../service.ts';
import { type MysqlAddress, parseAddress } from './address.ts';
import { MysqlFault } from './fault.ts';
import { MysqlSession } from './session.ts';
import { connect } from './wire/connect.ts';

/** Of one sandbox at a time, those that it waits for included. */
const MOST_OPEN = 16;
/** In milliseconds. */
const CONNECT_MS = 10_000;

/** What is kept for a component. */
export interface Configured {
  readonly allowed: readonly AllowedHost[];
  readonly pool: ConnectionPool<MysqlSession>;
}

/** A connection as one handle of a guest has it. */
export interface Connection {
  readonly session: MysqlSession;
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

  /** Rejects with a MysqlFault. */
  async open(text: string): Promise<Connection> {
    const address = this.#allowed(text);
    if (this.#count >= MOST_OPEN) throw failed('too many connections');
    this.#count += 1;
    try {
      const open = async (): Promise<MysqlSession> =>
        new MysqlSession(await connect(address, this.signal, CONNECT_MS), address);
      const session = await this.#configured.pool.lease(text, open, this.signal);
      if (this.#finished) {
        this.#configured.pool.giveBack(text, session);
        throw failed('the request is over');
      }
      const connection = { session, key: text };
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

  finish(): void {
    this.#finished = true;
    for (const connection of this.#open) this.#giveBack(connection);
    logUntold(this.#sandbox, this.#refusals);
  }

  #giveBack(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    this.#count -= 1;
    this.#configured.pool.giveBack(connection.key, connection.session);
  }

  /** As in Spin what is no address is not permitted either. */
  #allowed(text: string): MysqlAddress {
    const address = parseAddress(text);
    if (address) {
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      if (isAllowed(this.#configured.allowed, { scheme: 'mysql', host, port: address.port })) return address;
      logAddressDenied(this.#sandbox, this.#refusals, `mysql://${host}:${address.port}`);
    }
    throw failed(`address ${text} is not permitted`);
  }
}

function failed(text: string): MysqlFault {
  return new MysqlFault('connection-failed', text);
}
