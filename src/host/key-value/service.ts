// The host service 'key-value': stores that outlive a request, which components share if their manifest names the same.
// app-stores.ts has what stands behind labels, open-stores.ts who may open what, bindings-*.ts the WIT functions.
import type { HostInterface } from '../../component/types/val-type.ts';
import { MayflyError } from '../../errors.ts';
import type { AppContext, HostService } from '../service.ts';
import { AppStores, type RecordCall } from './app-stores.ts';
import { spinKeyValueInterfaces } from './bindings-spin.ts';
import { wasiKeyValueInterfaces } from './bindings-wasi.ts';
import { OpenStores } from './open-stores.ts';
import { seedStore } from './seed.ts';

export const keyValueInterfaces = [...spinKeyValueInterfaces, ...wasiKeyValueInterfaces];

export interface KeyValueOptions {
  /** Put into the store `default` when an app is loaded. */
  readonly values?: Iterable<readonly [key: string, value: string]> | undefined;
  /** Is told of each call on a store. */
  readonly record?: RecordCall | undefined;
  readonly extraInterfaces?: readonly HostInterface[] | undefined;
}

export function createKeyValueService(options: KeyValueOptions = {}): HostService<AppStores, AppStores, OpenStores> {
  return {
    name: 'key-value',
    interfaces: [...keyValueInterfaces, ...(options.extraInterfaces ?? [])],
    async configureApp(context) {
      const stores = new AppStores(context.runtimeConfig.keyValueStores, options.record);
      reportUnknown(context, stores);
      await seedStore(stores, options.values ?? []);
      return stores;
    },
    configureComponent: (_, stores) => stores,
    prepare: (stores, sandbox) => new OpenStores(stores, sandbox),
    closeApp: (stores) => stores.close(),
  };
}

/** Better at load than in a request, as in Spin; whether or not the component uses it. */
function reportUnknown({ app, problem }: AppContext, stores: AppStores): void {
  for (const { id, keyValueStores, location } of app.components) {
    for (const label of keyValueStores) {
      if (stores.has(label)) continue;
      const message = `unknown key_value_stores label "${label}" for component "${id}"`;
      problem(new MayflyError('manifest-value', message, { location, hint: hintFor(label) }));
    }
  }
}

const hintFor = (label: string): string =>
  `Add [key_value_store.${label}] to the runtime configuration, or name the store "default", which is always there`;
