// Guests of a host service, for tests: several requests of one app call the functions of its interfaces as the component
// runtime does.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import { defaultRuntimeConfig, type RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { HostByteBudget } from '../component/types/host-byte-budget.ts';
import type { MayflyError } from '../errors.ts';
import { type LogLine, testLog } from '../telemetry/log.test-kit.ts';
import { createOutboundNetwork } from './network/outbound-network.ts';
import type { HostService } from './service.ts';

export interface TestGuest {
  readonly hostBytes: HostByteBudget;
  /** `path`: interface with version, and function. Gives what the guest gets, which it has its copy of. */
  call(path: string, ...args: unknown[]): Promise<unknown>;
  /** The same, and the value of a result that is no error. */
  ok(path: string, ...args: unknown[]): Promise<unknown>;
  /** The guest drops a handle of this kind. */
  drop(interfaceName: string, resource: string, object: unknown): void;
  /** Its client goes away, or a limit is reached. */
  abort(): void;
  /** The request is over. */
  finish(): void;
}

export interface TestApp<App> {
  readonly kept: App;
  readonly problems: readonly MayflyError[];
  readonly lines: readonly LogLine[];
  /** A request in a sandbox of its own; `heldBytes`: what the host may keep for it. */
  request(heldBytes?: number): TestGuest;
  /** Ends all requests, and unloads the app. */
  close(): Promise<void>;
}

export interface TestAppOptions {
  /** Of the component that calls, which is called `guest`. */
  readonly component?: Partial<LockedComponent>;
  readonly runtimeConfig?: Partial<RuntimeConfig>;
}

export async function guestsOf<App, Configured, State>(
  service: HostService<App, Configured, State>,
  options: TestAppOptions = {},
): Promise<TestApp<App>> {
  const { log, lines } = testLog();
  const problems: MayflyError[] = [];
  const component = { id: 'guest', allowedOutboundHosts: [], aiModels: [], ...options.component } as LockedComponent;
  const app = { components: [component] } as unknown as LockedApp;
  const runtimeConfig = { ...defaultRuntimeConfig(), ...options.runtimeConfig };
  const network = createOutboundNetwork(runtimeConfig);
  const context = {
    app,
    component,
    runtimeConfig,
    network,
    log,
    problem: (error: MayflyError) => void problems.push(error),
  };
  const kept = (await service.configureApp?.(context)) as App;
  const configured = await service.configureComponent(context, kept);
  const interfaces = new Map(
    service.interfaces.map((one) => [one.version === undefined ? one.name : `${one.name}@${one.version}`, one]),
  );
  const guests: TestGuest[] = [];

  function request(heldBytes?: number): TestGuest {
    const controller = new AbortController();
    const hostBytes = new HostByteBudget(heldBytes);
    const state = service.prepare(configured, { component, log, signal: controller.signal, hostBytes });
    const guest: TestGuest = {
      hostBytes,
      async call(path, ...args) {
        const [interfaceName = '', name = ''] = path.split(' ');
        const func = interfaces.get(interfaceName)?.functions[name] ?? assert.fail(path);
        const result = await func.call(state as never, ...(args as never[]));
        func.lowered?.(result as never, ...(args as never[]));
        return result;
      },
      async ok(path, ...args) {
        const { tag, val } = (await guest.call(path, ...args)) as { tag: string; val: unknown };
        if (tag !== 'ok') assert.fail(inspect(val));
        return val;
      },
      drop: (interfaceName, resource, object) =>
        interfaces.get(interfaceName)?.resources[resource]?.drop?.(state as never, object as never),
      abort: () => controller.abort(new Error('the request is over')),
      finish() {
        guest.abort();
        service.finish?.(state);
      },
    };
    guests.push(guest);
    return guest;
  }

  return {
    kept,
    problems,
    lines,
    request,
    async close() {
      for (const guest of guests) guest.finish();
      await service.closeComponent?.(configured);
      await service.closeApp?.(kept);
    },
  };
}
