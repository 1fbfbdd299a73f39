// The HostService interface: what one capability of the host looks like to the rest. Three lifetimes, a method each.
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import type { HostCoreModule } from '../component/types/core-host.ts';
import type { HostByteBudget } from '../component/types/host-byte-budget.ts';
import type { HostCall, HostFunction, HostInterface, HostResource } from '../component/types/val-type.ts';
import type { MayflyError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';

/** What the runtime hands to a service when an app is loaded, once for each component of the app. */
export interface ComponentContext {
  readonly app: LockedApp;
  readonly component: LockedComponent;
  readonly log: Logger;
  /** Reports a mistake of the manifest. All are gathered and shown at once; loading then fails. */
  problem(error: MayflyError): void;
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

/**
 * `Configured` lives as long as the app is loaded, `State` as long as one sandbox serves one request.
 * A state is made on the first call that needs it.
 */
export interface HostService<Configured = unknown, State = unknown> {
  readonly name: string;
  readonly interfaces: readonly HostInterface[];
  /** What core modules without a component may import. */
  readonly coreModules?: readonly HostCoreModule[];
  /** An interface for a name, with its version, that no service has. */
  standIn?(name: string): HostInterface | undefined;
  /** Process start: optional. */
  init?(): void | Promise<void>;
  /** An app was loaded: validate, open pools; report every mistake through `context.problem`. */
  configureComponent(context: ComponentContext): Configured | Promise<Configured>;
  /** A sandbox needs the service for the first time: cheap, no I/O. */
  prepare(configured: Configured, sandbox: SandboxContext): State;
  /** The request is over, in whatever way: close what the guest left open. Must not throw. */
  finish?(state: State): void;
  /** The app was unloaded. */
  close?(configured: Configured): void | Promise<void>;
}

type Functions<State> = Record<string, ((state: State, ...args: never[]) => unknown) | MarkedFunction<State>>;
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
