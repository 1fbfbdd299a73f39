// A store that tells of each call on it, for tests.
import type { StoreCall } from '../test-harness.ts';
import type { Caller, KeyPiece, KeyValueStore, Later } from './store.ts';

export class RecordedStore implements KeyValueStore {
  readonly #store: KeyValueStore;
  readonly #record: (call: StoreCall) => void;

  constructor(store: KeyValueStore, record: (call: StoreCall) => void) {
    this.#store = store;
    this.#record = record;
  }

  get(key: string, caller: Caller): Later<Uint8Array | undefined> {
    this.#record({ tag: 'get', val: key });
    return this.#store.get(key, caller);
  }

  set(key: string, value: Uint8Array, caller: Caller): Later<void> {
    this.#record({ tag: 'set', val: [key, value.slice()] });
    return this.#store.set(key, value, caller);
  }

  delete(key: string, caller: Caller): Later<void> {
    this.#record({ tag: 'delete', val: key });
    return this.#store.delete(key, caller);
  }

  exists(key: string, caller: Caller): Later<boolean> {
    this.#record({ tag: 'exists', val: key });
    return this.#store.exists(key, caller);
  }

  /** Further pieces belong to the call that asked for the first one. */
  keys(from: KeyPiece['next'], caller: Caller): Later<KeyPiece> {
    if (from === undefined) this.#record({ tag: 'get-keys' });
    return this.#store.keys(from, caller);
  }

  getMany(keys: readonly string[], caller: Caller): Later<(Uint8Array | undefined)[]> {
    for (const key of keys) this.#record({ tag: 'get', val: key });
    return this.#store.getMany(keys, caller);
  }

  setMany(entries: readonly (readonly [key: string, value: Uint8Array])[], caller: Caller): Later<void> {
    for (const [key, value] of entries) this.#record({ tag: 'set', val: [key, value.slice()] });
    return this.#store.setMany(entries, caller);
  }

  deleteMany(keys: readonly string[], caller: Caller): Later<void> {
    for (const key of keys) this.#record({ tag: 'delete', val: key });
    return this.#store.deleteMany(keys, caller);
  }

  increment(key: string, delta: bigint, caller: Caller): Later<bigint> {
    return this.#store.increment(key, delta, caller);
  }

  swap(key: string, expected: Uint8Array | undefined, value: Uint8Array, caller: Caller): Later<boolean> {
    return this.#store.swap(key, expected, value, caller);
  }
}
