// A guest of the service, for tests: calls the functions of its interfaces as the component runtime does.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { LockedApp, LockedComponent } from '../../app/locked-app.ts';
import {
  defaultRuntimeConfig,
  type KeyValueStoreConfig,
  type RuntimeConfig,
} from '../../app/runtime-config/runtime-config.ts';
import { HostByteBudget } from '../../component/types/host-byte-budget.ts';
import type { MayflyError } from '../../errors.ts';
import { type Logger, silentLog } from '../../telemetry/log.ts';
import { createOutboundNetwork } from '../network/outbound-network.ts';
import type { AppStores } from './app-stores.ts';
import { createKeyValueService, type KeyValueOptions } from './service.ts';

export interface TestApp {
  readonly problems: MayflyError[];
  readonly warnings: string[];
  /** A request in a sandbox of its own; `heldBytes`: what the host may keep for it. */
  request(heldBytes?: number): TestGuest;
  close(): Promise<void>;
}

export interface TestGuest {
  readonly hostBytes: HostByteBudget;
  /** `path`: interface with version, and function. Gives what the guest gets, which it has its copy of. */
  call(path: string, ...args: unknown[]): Promise<unknown>;
  /** The guest drops a handle of this kind. */
  drop(interfaceName: string, resource: string, object: unknown): void;
  abort(): void;
}

export async function keyValueApp(
  stores: Readonly<Record<string, KeyValueStoreConfig>> = { default: { type: 'spin', path: undefined } },
  labels: readonly string[] = Object.keys(stores),
  options: KeyValueOptions = {},
): Promise<TestApp> {
  const service = createKeyValueService(options);
  const problems: MayflyError[] = [];
  const warnings: string[] = [];
  const log: Logger = Object.assign(Object.create(silentLog), {
    warn: (_fields: unknown, message: string) => warnings.push(message),
  });
  const component = { id: 'hello', keyValueStores: labels } as unknown as LockedComponent;
  const runtimeConfig: RuntimeConfig = { ...defaultRuntimeConfig(), keyValueStores: new Map(Object.entries(stores)) };
  const app = { components: [component] } as unknown as LockedApp;
  const network = createOutboundNetwork(runtimeConfig);
  const context = {
    app,
    component,
    runtimeConfig,
    network,
    log,
    problem: (error: MayflyError) => problems.push(error),
  };
  const kept = (await service.configureApp?.(context)) as AppStores;
  const configured = await service.configureComponent(context, kept);
  const interfaces = new Map(
    service.interfaces.map((one) => [one.version === undefined ? one.name : `${one.name}@${one.version}`, one]),
  );

  return {
    problems,
    warnings,
    request(heldBytes) {
      const controller = new AbortController();
      const hostBytes = new HostByteBudget(heldBytes);
      const state = service.prepare(configured, { component, log, signal: controller.signal, hostBytes });
      return {
        hostBytes,
        async call(path, ...args) {
          const [interfaceName = '', name = ''] = path.split(' ');
          const func = interfaces.get(interfaceName)?.functions[name] ?? assert.fail(path);
          const result = await func.call(state as never, ...(args as never[]));
          func.lowered?.(result as never, ...(args as never[]));
          return result;
        },
        drop: (interfaceName, resource, object) =>
          interfaces.get(interfaceName)?.resources[resource]?.drop?.(state as never, object as never),
        abort: () => controller.abort(new Error('the request is over')),
      };
    },
    close: async () => service.closeApp?.(kept),
  };
}

/** The value of a result that is no error. */
export function okOf(result: unknown): unknown {
  const { tag, val } = result as { tag: string; val: unknown };
  assert.equal(tag, 'ok', inspect(val));
  return val;
}
