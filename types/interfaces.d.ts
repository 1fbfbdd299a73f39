// What compilers see of the host's interfaces in a program: import { Store } from 'fermyon:spin/key-value@2.0.0'.
// Errors of an interface are thrown: the variant itself, or as `payload` of an error. mayfly/sdk is made of these.
// Made by scripts/docs.ts of the functions' types.

declare module 'fermyon:spin/key-value@2.0.0' {
  export class Store {
    private constructor();
    delete(a: string): void;
    exists(a: string): boolean;
    get(a: string): Uint8Array | undefined;
    getKeys(): string[];
    set(a: string, b: Uint8Array): void;
    static open(a: string): Store;
  }
  export {};
}

declare module 'fermyon:spin/llm@2.0.0' {
  type T1 = { promptTokenCount: number };
  type T2 = { embeddings: ArrayLike<number>[]; usage: T1 };
  type T3 = { maxTokens: number; repeatPenalty: number; repeatPenaltyLastNTokenCount: number; temperature: number; topK: number; topP: number };
  type T4 = { promptTokenCount: number; generatedTokenCount: number };
  type T5 = { text: string; usage: T4 };
  export function generateEmbeddings(a: string, b: string[]): T2;
  export function infer(a: string, b: string, c: T3 | undefined): T5;
  export {};
}

declare module 'fermyon:spin/mqtt@2.0.0' {
  type T1 = 'at-most-once' | 'at-least-once' | 'exactly-once';
  export class Connection {
    private constructor();
    publish(a: string, b: Uint8Array, c: T1): void;
    static open(a: string, b: string, c: string, d: bigint): Connection;
  }
  export {};
}

declare module 'fermyon:spin/mysql@2.0.0' {
  type T1 = { tag: 'boolean'; val: boolean } | { tag: 'int8'; val: number } | { tag: 'int16'; val: number } | { tag: 'int32'; val: number } | { tag: 'int64'; val: bigint } | { tag: 'uint8'; val: number } | { tag: 'uint16'; val: number } | { tag: 'uint32'; val: number } | { tag: 'uint64'; val: bigint } | { tag: 'floating32'; val: number } | { tag: 'floating64'; val: number } | { tag: 'str'; val: string } | { tag: 'binary'; val: Uint8Array } | { tag: 'db-null' };
  type T2 = 'boolean' | 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'uint16' | 'uint32' | 'uint64' | 'floating32' | 'floating64' | 'str' | 'binary' | 'other';
  type T3 = { name: string; dataType: T2 };
  type T4 = { tag: 'boolean'; val: boolean } | { tag: 'int8'; val: number } | { tag: 'int16'; val: number } | { tag: 'int32'; val: number } | { tag: 'int64'; val: bigint } | { tag: 'uint8'; val: number } | { tag: 'uint16'; val: number } | { tag: 'uint32'; val: number } | { tag: 'uint64'; val: bigint } | { tag: 'floating32'; val: number } | { tag: 'floating64'; val: number } | { tag: 'str'; val: string } | { tag: 'binary'; val: Uint8Array } | { tag: 'db-null' } | { tag: 'unsupported' };
  type T5 = { columns: T3[]; rows: T4[][] };
  export class Connection {
    private constructor();
    execute(a: string, b: T1[]): void;
    query(a: string, b: T1[]): T5;
    static open(a: string): Connection;
  }
  export {};
}

declare module 'fermyon:spin/postgres@2.0.0' {
  type T1 = { tag: 'boolean'; val: boolean } | { tag: 'int8'; val: number } | { tag: 'int16'; val: number } | { tag: 'int32'; val: number } | { tag: 'int64'; val: bigint } | { tag: 'uint8'; val: number } | { tag: 'uint16'; val: number } | { tag: 'uint32'; val: number } | { tag: 'uint64'; val: bigint } | { tag: 'floating32'; val: number } | { tag: 'floating64'; val: number } | { tag: 'str'; val: string } | { tag: 'binary'; val: Uint8Array } | { tag: 'db-null' };
  type T2 = 'boolean' | 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'uint16' | 'uint32' | 'uint64' | 'floating32' | 'floating64' | 'str' | 'binary' | 'other';
  type T3 = { name: string; dataType: T2 };
  type T4 = { tag: 'boolean'; val: boolean } | { tag: 'int8'; val: number } | { tag: 'int16'; val: number } | { tag: 'int32'; val: number } | { tag: 'int64'; val: bigint } | { tag: 'uint8'; val: number } | { tag: 'uint16'; val: number } | { tag: 'uint32'; val: number } | { tag: 'uint64'; val: bigint } | { tag: 'floating32'; val: number } | { tag: 'floating64'; val: number } | { tag: 'str'; val: string } | { tag: 'binary'; val: Uint8Array } | { tag: 'db-null' } | { tag: 'unsupported' };
  type T5 = { columns: T3[]; rows: T4[][] };
  export class Connection {
    private constructor();
    execute(a: string, b: T1[]): bigint;
    query(a: string, b: T1[]): T5;
    static open(a: string): Connection;
  }
  export {};
}

