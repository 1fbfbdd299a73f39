// Loads one component of an app: artifact, services, image, pool, and the handler that a trigger calls.
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import { defaultRuntimeConfig, type RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import { MayflyError, messageOf } from '../errors.ts';
import type { HttpRequest } from '../host/http-message.ts';
import type { HostService } from '../host/service.ts';
import { createResolver } from '../host/variables/resolver.ts';
import { limitsOf } from '../limits.ts';
import { type Artifact, INTERRUPT } from '../sandbox/artifact.ts';
import { createFactory, type FactoryOptions, type SandboxFactory } from '../sandbox/factory.ts';
import type { ImageData } from '../sandbox/image.ts';
import { maximumPages } from '../sandbox/limits.ts';
import { Lane } from '../sandbox/line.ts';
import { type LoadedArtifact, loadArtifact } from '../sandbox/load-artifact.ts';
import { SandboxPool } from '../sandbox/pool.ts';
import { RequestContext } from '../sandbox/request-context.ts';
import { logEvent } from '../telemetry/events.ts';
import { type Logger, silentLog } from '../telemetry/log.ts';
import type { Usage } from '../triggers/http/guest.ts';
import { createHandler, type HandlerOptions } from '../triggers/http/handler.ts';
import type { HttpHandler } from '../triggers/http/trigger.ts';
import { AppServices } from './app-services.ts';
import type { Engine } from './engine.ts';
import { type Entry, findEntry, wantsCommand } from './entry.ts';
import { variableProviders } from './services.ts';
import { warmFactory, withoutPermissions } from './warm.ts';

export interface LoadOptions {
  readonly log: Logger;
  /** Values of app variables, over all other providers. */
  readonly variables: Readonly<Record<string, string>>;
  /** For every component, over what its manifest sets. */
  readonly environment: Readonly<Record<string, string>>;
  /** By default all that an app keeps is in memory. */
  readonly runtimeConfig?: RuntimeConfig | undefined;
  /** After each request, the log shows what it used. */
  readonly summary?: boolean | undefined;
  /** Responses say how long they took, in the header `server-timing`. */
  readonly serverTiming?: boolean | undefined;
}

export interface LoadedComponent {
  readonly component: LockedComponent;
  readonly artifact: Artifact;
  readonly pool: SandboxPool;
  readonly handler: HttpHandler;
}

type GuestBasics = Omit<HandlerOptions<LockedComponent>, 'pool' | 'makeContext'>;

/** Everything that loads with one component. All mistakes go to `problem`; undefined when there were any. */
export interface ComponentLoader {
  load(component: LockedComponent, middleware?: readonly string[]): Promise<LoadedComponent | undefined>;
  close(): Promise<void>;
}

export async function createLoader(
  app: LockedApp,
  services: readonly HostService[],
  engine: Engine,
  options: LoadOptions,
  problem: (error: MayflyError) => void,
): Promise<ComponentLoader> {
  const registry = new HostRegistry(
    services.flatMap((service) => service.interfaces),
    services.flatMap((service) => service.coreModules ?? []),
    (name) => services.map((service) => service.standIn?.(name)).find((found) => found !== undefined),
  );
  const resolver = createResolver(app.variables, variableProviders(app, options));
  const { log: appLog, runtimeConfig = defaultRuntimeConfig() } = options;
  const opened = await AppServices.open(services, { app, runtimeConfig, log: appLog, problem });
  const pools: SandboxPool[] = [];

  async function loadOne(component: LockedComponent, middleware: readonly string[]): Promise<LoadedComponent> {
    const set = [component.settings.limits, app.settings.limits];
    const limits = limitsOf('sandbox', ...set);
    const log = options.log.child({ component: component.id });
    const { settings } = component;
    const loaded = await loadArtifact([component.source, ...middleware], {
      host: registry,
      maximumPages: maximumPages(limits),
      maximumTableElements: limits.tableElements,
      interruptible: engine.flag !== undefined,
      cache: engine.cache,
      takesImage: settings.preinitialize !== false && settings.warm.length === 0,
      log,
    });
    const { artifact } = loaded;
    logUnsupported(
      log,
      artifact.plan.imports.filter((name) => registry.isStandIn(name)),
    );
    const entry = findEntry(artifact, middleware.length === 0 && wantsCommand(app, component.id));
    const bindings = await opened.bind(component, artifact.plan.services, log);
    const guest = {
      component: component.id,
      ...entry,
      wasiSlot: artifact.plan.services.indexOf('wasi'),
      clock: engine.clock,
      lane: new Lane(),
      limits,
      httpLimits: limitsOf('wasi', ...set),
    };
    const factory = await makeFactory(component, loaded, guest, log);
    const reuse = reuseOf(component, whyOnce(artifact, entry), log);
    const pool = new SandboxPool(factory, limits, engine.gate, reuse);
    pools.push(pool);
    logPooling(log, factory.reason);
    const handler = createHandler({
      ...guest,
      pool,
      makeContext: () => new RequestContext(component, bindings, log, limits.heldBytes),
      onEnd: options.summary ? (request, usage) => logUsage(log, request, usage) : undefined,
      serverTiming: options.serverTiming,
    });
    return { component, artifact, pool, handler };
  }

  async function makeFactory(
    component: LockedComponent,
    { artifact, storedImage, keep }: LoadedArtifact,
    guest: GuestBasics,
    log: Logger,
  ): Promise<SandboxFactory> {
    const { settings } = component;
    const basics: FactoryOptions = {
      strategy: engine.strategy,
      verify: engine.verifyResets,
      maximumPages: maximumPages(guest.limits),
      preinitialize: settings.preinitialize,
      handleLimit: guest.limits.handles,
      tableElements: guest.limits.tableElements,
      timer: () => engine.clock.timer(guest.limits),
      extraImports: engine.flag ? { [INTERRUPT.module]: { [INTERRUPT.name]: engine.flag } } : {},
    };
    if (settings.warm.length > 0 && guest.command) {
      logNotWarmed(log, 'a command runs once in its sandbox');
    } else if (settings.warm.length > 0) {
      const restricted = withoutPermissions(component);
      const bindings = await opened.bind(restricted, artifact.plan.services, silentLog);
      const warmed = await warmFactory(artifact, basics, settings.warm, { ...guest, bindings, restricted });
      if (!('reason' in warmed)) {
        keep(undefined);
        return warmed.factory;
      }
      logNotWarmed(log, warmed.reason);
    }
    let image: ImageData | undefined;
    const take = (data: ImageData): void => {
      image = data;
    };
    const factory = await createFactory(artifact, { ...basics, stored: storedImage, keep: take });
    keep(image);
    return factory;
  }

  /** Variables in `allowed_outbound_hosts` have one value as long as the app is loaded. */
  async function expandHosts(component: LockedComponent): Promise<LockedComponent> {
    const hosts = await Promise.all(component.allowedOutboundHosts.map((host) => resolver.expand(host)));
    return { ...component, allowedOutboundHosts: hosts };
  }

  return {
    async load(component, middleware = []) {
      try {
        return await loadOne(await expandHosts(withEnvironment(component, options.environment)), middleware);
      } catch (error) {
        problem(middleware.length > 0 ? inChain(component, middleware, error) : inComponent(component, error));
        return undefined;
      }
    },
    async close() {
      for (const pool of pools.splice(0)) pool.close();
      await opened.close();
      await engine.cache?.settled();
    },
  };
}

function withEnvironment(component: LockedComponent, environment: Readonly<Record<string, string>>): LockedComponent {
  return { ...component, environment: { ...component.environment, ...environment } };
}

function logUsage(log: Logger, { method, target }: HttpRequest, usage: Usage): void {
  const path = target.split('?', 1)[0];
  const [cpuMs, wallMs] = [rounded(usage.cpuMs), rounded(usage.wallMs)];
  const { memoryBytes, hostCalls } = usage;
  const text = `${method} ${path}: ${cpuMs} ms CPU, ${wallMs} ms, ${memoryBytes} bytes of memory, ${hostCalls} host calls`;
  logEvent(log, 'request-used', { method, path, cpuMs, wallMs, memoryBytes, hostCalls }, text);
}

/** To microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function reuseOf({ settings }: LockedComponent, whyOnce: string | undefined, log: Logger): number {
  if (whyOnce === undefined || settings.reuse === 1) return settings.reuse;
  logEvent(log, 'component-not-reused', { reason: whyOnce }, `Its sandboxes are not reused: ${whyOnce}`);
  return 1;
}

/** Undefined where a sandbox can serve more than one request. */
function whyOnce({ plan }: Artifact, { command }: Entry): string | undefined {
  if (command) return 'a command runs once in its sandbox';
  return plan.keepsResults ? 'a module of before components keeps what it returned' : undefined;
}

function logNotWarmed(log: Logger, reason: string): void {
  logEvent(log, 'component-not-warmed', { reason }, `It is not warmed: ${reason}`);
}

function logPooling(log: Logger, reason: string | undefined): void {
  if (reason === undefined) {
    logEvent(log, 'component-initialised', {}, 'It is initialised once; its sandboxes are kept and reset');
  } else logEvent(log, 'component-not-initialised', { reason }, `It is initialised for each request: ${reason}`);
}

function logUnsupported(log: Logger, imports: readonly string[]): void {
  if (imports.length === 0) return;
  const text = `It fails if it calls what Mayfly does not have, and it imports: ${imports.join(', ')}`;
  logEvent(log, 'imports-unsupported', { imports }, text);
}

/** Which of the files is meant, the message says as far as it is known. */
function inChain({ id }: LockedComponent, middleware: readonly string[], error: unknown): MayflyError {
  const { code, hint } = error instanceof MayflyError ? error : { code: 'internal' as const, hint: undefined };
  const message = `Cannot load component "${id}" behind ${middleware.join(', ')}: ${messageOf(error)}`;
  return new MayflyError(code, message, { hint, cause: error });
}

/** Says of which component and file an error of loading speaks. */
function inComponent({ id, source }: LockedComponent, error: unknown): MayflyError {
  if (!(error instanceof MayflyError)) {
    return new MayflyError('internal', `Cannot load component "${id}": ${messageOf(error)}`, { cause: error });
  }
  const { code, hint, problems, location, cause } = error;
  const place = location?.offset === undefined ? { file: source } : { file: source, offset: location.offset };
  return new MayflyError(code, `Cannot load component "${id}": ${error.message}`, {
    hint,
    problems,
    location: place,
    ...(cause === undefined ? {} : { cause }),
  });
}
