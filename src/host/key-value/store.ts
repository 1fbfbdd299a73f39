// What a key-value store looks like. A new kind is a file in backends/ that passes backends/store.contract.ts.
import { type Caller, type Later, ServiceFault } from '../guest-call.ts';

export type { Caller, Later };

/** In bytes, of what one call gives; as in Spin. */
export const MOST_RESULT_BYTES = 134_217_728;

/** Why an operation failed, in words for the guest. */
export class StoreFault extends ServiceFault {
  override readonly name = 'StoreFault';
}

export function resultTooLarge(): StoreFault {
  return new StoreFault(`query result exceeds limit of ${MOST_RESULT_BYTES} bytes`);
}

/** A thousand keys or so, and about a mebibyte of them. */
export interface KeyPiece {
  readonly keys: readonly string[];
  /** Where the next piece starts, in the store's own way; undefined at the end. */
  readonly next: unknown;
}

/** Bytes that a store was given it does not keep; those that it gives belong to nobody, and nobody changes them. */
export interface KeyValueStore {
  get(key: string, caller: Caller): Later<Uint8Array | undefined>;
  set(key: string, value: Uint8Array, caller: Caller): Later<void>;
  /** Whether or not there is such a key. */
  delete(key: string, caller: Caller): Later<void>;
  exists(key: string, caller: Caller): Later<boolean>;
  /**
   * Some keys, from the start or from where the piece before ended. A key that comes or goes meanwhile may be among them
   * or not.
   */
  keys(from: KeyPiece['next'], caller: Caller): Later<KeyPiece>;
  /** A key may be in several pieces. */
  readonly repeatsKeys?: true;
  /** In the order of `keys`. */
  getMany(keys: readonly string[], caller: Caller): Later<(Uint8Array | undefined)[]>;
  setMany(entries: readonly (readonly [key: string, value: Uint8Array])[], caller: Caller): Later<void>;
  deleteMany(keys: readonly string[], caller: Caller): Later<void>;
  /** Adds in one step, from 0 if there is no such key. What does not fit into 64 bits is a fault. */
  increment(key: string, delta: bigint, caller: Caller): Later<bigint>;
  /** Sets in one step if the key still has the value `expected`, or is still not there; false otherwise. */
  swap(key: string, expected: Uint8Array | undefined, value: Uint8Array, caller: Caller): Later<boolean>;
}

/** What stands behind stores: a file, a server. Opened when it is first used. */
export interface Backend {
  store(label: string): KeyValueStore;
  /** Idempotent. */
  close(): Later<void>;
}