declare module 'fermyon:spin/redis@2.0.0' {
  type T1 = { tag: 'int64'; val: bigint } | { tag: 'binary'; val: Uint8Array };
  type T2 = { tag: 'nil' } | { tag: 'status'; val: string } | { tag: 'int64'; val: bigint } | { tag: 'binary'; val: Uint8Array };
  export class Connection {
    private constructor();
    del(a: string[]): number;
    execute(a: string, b: T1[]): T2[];
    get(a: string): Uint8Array | undefined;
    incr(a: string): bigint;
    publish(a: string, b: Uint8Array): void;
    sadd(a: string, b: string[]): number;
    set(a: string, b: Uint8Array): void;
    smembers(a: string): string[];
    srem(a: string, b: string[]): number;
    static open(a: string): Connection;
  }
  export {};
}

declare module 'fermyon:spin/sqlite@2.0.0' {
  type T1 = { tag: 'integer'; val: bigint } | { tag: 'real'; val: number } | { tag: 'text'; val: string } | { tag: 'blob'; val: Uint8Array } | { tag: 'null' };
  type T2 = { values: T1[] };
  type T3 = { columns: string[]; rows: T2[] };
  export class Connection {
    private constructor();
    execute(a: string, b: T1[]): T3;
    static open(a: string): Connection;
  }
  export {};
}

declare module 'fermyon:spin/variables@2.0.0' {
  export function get(a: string): string;
  export {};
}

declare module 'mayfly:websocket/connections@0.1.0' {
  type T1 = { tag: 'text'; val: string } | { tag: 'binary'; val: Uint8Array };
  export function broadcast(a: string, b: T1): number;
  export function close(a: string, b: number, c: string): void;
  export function getState(a: string): Uint8Array;
  export function refuse(a: string, b: number): void;
  export function send(a: string, b: T1): void;
  export function setState(a: string, b: Uint8Array): void;
  export function subscribe(a: string, b: string): void;
  export function unsubscribe(a: string, b: string): void;
  export {};
}

declare module 'spin:postgres/postgres@3.0.0' {
  type T1 = { tag: 'boolean'; val: boolean } | { tag: 'int8'; val: number } | { tag: 'int16'; val: number } | { tag: 'int32'; val: number } | { tag: 'int64'; val: bigint } | { tag: 'floating32'; val: number } | { tag: 'floating64'; val: number } | { tag: 'str'; val: string } | { tag: 'binary'; val: Uint8Array } | { tag: 'date'; val: [number, number, number] } | { tag: 'time'; val: [number, number, number, number] } | { tag: 'datetime'; val: [number, number, number, number, number, number, number] } | { tag: 'timestamp'; val: bigint } | { tag: 'db-null' };
  type T2 = 'boolean' | 'int8' | 'int16' | 'int32' | 'int64' | 'floating32' | 'floating64' | 'str' | 'binary' | 'date' | 'time' | 'datetime' | 'timestamp' | 'other';
  type T3 = { name: string; dataType: T2 };
  type T4 = { tag: 'boolean'; val: boolean } | { tag: 'int8'; val: number } | { tag: 'int16'; val: number } | { tag: 'int32'; val: number } | { tag: 'int64'; val: bigint } | { tag: 'floating32'; val: number } | { tag: 'floating64'; val: number } | { tag: 'str'; val: string } | { tag: 'binary'; val: Uint8Array } | { tag: 'date'; val: [number, number, number] } | { tag: 'time'; val: [number, number, number, number] } | { tag: 'datetime'; val: [number, number, number, number, number, number, number] } | { tag: 'timestamp'; val: bigint } | { tag: 'db-null' } | { tag: 'unsupported' };
  type T5 = { columns: T3[]; rows: T4[][] };
  export class Connection {
    private constructor();
    execute(a: string, b: T1[]): bigint;
    query(a: string, b: T1[]): T5;
    static open(a: string): Connection;
  }
  export {};
}

