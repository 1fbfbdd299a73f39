// The triggers of one app: made when its components are loaded, started together, and stopped together.
import type { LockedApp } from '../app/locked-app.ts';
import type { HttpDispatcher } from '../triggers/http/dispatcher.ts';
import type { RunOptions, Trigger, TriggerApp, TriggerOptions, TriggerType } from '../triggers/trigger.ts';
import type { LoadedComponent } from './load-component.ts';
import { unitKey } from './load-units.ts';

export interface LoadedParts {
  readonly locked: LockedApp;
  readonly options: TriggerOptions;
  readonly components: readonly LoadedComponent[];
  readonly expand: TriggerApp['expand'];
  readonly webSockets: TriggerApp['webSockets'];
}

export class AppTriggers {
  readonly #triggers: ReadonlyMap<TriggerType, Trigger>;
  /** The way into the trigger that takes HTTP requests. */
  readonly http: HttpDispatcher | undefined;
  #authority: string | undefined;
  #ended: Promise<number> | undefined;
  #isStopping = false;
  readonly #parts: LoadedParts;

  constructor(types: readonly TriggerType[], parts: LoadedParts) {
    this.#parts = parts;
    const trouble = (): string | undefined => this.trouble;
    this.#triggers = new Map(types.map((type) => [type, type.load({ ...appFor(type, parts), trouble })]));
    this.http = [...this.#triggers.values()].find(({ http }) => http)?.http;
  }

  /** Host and port of the first trigger that listens. */
  get authority(): string | undefined {
    return this.#authority;
  }

  /** Resolves to an exit code when the app has done what it has to do; undefined for one that waits for events. */
  get ended(): Promise<number> | undefined {
    return this.#ended;
  }

  /** Why the app cannot serve now, in words; undefined when it can. */
  get trouble(): string | undefined {
    if (this.#isStopping) return 'the app is draining';
    const around = this.#parts.options.notReady?.();
    if (around !== undefined) return around;
    for (const { component, pool } of this.#parts.components) {
      if (pool.trouble !== undefined) return `component "${component.id}": ${pool.trouble}`;
    }
    return this.troubleOfTriggers;
  }

  /** Why one of the triggers that run here takes no events; undefined when all is well. */
  get troubleOfTriggers(): string | undefined {
    for (const [{ type }, { trouble }] of this.#triggers) {
      if (trouble !== undefined) return `trigger ${type}: ${trouble}`;
    }
    return undefined;
  }

  /** Starts all triggers. Rejects when one of them cannot start; `stop` then stops the others. */
  async run(types: readonly TriggerType[], options: RunOptions): Promise<string | undefined> {
    const upgrades = [...this.#triggers.values()].flatMap((trigger) => trigger.upgrades ?? []);
    for (const type of types) {
      const running = await this.#triggers.get(type)?.run({ ...options, upgrades });
      this.#authority ??= running?.authority;
      this.#ended ??= running?.ended;
    }
    return this.#authority;
  }

  /**
   * Stops all triggers, which take nothing new from now on. Resolves when all have finished, also where one of them
   * failed.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#isStopping = true;
    const stopped = await Promise.allSettled([...this.#triggers.values()].map((trigger) => trigger.stop(timeoutMs)));
    for (const one of stopped) if (one.status === 'rejected') throw one.reason;
  }
}

/** The app as triggers of a type see it: only the components that export what they call. */
function appFor(
  type: TriggerType,
  { locked, options, components, expand, webSockets }: LoadedParts,
): Omit<TriggerApp, 'trouble'> {
  const loaded = new Map(components.map((one) => [unitKey(one.component.id, one.middleware), one]));
  return {
    locked,
    options,
    expand,
    webSockets,
    find(id, middleware) {
      const one = loaded.get(unitKey(id, middleware));
      const entry = one?.entries.get(type);
      return one && entry && { component: one.component, guest: one.guest, entry, log: one.log };
    },
  };
}
