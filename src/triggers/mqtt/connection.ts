// A connection to an MQTT broker that is subscribed to one topic. Messages are taken one at a time: as long as one is
// handled nothing is read, so that the broker keeps those behind it, and a message is acknowledged when it was handled.
import { messageOf } from '../../errors.ts';
import type { BrokerConnection } from '../keep-connected.ts';

export interface MqttMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface Subscription {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly keepAliveSeconds: number;
  readonly topic: string;
  readonly qos: number;
  /** Handles a message; must not reject. */
  handle(message: MqttMessage): Promise<unknown>;
}

const CONNECT_MS = 5_000;

/** Connects and subscribes. Rejects with what stands in the way, at the latest after `connectMs`. */
export async function subscribe(
  subscription: Subscription,
  signal: AbortSignal,
  connectMs: number = CONNECT_MS,
): Promise<BrokerConnection> {
  const { url, username, password, keepAliveSeconds, topic, qos, handle } = subscription;
  const { default: mqtt } = await import('mqtt');
  const { promise: lost, resolve: lose } = Promise.withResolvers<string>();
  let isClosed = false;
  let isHandling = false;
  const client = mqtt.connect(url, {
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: connectMs,
    keepalive: keepAliveSeconds,
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
  });
  client.handleMessage = (packet, done) => {
    if (isClosed || packet.cmd !== 'publish') return;
    isHandling = true;
    const pings = setInterval(stayAlive, (keepAliveSeconds * 1000) / 2);
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    void handle({ topic: packet.topic, payload }).then(() => {
      clearInterval(pings);
      isHandling = false;
      done();
      if (isClosed) client.end();
    });
  };
  client.on('error', (error) => lose(messageOf(error) || 'the connection ended'));
  client.on('close', () => lose('the connection ended'));
  const close = (): void => {
    isClosed = true;
    lose('closed');
  };
  signal.addEventListener('abort', close, { once: true });
  const patience = setTimeout(() => lose('the broker does not answer'), connectMs);
  void lost.then((reason) => {
    clearTimeout(patience);
    signal.removeEventListener('abort', close);
    // Only a message that is handled when the trigger stops is still acknowledged.
    if (!isHandling || reason !== 'closed') client.end(true);
  });
  await Promise.race([subscribed(), lost.then((reason) => Promise.reject(new Error(reason)))]);
  clearTimeout(patience);
  return { lost, close };

  /** The client would take the answers that it does not read now for missing ones. */
  function stayAlive(): void {
    if (!client.connected) return;
    client.sendPing();
    client.reschedulePing(true);
  }

  async function subscribed(): Promise<void> {
    await new Promise<void>((resolve) => client.once('connect', () => resolve()));
    const [granted] = await client.subscribeAsync(topic, { qos: qos as 0 | 1 | 2 });
    if ((granted?.qos ?? 0) > 2) throw new Error(`the broker refuses the subscription to "${topic}"`);
  }
}
