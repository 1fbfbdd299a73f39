// The HostService interface: what one capability of the host looks like to the rest. What it keeps lives as long as an
// app, as a component of it, or as one sandbox serves one request: a method opens each, another one closes it.
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import type { RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import type { HostCoreModule } from '../component/types/core-host.ts';
import type { HostByteBudget } from '../component/types/host-byte-budget.ts';
import type { HostCall, HostFunction, HostInterface, HostResource } from '../component/types/val-type.ts';
import type { MayflyError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';

/** What the runtime hands to a service when an app is loaded. */
export interface AppContext {
  readonly app: LockedApp;
  readonly runtimeConfig: RuntimeConfig;
  readonly log: Logger;
  /** Reports a mistake of the manifest or of the runtime configuration. All are shown at once; loading then fails. */
  problem(error: MayflyError): void;
}

/** The same for one component; its `allowed_outbound_hosts` have their variables filled in. */
export interface ComponentContext extends AppContext {
  readonly component: LockedComponent;
}

/** One sandbox while it serves one request. */
export interface SandboxContext {
  readonly component: LockedComponent;
  /** Aborted when the client went away, a limit was reached, or the request is over. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Every byte that a service keeps for the guest is counted here. */
  readonly hostBytes: HostByteBudget;
}

/** The states of the services of one request, as those see them who call a guest. */
export interface ServiceStates {
  /** By the name of the service; undefined for one that the component does not use. */
  stateOf(service: string): unknown;
}

/**
 * `App` is what the service keeps for an app, `Configured` what it keeps for a component of it, `State` what it keeps for
 * one sandbox while that serves one request.
 */
export interface HostService<App = unknown, Configured = unknown, State = unknown> {
  readonly name: string;
  readonly interfaces: readonly HostInterface[];
  /** What core modules without a component may import. */
  readonly coreModules?: readonly HostCoreModule[];
  /** An interface for a name, with its version, that no service has. */
  standIn?(name: string): HostInterface | undefined;
  /**
   * Called when an app is loaded, before `configureComponent` of any of its components, whether or not one of them uses
   * the service: checks what the app says, makes pools. Connections are opened when they are first needed.
   */
  configureApp?(context: AppContext): App | Promise<App>;
  /**
   * Called for each component that imports something of the service, and once more where one is warmed up. `app` is what
   * `configureApp` gave, undefined without it.
   */
  configureComponent(context: ComponentContext, app: App): Configured | Promise<Configured>;
  /** Called when a guest first calls a function of the service in a request: cheap, no I/O. */
  prepare(configured: Configured, sandbox: SandboxContext): State;
  /** Called when the request is over, in whatever way: closes what the guest left open. Must not throw. */
  finish?(state: State): void;
  /** Called when the app is unloaded, after all its requests are over: closes what `configureComponent` opened. */
  closeComponent?(configured: Configured): void | Promise<void>;
  /** Called after that: closes what `configureApp` opened. */
  closeApp?(app: App): void | Promise<void>;
}

/** By their names in WIT. */
export type Functions<State> = Record<string, ((state: State, ...args: never[]) => unknown) | MarkedFunction<State>>;
interface MarkedFunction<State> {
  readonly suspends: boolean;
  readonly call: (state: State, ...args: never[]) => unknown;
  readonly lowered?: (result: never, ...args: never[]) => void;
}

/** Marks a host function that may return a promise; the guest is suspended until it settles. */
export function suspending<State, Args extends never[]>(
  call: (state: State, ...args: Args) => unknown,
): MarkedFunction<State> {
  return { suspends: true, call: call as (state: State, ...args: never[]) => unknown };
}

/** `lowered` gets the result and the parameters once the guest has its copy of the result: see HostFunction. */
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
