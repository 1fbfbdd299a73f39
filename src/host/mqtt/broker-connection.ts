// A connection to a broker on which the requests of one component publish side by side.
import type { IClientOptions, MqttClient } from 'mqtt';
import { ServiceFault } from '../guest-call.ts';
import type { NetworkForSockets } from '../network/outbound-network.ts';
import { systemErrorText } from '../network/system-error.ts';
import type { BrokerAddress } from './address.ts';
import { BrokerStream } from './broker-stream.ts';

const CONNECT_MS = 5000;
const LEAVE_MS = 1000;
/** Of messages whose request is over and that the broker has not taken, in bytes. */
const MOST_ABANDONED = 1_048_576;
/** What a message takes beside its topic and its payload, in bytes. */
const BYTES_PER_MESSAGE = 512;
/** A broker that took nothing for so long is given up when a request that waited for it ends. */
const SILENT_MS = 2000;
const MOST_KEEP_ALIVE = 65_535;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type Qos = 'at-most-once' | 'at-least-once' | 'exactly-once';
const levels = { 'at-most-once': 0, 'at-least-once': 1, 'exactly-once': 2 } as const;

/** A fault of the connection, which Spin tells apart from the others. */
export class ConnectionFault extends ServiceFault {
  override readonly name = 'ConnectionFault';
}

/** What refuses a connection, by its code (MQTT 3.1.1, 3.2.2.3). */
const refusals = [
  'Success',
  'RefusedProtocolVersion',
  'BadClientId',
  'ServiceUnavailable',
  'BadUserNamePassword',
  'NotAuthorized',
];

export class BrokerConnection {
  readonly #client: MqttClient;
  readonly #lost = Promise.withResolvers<never>();
  #isOpen = true;
  #abandoned = 0;
  /** When the broker last took a message. */
  #lastTaken = 0;
  #fault: ConnectionFault | undefined;

  private constructor(client: MqttClient) {
    this.#client = client;
    this.#lost.promise.catch(() => undefined); // Whoever waits for something is told.
    client.on('error', (error) => this.#note(error));
    client.on('close', () => this.#end());
  }

  /** Connects. Rejects with a ConnectionFault in Spin's words. `keepAlive` is in seconds; 0 for none. */
  static async open(
    address: BrokerAddress,
    { username, password }: Credentials,
    keepAlive: bigint,
    network: NetworkForSockets,
  ): Promise<BrokerConnection> {
    try {
      network.checkLiteral(address.host);
    } catch (error) {
      throw new ConnectionFault(systemErrorText(error), { cause: error });
    }
    const { MqttClient } = await import('mqtt');
    const options: IClientOptions = {
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: address.clientId,
      clean: address.cleanSession,
      username,
      password,
      keepalive: Number(keepAlive < MOST_KEEP_ALIVE ? keepAlive : MOST_KEEP_ALIVE),
      reconnectPeriod: 0,
      connectTimeout: CONNECT_MS,
      queueQoSZero: false,
      timerVariant: 'native',
      log: () => undefined,
    };
    const connection = new BrokerConnection(new MqttClient(() => new BrokerStream(address, network), options));
    await connection.#connected();
    return connection;
  }

  #connected(): Promise<void> {
    const connected = new Promise<void>((resolve) => this.#client.once('connect', () => resolve()));
    return Promise.race([connected, this.#lost.promise]);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Publishes, and waits until the broker has the message as `qos` says. Rejects with a ConnectionFault, or the reason of
   * the signal: the broker may get the message all the same then.
   */
  async publish(topic: string, payload: Uint8Array, qos: Qos, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#isOpen) throw this.#fault ?? closedFault();
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const weight = bytes.byteLength + Buffer.byteLength(topic) + BYTES_PER_MESSAGE;
    let isAbandoned = false;
    const taken = new Promise<void>((resolve, reject) => {
      this.#client.publish(topic, bytes, { qos: levels[qos] }, (error) => {
        if (isAbandoned) this.#abandoned -= weight;
        if (error) reject(this.#fault ?? new ConnectionFault(`Mqtt state: ${error.message}`, { cause: error }));
        else {
          this.#lastTaken = performance.now();
          resolve();
        }
      });
    });
    taken.catch(() => undefined);
    const ended = Promise.withResolvers<never>();
    const started = performance.now();
    const abort = (): void => {
      isAbandoned = true;
      this.#abandoned += weight;
      ended.reject(signal.reason);
      const isSilent = performance.now() - Math.max(started, this.#lastTaken) > SILENT_MS;
      if (isSilent || this.#abandoned > MOST_ABANDONED) this.destroy();
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([taken, ended.promise, this.#lost.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Takes leave of the broker, which has a second for it. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#client.end(this.#abandoned > 0);
    setTimeout(() => this.#client.stream.destroy(), LEAVE_MS).unref();
  }

  /** Idempotent. */
  destroy(): void {
    this.#client.end(true);
    this.#end();
  }

  #note(error: Error): void {
    this.#fault ??= new ConnectionFault(faultText(error), { cause: error });
  }

  #end(): void {
    this.#isOpen = false;
    this.#fault ??= closedFault();
    this.#lost.reject(this.#fault);
  }
}

/** The client numbers what brokers refuse, and has one message for those that say nothing. */
function faultText(error: Error): string {
  const { code } = error as { code?: unknown };
  if (typeof code === 'number') return `Connection refused, return code: \`${refusals[code] ?? code}\``;
  return error.message === 'connack timeout' ? 'Network timeout' : `I/O: ${systemErrorText(error)}`;
}

function closedFault(): ConnectionFault {
  return new ConnectionFault('Mqtt state: Connection closed by peer abruptly');
}
