// What compilers see of `import … from 'mayfly/sdk'` in a program: the services of the host. The component's manifest says
// which it may use. Calls wait without holding others up, and throw a ServiceError.

/** A call of a host service that did not succeed. */
export class ServiceError extends Error {
  private constructor();
  readonly name: 'ServiceError';
  /** As in `key-value`. */
  readonly service: string;
  /** The case of the interface's error type, as in `access-denied`. */
  readonly code: string;
}

type Bytes = string | Uint8Array | ArrayBuffer;

export interface KeyValueStore {
  /** Undefined: there is no such key. */
  get(key: string): Uint8Array | undefined;
  getText(key: string): string | undefined;
  getJson<T = unknown>(key: string): T | undefined;
  set(key: string, value: Bytes): void;
  setJson(key: string, value: unknown): void;
  delete(key: string): void;
  has(key: string): boolean;
  keys(): string[];
}

/** Stores that `key_value_stores` of the component names. */
export const keyValue: {
  /** `default` by default. */
  open(name?: string): KeyValueStore;
};

/** What stands in `variables` of the component. */
export const variables: {
  /** Undefined: the component has no such variable. */
  get(name: string): string | undefined;
};

export type SqliteParameter = null | undefined | boolean | number | bigint | string | Uint8Array;
/** Integers are numbers where these are exact, else bigints. */
export type SqliteValue = null | number | bigint | string | Uint8Array;

export interface SqliteDatabase {
  query(statement: string, parameters?: readonly SqliteParameter[]): { columns: string[]; rows: SqliteValue[][] };
  /** Rows as objects. */
  all<Row = Record<string, SqliteValue>>(statement: string, parameters?: readonly SqliteParameter[]): Row[];
  run(
    statement: string,
    parameters?: readonly SqliteParameter[],
  ): { changes: number; lastInsertRowid: number | bigint };
}

/** Databases that `sqlite_databases` of the component names. */
export const sqlite: {
  /** `default` by default. */
  open(name?: string): SqliteDatabase;
};

export type RedisValue = null | string | number | bigint | Uint8Array;

export interface RedisConnection {
  get(key: string): Uint8Array | undefined;
  getText(key: string): string | undefined;
  set(key: string, value: Bytes): void;
  incr(key: string): number | bigint;
  del(...keys: readonly string[]): number;
  sadd(key: string, ...members: readonly string[]): number;
  smembers(key: string): string[];
  srem(key: string, ...members: readonly string[]): number;
  publish(channel: string, payload: Bytes): void;
  /** Any command. Status replies are strings, texts of the server bytes. */
  execute(command: string, ...given: readonly (Bytes | number | bigint)[]): RedisValue[];
}

/** Servers that `allowed_outbound_hosts` of the component names. */
export const redis: {
  /** As in `redis://localhost:6379`. */
  open(address: string): RedisConnection;
};

/** A value of the interface itself, for what JavaScript has no type for: `{ tag: 'decimal', val: '1.50' }`. */
export interface TaggedValue {
  readonly tag: string;
  readonly val?: unknown;
}

export type PostgresParameter = null | undefined | boolean | number | bigint | string | Uint8Array | Date | TaggedValue;

/**
 * Rows hold null, booleans, numbers, bigints where a number is not exact, strings (texts, decimals, UUIDs, dates as
 * `2026-01-31`, times as `10:00:00.5`, both joined by a T), bytes, what JSON holds, arrays, ranges as
 * `{ lower: { value, isInclusive }, upper }`, and intervals as `{ micros, days, months }`.
 */
export interface PostgresConnection {
  /**
   * Parameters go with one type each, as PostgreSQL takes them: whole numbers with int4, bigints with int8, other numbers
   * with float8, strings with text, dates with timestamp, bytes with bytea. Cast in the statement, `$1::int4`, or pass a
   * tagged value for others.
   */
  query(statement: string, parameters?: readonly PostgresParameter[]): { columns: string[]; rows: unknown[][] };
  /** Rows as objects. */
  all<Row = Record<string, unknown>>(statement: string, parameters?: readonly PostgresParameter[]): Row[];
  /** The number of rows that it changed. */
  run(statement: string, parameters?: readonly PostgresParameter[]): number;
}

export const postgres: {
  /** As in `postgres://user:password@localhost:5432/database`, or `host=localhost user=… dbname=…`. */
  open(address: string): PostgresConnection;
};

export type MysqlParameter = PostgresParameter;
export type MysqlValue = null | boolean | number | bigint | string | Uint8Array;

export interface MysqlConnection {
  query(statement: string, parameters?: readonly MysqlParameter[]): { columns: string[]; rows: MysqlValue[][] };
  /** Rows as objects. */
  all<Row = Record<string, MysqlValue>>(statement: string, parameters?: readonly MysqlParameter[]): Row[];
  run(statement: string, parameters?: readonly MysqlParameter[]): void;
}

export const mysql: {
  /** As in `mysql://user:password@localhost:3306/database`. */
  open(address: string): MysqlConnection;
};

export interface MqttConnection {
  publish(topic: string, payload: Bytes, qos?: 'at-most-once' | 'at-least-once' | 'exactly-once'): void;
}

export const mqtt: {
  /** As in `mqtt://localhost:1883`; `?client_id=…` names the client, which else gets a random name. */
  open(
    address: string,
    options?: { readonly username?: string; readonly password?: string; readonly keepAliveSeconds?: number },
  ): MqttConnection;
};

/** Models that `ai_models` of the component names. */
export const llm: {
  infer(
    model: string,
    prompt: string,
    options?: {
      readonly maxTokens?: number;
      readonly repeatPenalty?: number;
      readonly repeatPenaltyLastNTokenCount?: number;
      readonly temperature?: number;
      readonly topK?: number;
      readonly topP?: number;
    },
  ): { text: string; usage: { promptTokenCount: number; generatedTokenCount: number } };
  embed(model: string, texts: readonly string[]): { embeddings: number[][]; usage: { promptTokenCount: number } };
};

/** One WebSocket, as the handlers of `websocket` get it. */
export interface WebSocketConnection {
  readonly id: string;
  /** Sends a text, or bytes. */
  send(data: Bytes): void;
  /** Has it get what is said to the topic. */
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  /** 1000 by default. */
  close(code?: number, reason?: string): void;
  /** In `open` only: the client gets this status, 403 by default. */
  refuse(status?: number): void;
  /** What was set last; undefined for nothing. */
  getState<T = unknown>(): T | undefined;
  /** Keeps what JSON can hold with the connection, a few kilobytes; undefined for nothing. */
  setState(value: unknown): void;
}

/** WebSockets of the component, in any of its events. */
export const websocket: {
  /** The connection of that id; what is asked of one that is closed is an error. */
  connection(id: string): WebSocketConnection;
  /** Sends to all connections that are subscribed to the topic, and gives their number. */
  broadcast(topic: string, data: Bytes): number;
};

/** What a program exports for its WebSockets: `export default { websocket: { … } satisfies WebSocketHandler }`. */
export interface WebSocketHandler<Env = Record<string, string>> {
  /** A client wants a connection. A response refuses it with its status. */
  open?(connection: WebSocketConnection, request: Request, env: Env, ctx: EventContext): unknown;
  message?(connection: WebSocketConnection, data: string | Uint8Array, env: Env, ctx: EventContext): unknown;
  /** It is closed, by whichever side: 1005 stands for no code, 1006 for a connection that broke. */
  close?(connection: WebSocketConnection, code: number, reason: string, env: Env, ctx: EventContext): unknown;
}

export interface EventContext {
  waitUntil(work: Promise<unknown>): void;
}
