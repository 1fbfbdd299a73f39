// A connection to a Redis or Valkey server that is subscribed to channels. The client of npm is of no use here: it keeps
// replies of any size before it tells of them.
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { messageOf } from '../../errors.ts';
import { parseRedisAddress, type RedisAddress } from '../../host/redis/address.ts';
import { type Reply, ReplyReader } from '../../host/redis/reply.ts';
import type { BrokerConnection } from '../keep-connected.ts';

/** A message comes to each listener of its channel. */
export type Listeners = ReadonlyMap<string, (payload: Uint8Array) => void>;

export interface RedisTimes {
  readonly connectMs: number;
  /** The time between two questions whether the server is there, and how long it may take to answer one. */
  readonly pingMs: number;
}

const redisTimes: RedisTimes = { connectMs: 5_000, pingMs: 10_000 };

/**
 * Connects, logs in and subscribes. Rejects with what stands in the way: at the latest after two times `connectMs`, or when
 * the signal says so.
 */
export async function subscribe(
  url: string,
  listeners: Listeners,
  signal: AbortSignal,
  { connectMs, pingMs }: RedisTimes = redisTimes,
): Promise<BrokerConnection> {
  const address = parseRedisAddress(url);
  if (!address) throw new Error('the address is none of a Redis server');
  const { promise: lost, resolve: lose } = Promise.withResolvers<string>();
  const close = (): void => lose('closed');
  const overdue = (): void => lose('the server does not answer');
  const subscribed = Promise.withResolvers<void>();
  let patience = setTimeout(overdue, 2 * connectMs);
  let alive: NodeJS.Timeout | undefined;
  let isLost = false;
  const socket = connected(address);
  void lost.then(() => {
    isLost = true;
    clearTimeout(patience);
    clearInterval(alive);
    signal.removeEventListener('abort', close);
    socket.destroy();
  });
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  socket.on('error', (error) => lose(messageOf(error) || 'the connection ended'));
  socket.on('close', () => lose('the server closed the connection'));

  const commands = firstCommands(address, [...listeners.keys()]);
  let unanswered = commands.length;
  const reader = new ReplyReader();
  socket.on('data', (chunk: Buffer) => {
    try {
      for (let offset = 0; offset < chunk.length && !isLost; ) {
        const read = reader.read(chunk, offset, () => undefined);
        offset = read.offset;
        if (read.reply) take(read.reply);
      }
    } catch (error) {
      isLost = true;
      lose(messageOf(error));
    }
  });
  for (const command of commands) socket.write(encoded(command));
  await Promise.race([subscribed.promise, lost.then((reason) => Promise.reject(new Error(reason)))]);
  alive = setInterval(ask, pingMs);
  return {
    lost,
    close() {
      isLost = true;
      close();
    },
  };

  function take(reply: Reply): void {
    const [kind, channel, payload] = reply.results.map(textOrBytes);
    if (reply.error !== undefined) throw new Error(reply.error);
    if (String(kind) === 'message' && reply.results.length === 3 && payload instanceof Uint8Array) {
      listeners.get(String(channel))?.(payload);
      return;
    }
    // Whatever else comes answers a command: one of the first ones, or a question whether the server is there.
    clearTimeout(patience);
    if (unanswered > 0) patience = setTimeout(overdue, 2 * connectMs);
    if (unanswered > 0 && --unanswered === 0) {
      clearTimeout(patience);
      subscribed.resolve();
    }
  }

  /** A server that hangs, or a machine that is gone, does not end the connection by itself. */
  function ask(): void {
    clearTimeout(patience);
    patience = setTimeout(overdue, pingMs);
    socket.write(encoded(['PING']));
  }
}

function connected({ host, port, tls }: RedisAddress): Socket {
  const socket = tls
    ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), rejectUnauthorized: tls === true })
    : connectPlain({ host, port });
  socket.setNoDelay(true);
  return socket;
}

/** Every one of them has one reply. */
function firstCommands({ user, password, database }: RedisAddress, channels: readonly string[]): string[][] {
  const logIn = password === '' ? [] : [user === '' ? ['AUTH', password] : ['AUTH', user, password]];
  const select = database === 0 ? [] : [['SELECT', String(database)]];
  return [...logIn, ...select, ...channels.map((channel) => ['SUBSCRIBE', channel])];
}

function encoded(parts: readonly string[]): string {
  return `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`;
}

function textOrBytes(result: Reply['results'][number]): unknown {
  if (result.tag === 'binary') return result.val;
  return 'val' in result ? result.val : undefined;
}
