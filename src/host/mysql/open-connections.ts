// What one sandbox may reach, and has open.

import { bracketed } from '../../authority.ts';
import { type AllowedHost, isAllowed } from '../network/allowed-hosts.ts';
import type { ConnectionPool } from '../network/connection-pool.ts';
import { ConnectionRefusals } from '../network/connection-refusals.ts';
import { type Leased, LeasedConnections } from '../network/leased-connections.ts';
import type { OutboundNetwork } from '../network/outbound-network.ts';
import type { SandboxContext } from '../service.ts';
import { type MysqlAddress, parseAddress } from './address.ts';
import { MysqlFault } from './fault.ts';
import { MysqlSession } from './session.ts';
import { connect } from './wire/connect.ts';
import { connectFault } from './wire/connect-fault.ts';

/** In milliseconds. */
const CONNECT_MS = 10_000;

/** What is kept for a component. */
export interface Configured {
  readonly allowed: readonly AllowedHost[];
  readonly network: OutboundNetwork;
  readonly pool: ConnectionPool<MysqlSession>;
}

/** A connection as one handle of a guest has it. */
export type Connection = Leased<MysqlSession>;

export class OpenConnections {
  readonly #configured: Configured;
  readonly #sandbox: SandboxContext;
  readonly #refusals: ConnectionRefusals;
  readonly #leased: LeasedConnections<MysqlSession>;

  constructor(configured: Configured, sandbox: SandboxContext) {
    this.#configured = configured;
    this.#sandbox = sandbox;
    this.#refusals = new ConnectionRefusals(sandbox);
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
    const allowed = this.#allowed(text);
    const open = async (): Promise<MysqlSession> => {
      const address = { ...allowed, connectTo: await this.#pinned(allowed.host) };
      return new MysqlSession(await connect(address, this.signal, CONNECT_MS), address);
    };
    return this.#leased.lease(text, open);
  }

  async #pinned(host: string): Promise<string | undefined> {
    try {
      return await this.#configured.network.pinned(host);
    } catch (error) {
      throw connectFault(error);
    }
  }

  close(connection: Connection): void {
    this.#leased.close(connection);
  }

  finish(): void {
    this.#leased.finish();
    this.#refusals.tellUntold();
  }

  /** As in Spin what is no address is not permitted either. */
  #allowed(text: string): MysqlAddress {
    const address = parseAddress(text);
    if (address) {
      const host = bracketed(address.host);
      if (isAllowed(this.#configured.allowed, { scheme: 'mysql', host, port: address.port })) return address;
      this.#refusals.add(`mysql://${host}:${address.port}`);
    }
    throw failed(`address ${text} is not permitted`);
  }
}

function failed(text: string): MysqlFault {
  return new MysqlFault('connection-failed', text);
}
