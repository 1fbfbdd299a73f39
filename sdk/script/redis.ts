// Redis: `redis` of mayfly/sdk.
import { Connection as HostConnection } from 'fermyon:spin/redis@2.0.0';
import { bytesOf, ownBytes, textOf } from './bytes.ts';
import { asking } from './errors.ts';
import { integerOf } from './rows.ts';

type RedisParameter = Parameters<HostConnection['execute']>[1][number];
type RedisResult = ReturnType<HostConnection['execute']>[number];
type Value = string | Uint8Array | ArrayBuffer;
type Result = null | string | number | bigint | Uint8Array;

const ask = <T>(call: () => T): T => asking('redis', call);

function argumentOf(value: Value | number | bigint): RedisParameter {
  if (typeof value === 'bigint') return { tag: 'int64', val: value };
  if (Number.isSafeInteger(value)) return { tag: 'int64', val: BigInt(value as number) };
  return { tag: 'binary', val: bytesOf(typeof value === 'number' ? String(value) : value) };
}

function resultOf(value: RedisResult): Result {
  if (value.tag === 'nil') return null;
  if (value.tag === 'binary') return ownBytes(value.val);
  return value.tag === 'int64' ? integerOf(value.val) : value.val;
}

class Connection {
  readonly #connection: HostConnection;

  constructor(connection: HostConnection) {
    this.#connection = connection;
  }

  get(key: string): Uint8Array | undefined {
    const bytes = ask(() => this.#connection.get(key));
    return bytes && ownBytes(bytes);
  }

  getText(key: string): string | undefined {
    return textOf(this.get(key));
  }

  set(key: string, value: Value): void {
    const bytes = bytesOf(value);
    ask(() => this.#connection.set(key, bytes));
  }

  incr(key: string): number | bigint {
    return integerOf(ask(() => this.#connection.incr(key)));
  }

  del(...keys: readonly string[]): number {
    return ask(() => this.#connection.del([...keys]));
  }

  sadd(key: string, ...members: readonly string[]): number {
    return ask(() => this.#connection.sadd(key, [...members]));
  }

  smembers(key: string): string[] {
    return ask(() => this.#connection.smembers(key));
  }

  srem(key: string, ...members: readonly string[]): number {
    return ask(() => this.#connection.srem(key, [...members]));
  }

  publish(channel: string, payload: Value): void {
    const bytes = bytesOf(payload);
    ask(() => this.#connection.publish(channel, bytes));
  }

  execute(command: string, ...given: readonly (Value | number | bigint)[]): Result[] {
    const args = given.map(argumentOf);
    return ask(() => this.#connection.execute(command, args)).map(resultOf);
  }
}

export const redis = {
  open: (address: string) => new Connection(ask(() => HostConnection.open(address))),
};
