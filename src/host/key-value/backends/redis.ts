// Key-value stores on a Redis or Valkey server, as Spin has them: a key of the guest is a key of the server, whatever the
// label. One connection serves all sandboxes of an app; one that was lost is made again for the next operation.
import { messageOf } from '../../../errors.ts';
import { unlessAborted } from '../../guest-call.ts';
import {
  type Backend,
  type Caller,
  type KeyPiece,
  type KeyValueStore,
  MOST_RESULT_BYTES,
  resultTooLarge,
  StoreFault,
} from '../store.ts';

const CONNECT_MS = 5000;
/** What is asked for before the length of a value is known, in bytes. */
const HEAD = 16_384;
/** Values that are asked for at the same time. */
const AT_ONCE = 64;
/** Commands that wait for the server: those of guests that gave up are among them. */
const MOST_WAITING = 10_000;

const swapScript = `local found = redis.call('GET', KEYS[1])
if (ARGV[1] == '1' and found == ARGV[2]) or (ARGV[1] == '0' and not found) then
  redis.call('SET', KEYS[1], ARGV[3])
  return 1
end
return 0`;

type Argument = string | Buffer;
/** Numbers come as text, so that all 64 bits do. */
type Reply = Buffer | string | null | readonly Reply[];

export async function redisBackend(url: string): Promise<Backend> {
  const { createClient, ErrorReply, RESP_TYPES } = await import('@redis/client');
  const typeMapping = { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.NUMBER]: String } as const;
  const connect = () => {
    const client = createClient({
      url,
      RESP: 2,
      disableOfflineQueue: true,
      commandsQueueMaxLength: MOST_WAITING,
      socket: { reconnectStrategy: false, connectTimeout: CONNECT_MS },
    });
    client.on('error', () => undefined); // Whoever waits for an answer is told.
    return client;
  };

  let client: ReturnType<typeof connect> | undefined;
  let connecting: Promise<unknown> | undefined;

  async function ready(): Promise<ReturnType<typeof connect>> {
    if (client?.isReady) return client;
    connecting ??= reconnect().finally(() => {
      connecting = undefined;
    });
    await connecting;
    if (!client) throw new StoreFault('the store is closed');
    return client;
  }

  async function reconnect(): Promise<void> {
    destroy();
    client = connect();
    await client.connect();
  }

  function destroy(): void {
    if (client?.isOpen) client.destroy();
    client = undefined;
  }

  /** Errors of the server and of the way to it are the guest's to know. */
  async function send(args: readonly Argument[]): Promise<Reply> {
    try {
      return await (await ready()).sendCommand<Reply>(args, { typeMapping });
    } catch (error) {
      if (error instanceof StoreFault) throw error;
      const message = error instanceof ErrorReply ? error.message : `Redis: ${messageOf(error) || 'no connection'}`;
      throw new StoreFault(message, { cause: error });
    }
  }

  const store = redisStore((args, { signal }) => unlessAborted(send(args), signal));
  return { store: () => store, close: destroy };
}

type Send = (args: readonly Argument[], caller: Caller) => Promise<Reply>;

function redisStore(send: Send): KeyValueStore {
  /** At no time does more of a value come than was counted before. */
  async function get(key: string, caller: Caller): Promise<Uint8Array | undefined> {
    caller.keep(HEAD);
    const head = bytesOf(await send(['GETRANGE', key, '0', String(HEAD - 1)], caller));
    if (head.byteLength === 0) return ((await send(['GET', key], caller)) as Buffer | null) ?? undefined;
    if (head.byteLength < HEAD) return head;
    for (;;) {
      const length = Number(await send(['STRLEN', key], caller));
      if (length > MOST_RESULT_BYTES) throw resultTooLarge();
      caller.keep(length);
      const value = bytesOf(await send(['GETRANGE', key, '0', String(length)], caller));
      if (value.byteLength > 0 && value.byteLength <= length) return value;
      if (value.byteLength === 0) return get(key, caller);
    }
  }

  async function getMany(keys: readonly string[], caller: Caller): Promise<(Uint8Array | undefined)[]> {
    const values: (Uint8Array | undefined)[] = [];
    let room = MOST_RESULT_BYTES;
    for (let start = 0; start < keys.length; start += AT_ONCE) {
      const found = await Promise.all(keys.slice(start, start + AT_ONCE).map((key) => get(key, caller)));
      for (const value of found) room -= value?.byteLength ?? 0;
      if (room < 0) throw resultTooLarge();
      values.push(...found);
    }
    return values;
  }

  return {
    get,
    getMany,
    set: async (key, value, caller) => void (await send(['SET', key, bufferOf(value)], caller)),
    delete: async (key, caller) => void (await send(['DEL', key], caller)),
    exists: async (key, caller) => Number(await send(['EXISTS', key], caller)) > 0,
    repeatsKeys: true,
    async keys(from, caller): Promise<KeyPiece> {
      const reply = await send(['SCAN', (from as string | undefined) ?? '0', 'COUNT', '1000'], caller);
      const [cursor, keys] = reply as [Buffer, Buffer[]];
      const next = cursor.toString();
      return { keys: keys.map(textOf), next: next === '0' ? undefined : next };
    },
    async setMany(entries, caller) {
      const pairs = entries.flatMap(([key, value]) => [key, bufferOf(value)]);
      if (pairs.length > 0) await send(['MSET', ...pairs], caller);
    },
    async deleteMany(keys, caller) {
      if (keys.length > 0) await send(['DEL', ...keys], caller);
    },
    increment: async (key, delta, caller) => BigInt((await send(['INCRBY', key, String(delta)], caller)) as string),
    async swap(key, expected, value, caller) {
      const there = expected === undefined ? '0' : '1';
      const known = bufferOf(expected ?? new Uint8Array());
      return Number(await send(['EVAL', swapScript, '1', key, there, known, bufferOf(value)], caller)) === 1;
    },
  };
}

function bytesOf(reply: Reply): Buffer {
  return reply as Buffer;
}

/** Without a copy. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(key: Buffer): string {
  try {
    return utf8.decode(key);
  } catch {
    throw new StoreFault('a key on the server is not UTF-8');
  }
}