declare module 'spin:postgres/postgres@4.2.0' {
  type T1 = 'inclusive' | 'exclusive';
  type T2 = { micros: bigint; days: number; months: number };
  type T3 = { tag: 'boolean'; val: boolean } | { tag: 'int8'; val: number } | { tag: 'int16'; val: number } | { tag: 'int32'; val: number } | { tag: 'int64'; val: bigint } | { tag: 'floating32'; val: number } | { tag: 'floating64'; val: number } | { tag: 'str'; val: string } | { tag: 'binary'; val: Uint8Array } | { tag: 'date'; val: [number, number, number] } | { tag: 'time'; val: [number, number, number, number] } | { tag: 'datetime'; val: [number, number, number, number, number, number, number] } | { tag: 'timestamp'; val: bigint } | { tag: 'uuid'; val: string } | { tag: 'jsonb'; val: Uint8Array } | { tag: 'decimal'; val: string } | { tag: 'range-int32'; val: [[number, T1] | undefined, [number, T1] | undefined] } | { tag: 'range-int64'; val: [[bigint, T1] | undefined, [bigint, T1] | undefined] } | { tag: 'range-decimal'; val: [[string, T1] | undefined, [string, T1] | undefined] } | { tag: 'array-int32'; val: (number | undefined)[] } | { tag: 'array-int64'; val: (bigint | undefined)[] } | { tag: 'array-decimal'; val: (string | undefined)[] } | { tag: 'array-str'; val: (string | undefined)[] } | { tag: 'interval'; val: T2 } | { tag: 'db-null' };
  type T4 = { tag: 'boolean' } | { tag: 'int8' } | { tag: 'int16' } | { tag: 'int32' } | { tag: 'int64' } | { tag: 'floating32' } | { tag: 'floating64' } | { tag: 'str' } | { tag: 'binary' } | { tag: 'date' } | { tag: 'time' } | { tag: 'datetime' } | { tag: 'timestamp' } | { tag: 'uuid' } | { tag: 'jsonb' } | { tag: 'decimal' } | { tag: 'range-int32' } | { tag: 'range-int64' } | { tag: 'range-decimal' } | { tag: 'array-int32' } | { tag: 'array-int64' } | { tag: 'array-decimal' } | { tag: 'array-str' } | { tag: 'interval' } | { tag: 'other'; val: string };
  type T5 = { name: string; dataType: T4 };
  type T6 = { tag: 'boolean'; val: boolean } | { tag: 'int8'; val: number } | { tag: 'int16'; val: number } | { tag: 'int32'; val: number } | { tag: 'int64'; val: bigint } | { tag: 'floating32'; val: number } | { tag: 'floating64'; val: number } | { tag: 'str'; val: string } | { tag: 'binary'; val: Uint8Array } | { tag: 'date'; val: [number, number, number] } | { tag: 'time'; val: [number, number, number, number] } | { tag: 'datetime'; val: [number, number, number, number, number, number, number] } | { tag: 'timestamp'; val: bigint } | { tag: 'uuid'; val: string } | { tag: 'jsonb'; val: Uint8Array } | { tag: 'decimal'; val: string } | { tag: 'range-int32'; val: [[number, T1] | undefined, [number, T1] | undefined] } | { tag: 'range-int64'; val: [[bigint, T1] | undefined, [bigint, T1] | undefined] } | { tag: 'range-decimal'; val: [[string, T1] | undefined, [string, T1] | undefined] } | { tag: 'array-int32'; val: (number | undefined)[] } | { tag: 'array-int64'; val: (bigint | undefined)[] } | { tag: 'array-decimal'; val: (string | undefined)[] } | { tag: 'array-str'; val: (string | undefined)[] } | { tag: 'interval'; val: T2 } | { tag: 'db-null' } | { tag: 'unsupported'; val: Uint8Array };
  type T7 = { columns: T5[]; rows: T6[][] };
  export class ConnectionBuilder {
    constructor(a: string);
    build(): Connection;
    setCaRoot(a: string): void;
  }
  export class Connection {
    private constructor();
    execute(a: string, b: T3[]): bigint;
    query(a: string, b: T3[]): T7;
    static open(a: string): Connection;
  }
  export {};
}

declare module 'spin:sqlite/sqlite@3.1.0' {
  type T1 = { tag: 'integer'; val: bigint } | { tag: 'real'; val: number } | { tag: 'text'; val: string } | { tag: 'blob'; val: Uint8Array } | { tag: 'null' };
  type T2 = { values: T1[] };
  type T3 = { columns: string[]; rows: T2[] };
  export class Connection {
    private constructor();
    changes(): bigint;
    execute(a: string, b: T1[]): T3;
    lastInsertRowid(): bigint;
    static open(a: string): Connection;
  }
  export {};
}

declare module 'wasi:config/store@0.2.0-draft-2024-09-27' {
  export function get(a: string): string | undefined;
  export function getAll(): [string, string][];
  export {};
}

declare module 'wasi:keyvalue/store@0.2.0-draft2' {
  type T1 = { keys: string[]; cursor?: string | undefined };
  export class Bucket {
    private constructor();
    delete(a: string): void;
    exists(a: string): boolean;
    get(a: string): Uint8Array | undefined;
    listKeys(a: string | undefined): T1;
    set(a: string, b: Uint8Array): void;
  }
  export function open(a: string): Bucket;
  export {};
}

declare module 'wasi:keyvalue/batch@0.2.0-draft2' {
  import type { Bucket } from 'wasi:keyvalue/store@0.2.0-draft2';
  export function deleteMany(a: Bucket, b: string[]): void;
  export function getMany(a: Bucket, b: string[]): ([string, Uint8Array | undefined])[];
  export function setMany(a: Bucket, b: [string, Uint8Array][]): void;
  export {};
}

declare module 'wasi:keyvalue/atomics@0.2.0-draft2' {
  import type { Bucket } from 'wasi:keyvalue/store@0.2.0-draft2';
  export class Cas {
    private constructor();
    current(): Uint8Array | undefined;
    static new(a: Bucket, b: string): Cas;
  }
  export function increment(a: Bucket, b: string, c: bigint): bigint;
  export function swap(a: Cas, b: Uint8Array): void;
  export {};
}
