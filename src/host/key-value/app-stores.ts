// The stores of one app by their labels, as the runtime configuration has them. Each is opened when it is first asked for.
import type { KeyValueStoreConfig } from '../../app/runtime-config/runtime-config.ts';
import type { StoreCall } from '../test-harness.ts';
import { memoryBackend } from './backends/memory.ts';
import { RecordedStore } from './recorded-store.ts';
import type { Backend, KeyValueStore, Later } from './store.ts';

export type RecordCall = (label: string, call: StoreCall) => void;

export class AppStores {
  readonly #configs: ReadonlyMap<string, KeyValueStoreConfig>;
  readonly #stores = new Map<string, KeyValueStore>();
  /** By what they stand for: labels with one file or server share it. */
  readonly #backends = new Map<string, Promise<Backend>>();
  readonly #record: RecordCall | undefined;
  #memory: Backend | undefined;

  /** `record` is told of each call on a store. */
  constructor(configs: ReadonlyMap<string, KeyValueStoreConfig>, record?: RecordCall) {
    this.#configs = configs;
    this.#record = record;
  }

  has(label: string): boolean {
    return this.#configs.has(label);
  }

  get(label: string): Later<KeyValueStore | undefined> {
    const known = this.#stores.get(label);
    const config = this.#configs.get(label);
    if (known || !config) return known;
    if (config.type === 'spin' && config.path === undefined) {
      this.#memory ??= memoryBackend();
      return this.#keep(label, this.#memory);
    }
    return this.#backend(config).then((backend) => this.#keep(label, backend));
  }

  #keep(label: string, backend: Backend): KeyValueStore {
    const record = this.#record;
    const made = (): KeyValueStore =>
      record ? new RecordedStore(backend.store(label), (call) => record(label, call)) : backend.store(label);
    const store = this.#stores.get(label) ?? made();
    this.#stores.set(label, store);
    return store;
  }

  #backend(config: KeyValueStoreConfig): Promise<Backend> {
    const key = JSON.stringify(config);
    const known = this.#backends.get(key) ?? openBackend(config);
    this.#backends.set(key, known);
    return known;
  }

  async close(): Promise<void> {
    for (const backend of this.#backends.values()) await (await backend).close();
    await this.#memory?.close();
  }
}

async function openBackend(config: KeyValueStoreConfig): Promise<Backend> {
  switch (config.type) {
    case 'spin':
      return (await import('./backends/spin.ts')).spinBackend(config.path as string);
    case 'redis':
      return (await import('./backends/redis.ts')).redisBackend(config.url);
  }
}
