// The bytes between the client and a broker. A client that only publishes gets a few kinds of packets, all of them small:
// any other ends the connection before the client keeps a byte of it.
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { NetworkForSockets } from '../network/outbound-network.ts';
import type { BrokerAddress } from './address.ts';

/** CONNACK, PUBACK, PUBREC, PUBCOMP, PINGRESP: by the upper half of a packet's first byte (MQTT 3.1.1, 2.2.1). */
const awaited = [2, 4, 5, 7, 13];
/** Each of them has two bytes at most after its head of two. */
const MOST_REST = 2;

export class BrokerStream extends Duplex {
  readonly #socket: Socket;
  /** What comes next of a packet, and how many bytes of its rest. */
  #part: 'type' | 'length' | 'rest' = 'type';
  #rest = 0;

  /** Throws BlockedAddress. */
  constructor({ host, port, tls }: BrokerAddress, { checkLiteral, lookup }: NetworkForSockets) {
    super();
    checkLiteral(host);
    this.#socket = tls
      ? connectTls({ host, port, lookup, ...(isIP(host) ? {} : { servername: host }) })
      : connectPlain({ host, port, lookup });
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.destroy(error));
    this.#socket.on('close', () => this.destroy());
  }

  override _read(): void {
    // Packets are small, and each answers one that was sent: there is nothing to hold back.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #receive(chunk: Buffer): void {
    if (chunk.every((byte) => this.#fits(byte))) this.push(chunk);
    else this.destroy(new Error('the broker sent a packet that no publisher gets'));
  }

  #fits(byte: number): boolean {
    switch (this.#part) {
      case 'type':
        this.#part = 'length';
        return awaited.includes(byte >> 4);
      case 'length':
        this.#rest = byte;
        this.#part = byte === 0 ? 'type' : 'rest';
        return byte <= MOST_REST;
      case 'rest':
        this.#rest -= 1;
        if (this.#rest === 0) this.#part = 'type';
        return true;
    }
  }
}
