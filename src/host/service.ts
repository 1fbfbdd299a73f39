// The HostService interface: what one capability of the host looks like to the rest. What it keeps lives as long as an
// app is loaded, as long as a component of it, or as long as one sandbox serves one request: one method opens it,
// another one closes it.
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import type { RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import type { HostCoreModule } from '../component/types/core-host.ts';
import type { HostByteBudget } from '../component/types/host-byte-budget.ts';
import type { HostCall, HostFunction, HostInterface, HostResource } from '../component/types/val-type.ts';
import type { MayflyError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Propagation } from '../telemetry/trace-context.ts';
import type { OutboundNetwork } from './network/outbound-network.ts';

/** What the runtime hands to a service when an app is loaded. */
export interface AppContext {
  readonly app: LockedApp;
  readonly runtimeConfig: RuntimeConfig;
  /** The network by the runtime configuration: whoever connects for a guest asks it. */
  readonly network: OutboundNetwork;
  readonly log: Logger;
  /**
   * Reports a mistake of the manifest or of the runtime configuration. All mistakes are shown at once, and loading then
   * fails.
   */
  problem(error: MayflyError): void;
}

/**
 * What the runtime hands to a service for one component; its `allowed_outbound_hosts` have their variables filled in.
 */
export interface ComponentContext extends AppContext {
  readonly component: LockedComponent;
}

/** One sandbox while it serves one request. */
export interface SandboxContext {
  readonly component: LockedComponent;
  /** Aborted when the client went away, a limit was reached, or the request is over. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** The budget in which every byte that a service keeps for the guest must be counted. */
  readonly hostBytes: HostByteBudget;
  /** How many components of the app have passed on the request that the sandbox serves; absent for none. */
  readonly hops?: number;
  /** The trace that the event belongs to; undefined where it belongs to none. */
  readonly propagation?: Propagation | undefined;
}

/** The states of the services of one request, for those who call a guest. */
export interface ServiceStates {
  /** The state of a service by its name; undefined for one that the component does not use. */
  stateOf(service: string): unknown;
}

/**
 * `App` is what the service keeps for an app, `Configured` what it keeps for a component of it, `State` what it keeps for
 * one sandbox while that serves one request.
 */
export interface HostService<App = unknown, Configured = unknown, State = unknown> {
  readonly name: string;
  readonly interfaces: readonly HostInterface[];
  /** The modules that core modules without a component may import from. */
  readonly coreModules?: readonly HostCoreModule[];
  /** Gives a stand-in for an interface (a name with its version) that no service has. */
  standIn?(name: string): HostInterface | undefined;
  /**
   * Called when an app is loaded, before `configureComponent` of any of its components, whether or not one of them uses
   * the service. It checks what the app says, and makes pools; connections are opened when they are first needed.
   */
  configureApp?(context: AppContext): App | Promise<App>;
  /**
   * Called for each component that imports something of the service, and once more for a component that is warmed up.
   * `app` is what `configureApp` gave, or undefined when there is no such method.
   */
  configureComponent(context: ComponentContext, app: App): Configured | Promise<Configured>;
  /** Called when a guest first calls a function of the service in a request. It must be cheap, without I/O. */
  prepare(configured: Configured, sandbox: SandboxContext): State;
  /** Called when the request is over, in whatever way. It closes what the guest left open, and must not throw. */
  finish?(state: State): void;
  /** Called when the app is unloaded, after all its requests are over. It closes what `configureComponent` opened. */
  closeComponent?(configured: Configured): void | Promise<void>;
  /** Called after `closeComponent` of all components. It closes what `configureApp` opened. */
  closeApp?(app: App): void | Promise<void>;
}

/** Functions by their names in WIT. */
export type Functions<State> = Record<string, ((state: State, ...args: never[]) => unknown) | MarkedFunction<State>>;
interface MarkedFunction<State> {
  readonly suspends: boolean;
  readonly call: (state: State, ...args: never[]) => unknown;
  readonly lowered?: (result: never, ...args: never[]) => void;
}

/** Marks a host function that may return a promise; the guest is suspended until that settles. */
export function suspending<State, Args extends never[]>(
  call: (state: State, ...args: Args) => unknown,
): MarkedFunction<State> {
  return { suspends: true, call: call as (state: State, ...args: never[]) => unknown };
}

/**
 * Marks a host function whose result is copied: `lowered` gets the result and the parameters once the guest has its
 * copy.
 */
export function lending<State, Result, Args extends unknown[]>(
  call: ((state: State, ...args: never[]) => unknown) | MarkedFunction<State>,
  lowered: (result: Result, ...args: Args) => void,
): MarkedFunction<State> {
  const marked = typeof call === 'function' ? { call, suspends: false } : call;
  return { ...marked, lowered: lowered as unknown as NonNullable<HostFunction['lowered']> };
}

/** A resource that the host implements; `drop` runs when the guest drops the handle that it owns. */
export function resource<State, Rep>(name: string, drop?: (state: State, object: Rep) => void): HostResource {
  return drop ? { name, drop: drop as (state: never, object: never) => void } : { name };
}

/** Describes one WIT interface that `service` offers; `version` is the newest of its track that is covered. */
export function defineInterface<State>(
  service: string,
  name: string,
  version: string | undefined,
  parts: {
    functions: Functions<State>;
    resources?: readonly HostResource[];
    signatures?: Readonly<Record<string, string>>;
  },
): HostInterface {
  const functions: Record<string, HostFunction> = {};
  for (const [key, value] of Object.entries(parts.functions)) {
    functions[key] =
      typeof value === 'function'
        ? { call: value as HostCall, suspends: false }
        : { ...value, call: value.call as HostCall };
  }
  const resources = Object.fromEntries((parts.resources ?? []).map((entry) => [entry.name, entry]));
  return { service, name, version, functions, resources, signatures: parts.signatures };
}
