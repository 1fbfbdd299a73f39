// MQTT: `mqtt` of mayfly/sdk.
import { Connection as HostConnection } from 'fermyon:spin/mqtt@2.0.0';
import { bytesOf } from './bytes.ts';
import { asking } from './errors.ts';

type Qos = Parameters<HostConnection['publish']>[2];

interface MqttOptions {
  readonly username?: string;
  readonly password?: string;
  readonly keepAliveSeconds?: number;
}

const ask = <T>(call: () => T): T => asking('mqtt', call);

class Connection {
  readonly #connection: HostConnection;

  constructor(connection: HostConnection) {
    this.#connection = connection;
  }

  publish(topic: string, payload: string | Uint8Array | ArrayBuffer, qos: Qos = 'at-most-once'): void {
    const bytes = bytesOf(payload);
    ask(() => this.#connection.publish(topic, bytes, qos));
  }
}

/** The interface wants a name for the client; brokers let one of a name be there once. */
function withClientId(address: string): string {
  if (/[?&]client_id=/.test(address)) return address;
  return `${address}${address.includes('?') ? '&' : '?'}client_id=${crypto.randomUUID()}`;
}

export const mqtt = {
  open(address: string, { username = '', password = '', keepAliveSeconds = 30 }: MqttOptions = {}) {
    const named = withClientId(address);
    return new Connection(ask(() => HostConnection.open(named, username, password, BigInt(keepAliveSeconds))));
  },
};
