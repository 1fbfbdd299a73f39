// A component of a trigger whose handler is a function, for tests: what it was called with, and when it ends.

import { lockedApp, lockedComponent } from '../app/locked-app.test-kit.ts';
import type { LockedApp } from '../app/locked-app.ts';
import { WebSocketConnections } from '../host/websocket/connections.ts';
import type { Entry } from '../invocation/exchange.ts';
import type { SandboxLimits } from '../sandbox/limits.ts';
import { testLog } from '../telemetry/log.test-kit.ts';
import { fakeGuest } from './http/fake-guest.test-kit.ts';
import type { LoadedTarget, TriggerApp, TriggerOptions } from './trigger.ts';

export interface FakeTarget {
  readonly limits?: Partial<SandboxLimits>;
  /** What the trigger found out of the handler beside its function. */
  readonly entry?: object;
  /** The state of the WASI service, for commands. */
  readonly wasi?: object;
}

export interface FakeApp {
  /** The components by their ids: each with its handler, which gets the parameters of the guest's function. */
  readonly handlers: Readonly<Record<string, (...params: readonly unknown[]) => unknown>>;
  readonly triggers: LockedApp['triggers'];
  readonly target?: FakeTarget;
  readonly options?: Partial<TriggerOptions>;
}

/** The app as a trigger sees it. A template is put in the place of each `{{ name }}` of it. */
export function fakeApp({ handlers, triggers, target = {}, options = {} }: FakeApp) {
  const test = testLog();
  const targets = new Map(
    Object.entries(handlers).map(([id, handle]) => [id, fakeTarget(id, handle, test.log, target)] as const),
  );
  const app: TriggerApp = {
    locked: lockedApp({ triggers, components: [...targets.values()].map(({ component }) => component) }),
    options: { log: test.log, ...options },
    find: (id) => targets.get(id),
    expand: async (template) => template.replace(/\{\{ (\w+) \}\}/g, (_, name: string) => `the-${name}`),
    trouble: () => undefined,
    webSockets: new WebSocketConnections(),
  };
  const eventsOf = (event: string) => test.lines.filter(({ fields }) => fields.event === event);
  return { app, eventsOf, ...test };
}

export function fakeTarget(
  id: string,
  handle: (...params: readonly unknown[]) => unknown,
  log: LoadedTarget['log'],
  { limits, entry, wasi }: FakeTarget = {},
): LoadedTarget {
  const { callee } = fakeGuest((params) => handle(...params), wasi);
  const { func, ...guest } = callee;
  return {
    component: lockedComponent({ id }),
    guest: { ...guest, component: id, limits: { ...guest.limits, ...limits } },
    entry: { func, ...entry } as Entry,
    log,
  };
}
