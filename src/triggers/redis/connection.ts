// A connection to a Redis or Valkey server that is subscribed to channels.
import { messageOf } from '../../errors.ts';
import type { BrokerConnection } from '../keep-connected.ts';

/** A message comes to each listener of its channel. */
export type Listeners = ReadonlyMap<string, (payload: Uint8Array) => void>;

export interface RedisTimes {
  readonly connectMs: number;
  /** The time between two questions whether the server is there, and how long it may take to answer one. */
  readonly pingMs: number;
}

const redisTimes: RedisTimes = { connectMs: 5_000, pingMs: 10_000 };

/** Connects and subscribes. Rejects with what stands in the way, at the latest when `connectMs` have passed twice. */
export async function subscribe(
  url: string,
  listeners: Listeners,
  signal: AbortSignal,
  { connectMs, pingMs }: RedisTimes = redisTimes,
): Promise<BrokerConnection> {
  const { createClient } = await import('@redis/client');
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: false, connectTimeout: connectMs },
  });
  const { promise: lost, resolve: lose } = Promise.withResolvers<string>();
  let patience: NodeJS.Timeout | undefined;
  const close = (): void => lose('closed');
  client.on('error', (error: unknown) => lose(messageOf(error) || 'the connection ended'));
  const overdue = (): void => lose('the server does not answer');
  signal.addEventListener('abort', close, { once: true });
  void lost.then(() => {
    clearTimeout(patience);
    signal.removeEventListener('abort', close);
    if (client.isOpen) client.destroy();
  });

  patience = setTimeout(overdue, 2 * connectMs);
  try {
    await Promise.race([connect(), lost.then((reason) => Promise.reject(new Error(reason)))]);
  } catch (error) {
    close();
    throw error;
  }
  clearTimeout(patience);
  const alive = setInterval(ask, pingMs);
  void lost.then(() => clearInterval(alive));
  return { lost, close };

  async function connect(): Promise<void> {
    await client.connect();
    for (const [channel, listen] of listeners) {
      await client.subscribe(channel, (payload) => listen(new Uint8Array(payload)), true);
    }
  }

  /** A server that hangs, or a machine that is gone, does not end the connection by itself. */
  function ask(): void {
    clearTimeout(patience);
    patience = setTimeout(overdue, pingMs);
    const answered = (): void => clearTimeout(patience);
    client.ping().then(answered, answered);
  }
}
