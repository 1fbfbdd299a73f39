// The resource `connection-builder` of interface 4: an address, and what it takes to trust its server.
import { X509Certificate } from 'node:crypto';
import { bytesOfText, HeldBytes } from '../../component/types/host-byte-budget.ts';
import { messageOf } from '../../errors.ts';
import { fault } from './fault.ts';
import type { Connection, OpenConnections } from './open-connections.ts';

/** In characters. */
const MOST_CERTIFICATE = 65_536;

export class ConnectionBuilder {
  readonly #address: string;
  readonly #held: HeldBytes;
  #caRoot: string | undefined;

  /** Throws a Trap when the host keeps too much for the guest. */
  constructor(state: OpenConnections, address: string) {
    this.#address = address;
    this.#held = new HeldBytes(state.hostBytes);
    this.#held.set(bytesOfText(address));
  }

  /** Rejects with a PgFault for what is no certificate. */
  async setCaRoot(certificate: string): Promise<void> {
    try {
      if (certificate.length > MOST_CERTIFICATE) throw new Error('it is too long');
      new X509Certificate(certificate);
    } catch (error) {
      throw fault('other', `invalid root certificate: ${messageOf(error)}`);
    }
    this.#held.set(bytesOfText(this.#address) + bytesOfText(certificate));
    this.#caRoot = certificate;
  }

  build(state: OpenConnections): Promise<Connection> {
    return state.open(this.#address, this.#caRoot);
  }

  drop(): void {
    this.#held.release();
  }
}
