// A new connection to a server, up to where statements may be sent: `pg` speaks until then (TLS, passwords), and its
// messages go through our own cutter, so that none is kept that is too long.
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { getCACertificates } from 'node:tls';
import type { Client as PgClient, Connection as PgConnection } from 'pg';
import type { PgAddress, PgHost } from '../address.ts';
import { ConnectFault } from './connect-fault.ts';
import { type Frame, FrameCutter } from './frames.ts';

/** What pg's connection has, and its types do not say. */
export interface Wire extends EventEmitter {
  readonly stream: Socket;
  connect(port: number, host: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
  parse(statement: { name?: string; text: string; types?: number[] }): void;
  describe(what: { type: 'S' | 'P'; name?: string }): void;
  bind(config: { statement?: string; binary: true; values: readonly (Buffer | null)[] }): void;
  execute(config: { portal: ''; rows: number }): void;
  close(what: { type: 'S' | 'P'; name: string }): void;
  query(text: string): void;
  sendCopyFail(reason: string): void;
  flush(): void;
  sync(): void;
  end(): void;
}

/** Where to, and how. */
export interface Target {
  readonly address: PgAddress;
  readonly host: PgHost;
  /** The address in place of the host's name, where networks are blocked. */
  readonly connectTo: string | undefined;
  /** A certificate authority that is trusted beside those of the system, as PEM. */
  readonly caRoot: string | undefined;
}

/** Who gets what the server sends from now on; each may throw, and the connection is closed then. */
export interface FrameTaker {
  announced(type: string, bytes: number): void;
  take(frame: Frame): void;
  /** Called once, when the connection is lost or was closed. */
  ended(error: Error): void;
}

export interface Opened {
  readonly wire: Wire;
  readonly processId: number;
  readonly secretKey: number;
  readonly usesTls: boolean;
  /** Gives what comes to the taker. */
  hand(taker: FrameTaker): void;
}

/** In bytes, of what a server says before statements may be sent. */
const MOST_GREETING = 1_048_576;

/** Opens a connection. Rejects with a ConnectFault, or the reason of `signal`. */
export async function connect(target: Target, signal: AbortSignal, milliseconds: number): Promise<Opened> {
  if (target.address.tls === 'disable') return attempt(target, false, signal, milliseconds);
  try {
    return await attempt(target, true, signal, milliseconds);
  } catch (error) {
    const isPlain = error instanceof ConnectFault && error.isWithoutTls;
    if (!isPlain || target.address.tls === 'require') throw error;
    return attempt(target, false, signal, milliseconds);
  }
}

async function attempt(target: Target, usesTls: boolean, signal: AbortSignal, milliseconds: number): Promise<Opened> {
  signal.throwIfAborted();
  const { address, host } = target;
  const { default: pg } = await import('pg');
  const wire = await wireTo(target, usesTls);
  // Without its own values pg would take those of the host's environment.
  const Client = startingWith(pg.Client, {
    user: address.user ?? '',
    database: address.database ?? address.user ?? '',
    ...(address.applicationName === undefined ? {} : { application_name: address.applicationName }),
    ...(address.options === undefined ? {} : { options: address.options }),
  });
  const client = new Client({
    connection: wire,
    host: target.connectTo ?? host.hostaddr ?? host.host,
    port: host.port,
    user: address.user ?? '',
    database: address.database ?? address.user ?? '',
    password: () => {
      if (address.password === undefined) throw new Error('password missing');
      return address.password;
    },
    ssl: usesTls,
    sslnegotiation: address.tlsAtOnce ? 'direct' : 'postgres',
    types: undefined,
  } as never);
  let failed: ((error: Error) => void) | undefined;
  client.on('error', (error) => failed?.(error));
  const abort = (): void => void wire.stream.destroy(signal.reason);
  const timer = setTimeout(() => wire.stream.destroy(new ConnectFault('connection timed out')), milliseconds);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      failed = reject;
      client.connect((error: Error | null) => (error ? reject(error) : resolve()));
    });
    signal.throwIfAborted();
  } catch (error) {
    wire.stream.destroy();
    signal.throwIfAborted();
    throw ConnectFault.of(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  return { wire, processId: processID, secretKey, usesTls, hand: (taker) => wire.hand(taker) };
}

function startingWith(Client: typeof PgClient, startup: Readonly<Record<string, string>>): typeof PgClient {
  return class extends Client {
    getStartupConf(): Readonly<Record<string, string>> {
      return startup;
    }
  };
}

interface HandedWire extends Wire {
  hand(taker: FrameTaker): void;
}

/** The connection of pg; not connected yet. */
export async function wireTo({ host, address, caRoot }: Target, usesTls: boolean): Promise<HandedWire> {
  const { default: pg } = await import('pg');
  const Connection = pg.Connection as unknown as new (config: object) => Wire & PgConnection;
  const { attachListeners: listen } = Connection.prototype as { attachListeners(stream: EventEmitter): void };
  const ca = caRoot === undefined ? {} : { ca: [...getCACertificates('default'), caRoot] };
  const servername = host.hostaddr === undefined ? {} : { servername: host.host };

  class CutConnection extends Connection implements HandedWire {
    #taker: FrameTaker | undefined;
    #error: Error | undefined;

    constructor() {
      const ssl = usesTls ? { ...servername, ...ca, rejectUnauthorized: true } : false;
      super({ ssl, sslNegotiation: address.tlsAtOnce ? 'direct' : 'postgres' });
      this.on('error', (error: Error) => {
        this.#error ??= error;
      });
      this.on('end', () => this.#taker?.ended(this.#error ?? new Error('the connection was closed')));
    }

    hand(taker: FrameTaker): void {
      this.#taker = taker;
      if (this.stream.destroyed) taker.ended(this.#error ?? new Error('the connection was closed'));
    }

    /** Called by pg once the bytes are those of the protocol. */
    attachListeners(stream: Socket): void {
      let greeting = 0;
      const forPg = new EventEmitter();
      listen.call(this, forPg);
      const announced = (type: string, bytes: number): void => {
        if (this.#taker) this.#taker.announced(type, bytes);
        else greeting += bytes;
        if (greeting > MOST_GREETING) throw new Error('the server says too much');
      };
      const cutter = new FrameCutter(announced, (frame) => {
        if (this.#taker) this.#taker.take(frame);
        else forPg.emit('data', rejoined(frame));
      });
      stream.on('data', (chunk: Buffer) => {
        try {
          cutter.push(chunk);
        } catch (error) {
          stream.destroy(error as Error);
        }
      });
    }
  }
  return new CutConnection();
}

function rejoined({ type, body }: Frame): Buffer {
  const whole = Buffer.allocUnsafe(5 + body.length);
  whole.write(type, 0, 'latin1');
  whole.writeUInt32BE(body.length + 4, 1);
  body.copy(whole, 5);
  return whole;
}
