// What one sandbox may reach, and has open.
import { logAddressDenied, logUntold } from '../address-denied.ts';
import { type AllowedHost, isAllowed } from '../allowed-hosts.ts';
import type { ConnectionPool } from '../connection-pool.ts';
import { type Leased, LeasedConnections } from '../leased-connections.ts';
import { Refusals } from '../refusals.ts';
import type { SandboxContext } from '../service.ts';
import { type MysqlAddress, parseAddress } from './address.ts';
import { MysqlFault } from './fault.ts';
import { MysqlSession } from './session.ts';
import { connect } from './wire/connect.ts';

/** In milliseconds. */
const CONNECT_MS = 10_000;

/** What is kept for a component. */
export interface Configured {
  readonly allowed: readonly AllowedHost[];
  readonly pool: ConnectionPool<MysqlSession>;
}

/** A connection as one handle of a guest has it. */
export type Connection = Leased<MysqlSession>;

export class OpenConnections {
  readonly #configured: Configured;
  readonly #sandbox: SandboxContext;
  readonly #refusals = new Refusals();
  readonly #leased: LeasedConnections<MysqlSession>;

  constructor(configured: Configured, sandbox: SandboxContext) {
    this.#configured = configured;
    this.#sandbox = sandbox;
    this.#leased = new LeasedConnections(configured.pool, sandbox.signal, failed);
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
    const open = async (): Promise<MysqlSession> =>
      new MysqlSession(await connect(address, this.signal, CONNECT_MS), address);
    return this.#leased.lease(text, open);
  }

  close(connection: Connection): void {
    this.#leased.close(connection);
  }

  finish(): void {
    this.#leased.finish();
    logUntold(this.#sandbox, this.#refusals);
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
