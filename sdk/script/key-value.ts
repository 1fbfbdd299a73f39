// Key-value stores: `keyValue` of mayfly/sdk.
import { Store as HostStore } from 'fermyon:spin/key-value@2.0.0';
import { bytesOf, ownBytes, textOf } from './bytes.ts';
import { asking } from './errors.ts';

const ask = <T>(call: () => T): T => asking('key-value', call);

class Store {
  readonly #store: HostStore;

  constructor(store: HostStore) {
    this.#store = store;
  }

  get(key: string): Uint8Array | undefined {
    const bytes = ask(() => this.#store.get(key));
    return bytes && ownBytes(bytes);
  }

  getText(key: string): string | undefined {
    return textOf(this.get(key));
  }

  getJson<T = unknown>(key: string): T | undefined {
    const text = this.getText(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  set(key: string, value: string | Uint8Array | ArrayBuffer): void {
    const bytes = bytesOf(value);
    ask(() => this.#store.set(key, bytes));
  }

  setJson(key: string, value: unknown): void {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError('JSON cannot hold the value');
    this.set(key, text);
  }

  delete(key: string): void {
    ask(() => this.#store.delete(key));
  }

  has(key: string): boolean {
    return ask(() => this.#store.exists(key));
  }

  keys(): string[] {
    return ask(() => this.#store.getKeys());
  }
}

export const keyValue = {
  open: (name = 'default') => new Store(ask(() => HostStore.open(name))),
};
