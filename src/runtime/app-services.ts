// The host services of one app: what they keep for it and for its components, and the order in which everything is
// closed.
import type { LockedComponent } from '../app/locked-app.ts';
import { type PartConfiguration, restrict } from '../app/restrict.ts';
import type { Plan } from '../component/canon/plan.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import type { AppContext, HostService, SandboxContext } from '../host/service.ts';
import type { ServiceBinding } from '../sandbox/request-context.ts';
import type { Logger } from '../telemetry/log.ts';

/** A service with what it keeps for the app. */
interface Opened {
  readonly service: HostService;
  readonly app: unknown;
}

export class AppServices {
  readonly #context: AppContext;
  /** The services by name. */
  readonly #services: ReadonlyMap<string, Opened>;
  /** Functions that close what components opened; they are called before what the app opened is closed. */
  readonly #componentClosers: (() => void | Promise<void>)[] = [];

  private constructor(context: AppContext, services: ReadonlyMap<string, Opened>) {
    this.#context = context;
    this.#services = services;
  }

  /**
   * Opens the services. Mistakes go to `context.problem`; throws what a service throws, after closing those before it.
   */
  static async open(services: readonly HostService[], context: AppContext): Promise<AppServices> {
    const opened = new Map<string, Opened>();
    const all = new AppServices(context, opened);
    try {
      for (const service of services) {
        opened.set(service.name, { service, app: await service.configureApp?.(context) });
      }
      return all;
    } catch (error) {
      await all.close();
      throw error;
    }
  }

  /**
   * Binds the services that a component uses, in the order of its plan. What is joined to the component has as much of
   * its configuration as `parts` say, by the number of the configuration.
   */
  async bind(
    component: LockedComponent,
    plan: Pick<Plan, 'services' | 'configurations'>,
    parts: readonly PartConfiguration[],
    log: Logger,
  ): Promise<ServiceBinding<LockedComponent>[]> {
    const bound: ServiceBinding<LockedComponent>[] = [];
    const joined = parts.map((part) => ({
      component: restrict(component, part),
      // What is denied to a part is not what the manifest denies to the component.
      log: part.inherits === 'all' ? log : log.child({ inherits: part.inherits.join(', ') || 'nothing' }),
    }));
    for (const [slot, name] of plan.services.entries()) {
      const found = this.#services.get(name);
      if (!found) throw new Error(`No host service is called "${name}"`);
      const { service, app } = found;
      const configuration = plan.configurations?.[slot] ?? 0;
      const part = joined[configuration] ?? { component, log };
      const configured = await service.configureComponent({ ...this.#context, ...part }, app);
      this.#componentClosers.push(() => service.closeComponent?.(configured));
      bound.push({
        name,
        configuration,
        prepare: (context) =>
          service.prepare(configured, part.component === component ? context : new JoinedContext(context, part)),
        finish: (state) => service.finish?.(state),
      });
    }
    return bound;
  }

  async close(): Promise<void> {
    for (const close of this.#componentClosers.splice(0)) await close();
    for (const { service, app } of this.#services.values()) await service.closeApp?.(app);
  }
}

/** One sandbox as services see it for a part of it that has less of the component's configuration. */
class JoinedContext implements SandboxContext {
  readonly component: LockedComponent;
  readonly log: Logger;
  readonly #context: SandboxContext;

  constructor(context: SandboxContext, { component, log }: Pick<SandboxContext, 'component' | 'log'>) {
    this.component = component;
    this.log = log;
    this.#context = context;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get hostBytes(): SandboxContext['hostBytes'] {
    return this.#context.hostBytes;
  }

  get hops(): number {
    return this.#context.hops ?? 0;
  }

  get propagation(): SandboxContext['propagation'] {
    return this.#context.propagation;
  }
}

/** Everything that components may import of these services. */
export function registryOf(services: readonly HostService[], variant?: string): HostRegistry {
  return new HostRegistry(
    services.flatMap((service) => service.interfaces),
    services.flatMap((service) => service.coreModules ?? []),
    (name) => services.map((service) => service.standIn?.(name)).find((found) => found !== undefined),
    variant,
  );
}
