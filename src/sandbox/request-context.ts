// What the host keeps for one request in one sandbox: the state of each service, made when the guest first needs it.
import type { CallContext } from '../component/canon/instance.ts';
import { HostByteBudget } from '../component/types/host-byte-budget.ts';
import type { EventIdentity } from '../telemetry/event-identity.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Propagation } from '../telemetry/trace-context.ts';

/** A host service as the sandbox sees it, bound to the component that it serves. */
export interface ServiceBinding<Component> {
  readonly name: string;
  /** The number of the configuration under which it is called; 0 where it is absent. */
  readonly configuration?: number;
  prepare(context: RequestContext<Component>): unknown;
  finish(state: unknown): void;
}

/** How a guest ended. */
export interface Outcome {
  /** Set when the guest trapped, was stopped, or the host failed. */
  readonly error: Error | undefined;
  /** The exit code of a command; 0 for other guests. */
  readonly exitCode: number;
}

export class RequestContext<Component = unknown> implements CallContext {
  readonly component: Component;
  /** How many components of the app have passed on the request; set by whoever calls the guest. */
  hops = 0;
  readonly #entry: number;
  #log: Logger;
  readonly #identity: EventIdentity | undefined;
  #hasFields = false;
  readonly #services: readonly ServiceBinding<Component>[];
  readonly #states: unknown[] = [];
  #controller: AbortController | undefined;
  #aborted: unknown;
  readonly #heldBytes: number | undefined;
  #hostBytes: HostByteBudget | undefined;

  /**
   * `services` are in the order of the plan's slots; `heldBytes` is the most that the host may keep for the request.
   * `entry` is the number of the configuration that the called function has.
   */
  constructor(
    component: Component,
    services: readonly ServiceBinding<Component>[],
    log: Logger,
    heldBytes?: number,
    entry = 0,
    identity?: EventIdentity,
  ) {
    this.#entry = entry;
    this.component = component;
    this.#services = services;
    this.#log = log;
    this.#identity = identity;
    this.#heldBytes = heldBytes;
  }

  /** Nobody is told of the steps of guests. */
  get turns(): CallContext['turns'] {
    return undefined;
  }

  /** The log of the request. It is made on demand, since most requests have nothing to tell. */
  get log(): Logger {
    const fields = this.#hasFields ? undefined : this.#identity?.fields;
    this.#hasFields = true;
    if (fields) this.#log = this.#log.child(fields);
    return this.#log;
  }

  /** What requests of the guest hand on of the trace. */
  get propagation(): Propagation | undefined {
    return this.#identity?.propagation;
  }

  get hostBytes(): HostByteBudget {
    this.#hostBytes ??= new HostByteBudget(this.#heldBytes);
    return this.#hostBytes;
  }

  state(slot: number): unknown {
    const known = this.#states[slot];
    if (known !== undefined) return known;
    const made = this.#services[slot]?.prepare(this);
    this.#states[slot] = made;
    return made;
  }

  /**
   * The state of a service by its name, of the part that is called; undefined for a service that this part does not use.
   */
  stateOf(service: string): unknown {
    for (let slot = 0; slot < this.#services.length; slot++) {
      const { name, configuration = 0 } = this.#services[slot] ?? {};
      if (name === service && configuration === this.#entry) return this.state(slot);
    }
    return undefined;
  }

  /** Made on demand: most requests never ask for it, and an AbortController costs more than all else here. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  /** Says that the request is over before its guest is. */
  abort(reason: Error): void {
    this.#aborted ??= reason;
    this.#controller?.abort(reason);
  }

  /**
   * Says that the guest has ended, in whatever way: services close what it left open. `_outcome` says how it ended; there is
   * nothing to say of one that was never started.
   */
  finish(_outcome?: Outcome): void {
    this.#states.forEach((state, slot) => {
      if (state !== undefined) this.#services[slot]?.finish(state);
    });
    this.#states.length = 0;
    this.#hostBytes?.close();
  }
}
