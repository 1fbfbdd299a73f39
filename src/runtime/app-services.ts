// The host services of one app: what they keep for it and for its components, and the order in which everything is
// closed.
import type { LockedComponent } from '../app/locked-app.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import type { AppContext, HostService } from '../host/service.ts';
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

  /** Binds the services that a component uses, by the names of its plan and in their order. */
  async bind(
    component: LockedComponent,
    names: readonly string[],
    log: Logger,
  ): Promise<ServiceBinding<LockedComponent>[]> {
    const bound: ServiceBinding<LockedComponent>[] = [];
    for (const name of names) {
      const found = this.#services.get(name);
      if (!found) throw new Error(`No host service is called "${name}"`);
      const { service, app } = found;
      const configured = await service.configureComponent({ ...this.#context, component, log }, app);
      this.#componentClosers.push(() => service.closeComponent?.(configured));
      bound.push({
        name,
        prepare: (context) => service.prepare(configured, context),
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

/** Everything that components may import of these services. */
export function registryOf(services: readonly HostService[]): HostRegistry {
  return new HostRegistry(
    services.flatMap((service) => service.interfaces),
    services.flatMap((service) => service.coreModules ?? []),
    (name) => services.map((service) => service.standIn?.(name)).find((found) => found !== undefined),
  );
}
