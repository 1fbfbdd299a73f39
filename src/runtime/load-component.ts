// Loads one component of an app: its artifact, services, image, pool, and the functions that triggers call.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import type { LockedMiddleware } from '../app/locked-file.ts';
import { defaultRuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { MayflyError, messageOf, withHint } from '../errors.ts';
import { createOutboundNetwork } from '../host/network/outbound-network.ts';
import type { HostService } from '../host/service.ts';
import { createResolver } from '../host/variables/resolver.ts';
import type { Entry, Guest } from '../invocation/exchange.ts';
import { limitsOf } from '../limits.ts';
import { type Artifact, INTERRUPT } from '../sandbox/artifact.ts';
import { createFactory, type FactoryOptions, type SandboxFactory } from '../sandbox/factory.ts';
import type { ImageData } from '../sandbox/image.ts';
import { maximumPages, type SandboxLimits } from '../sandbox/limits.ts';
import { Lane } from '../sandbox/line.ts';
import { type LoadArtifactOptions, type LoadedArtifact, loadArtifact } from '../sandbox/load-artifact.ts';
import { SandboxPool } from '../sandbox/pool.ts';
import { ReplaceablePool } from '../sandbox/replaceable-pool.ts';
import { RequestContext } from '../sandbox/request-context.ts';
import { createLocator } from '../sandbox/source-lines/locate.ts';
import { formatBundled } from '../script/bundle/bundled-file.ts';
import { mappedLog } from '../script/mapped-log.ts';
import { logEvent } from '../telemetry/events.ts';
import { type Logger, silentLog } from '../telemetry/log.ts';
import type { TriggerType } from '../triggers/trigger.ts';
import { AppServices, registryOf } from './app-services.ts';
import { type Composed, composedOf } from './composed.ts';
import { debugSources } from './debug-sources.ts';
import type { Engine } from './engine.ts';
import { limitHint, memoryHint } from './limit-hint.ts';
import type { LoadOptions } from './load-options.ts';
import { type OpenedScript, openScript, type Program } from './load-script.ts';
import type { LoadUnit } from './load-units.ts';
import { readSourceMap } from './read-source-map.ts';
import { variableProviders } from './services.ts';
import { type WarmOptions, warmFactory, withoutPermissions } from './warm.ts';

export interface LoadedComponent {
  readonly component: LockedComponent;
  /** The middleware that an event passes through before the component. */
  readonly middleware: readonly LockedMiddleware[];
  readonly artifact: Artifact;
  readonly pool: SandboxPool;
  readonly guest: Guest;
  /** The functions that are called, by the types of triggers that call them. */
  readonly entries: Entries;
  readonly log: Logger;
  /** The absolute paths of the files of a program, as it runs now. */
  readonly files?: () => readonly string[];
  /** A program as it can be kept, to be run without the bundler. */
  readonly kept?: KeptProgram;
  /** A program that can be loaded anew, where the app is `reloadable`. */
  readonly source?: ProgramSource;
}

export interface KeptProgram {
  /** The absolute path of the engine component. */
  readonly engineFile: string;
  /** What the bundler made of it, with names for its sources; undefined for a program that is not bundled. */
  format(nameOf: (source: string) => string): string | undefined;
}

/** A program that can be loaded anew. */
export interface ProgramSource {
  /** The absolute paths of its files. */
  files(): readonly string[];
  /** Rejects with what is wrong with it now; the former one then serves on. */
  reload(): Promise<void>;
}

type Entries = ReadonlyMap<TriggerType, Entry>;
/** What is known of a guest before it has sandboxes. */
type GuestBasics = Omit<Guest, 'pool' | 'makeContext'>;

/**
 * Loads a component with everything that belongs to it. All mistakes go to `problem`; undefined when there were any.
 */
export interface ComponentLoader {
  load(unit: LoadUnit): Promise<LoadedComponent | undefined>;
  close(): Promise<void>;
}

export async function createLoader(
  app: LockedApp,
  services: readonly HostService[],
  engine: Engine,
  options: LoadOptions,
  problem: (error: MayflyError) => void,
): Promise<ComponentLoader> {
  const registry = registryOf(services, options.crossing?.variant);
  const resolver = createResolver(app.variables, variableProviders(app, options));
  const { log: appLog, runtimeConfig = defaultRuntimeConfig() } = options;
  const network = createOutboundNetwork(runtimeConfig);
  const opened = await AppServices.open(services, { app, runtimeConfig, network, log: appLog, problem });
  const pools: Pick<SandboxPool, 'close'>[] = [];
  const scripts: OpenedScript[] = [];

  async function loadOne(unit: LoadUnit, component: LockedComponent): Promise<LoadedComponent> {
    const limits = limitsOf('sandbox', component.settings.limits, app.settings.limits);
    const plainLog = options.log.child({ component: component.id });
    const { settings } = component;
    const { files, composition, parts, entry } = composedOf(unit);
    const artifactOptions: LoadArtifactOptions = {
      composition,
      host: registry,
      maximumPages: maximumPages(limits),
      maximumTableElements: limits.tableElements,
      interruptible: engine.flag !== undefined,
      debug: engine.debug ? debugSources(component.source, app.directory) : undefined,
      cache: engine.cache,
      takesImage: component.script !== undefined || (settings.preinitialize !== false && settings.warm.length === 0),
      log: plainLog,
    };
    const script =
      component.script &&
      (await openScript(
        { ...component, script: component.script },
        artifactOptions,
        factoryOptions(component, limits),
      ));
    if (script) scripts.push(script);
    let program = await script?.compile();
    const log = program ? mappedLog(plainLog, { inText: (text) => program?.positions.inText(text) ?? text }) : plainLog;
    const loaded = script?.loaded ?? (await loadArtifact(files, artifactOptions));
    const { artifact } = loaded;
    logUnsupported(
      log,
      artifact.plan.imports.filter((name) => registry.isStandIn(name)),
    );
    const entries = findEntries(unit, artifact, app);
    const bindings = await opened.bind(component, artifact.plan, parts, log);
    let fromImage = true;
    const locate = createLocator(
      () => loaded.locatable(fromImage),
      (url) => readSourceMap(component.source, url),
    );
    const mend = mendingOf(app, component, limits.memoryBytes);
    const basics = { component: component.id, clock: engine.clock, lane: new Lane(), limits, mend, locate };
    const factory = program
      ? await scriptFactory(program, artifact, component, { parts, entry }, basics, log)
      : await makeFactory(component, loaded as LoadedArtifact, { parts, entry }, basics, entries, log);
    fromImage = factory.kept;
    const reuse = reuseOf(component, whyOnce(artifact, entries), log);
    const pool = new SandboxPool(factory, limits, engine.gate, reuse);
    const replaceable = script && options.reloadable ? new ReplaceablePool(pool) : undefined;
    pools.push(replaceable ?? pool);
    logPooling(log, factory.reason);
    /** The program as its files are now, for requests that come from then on; the former one serves on if that fails. */
    const reload = async (): Promise<void> => {
      const next = await script?.compile();
      if (!next || !replaceable) return;
      const made = await scriptFactory(next, artifact, component, { parts, entry }, basics, log).catch(
        (error: unknown) => Promise.reject(inComponent(component, withLimitHint(app, component, error))),
      );
      program = next;
      replaceable.replace(new SandboxPool(made, limits, engine.gate, reuse));
    };
    const programFiles = (): readonly string[] => program?.inputs ?? [];
    const format: KeptProgram['format'] = (nameOf) =>
      program?.text && formatBundled(program.text.code, program.text.map, nameOf);
    const { crossing } = options;
    const makeContext: Guest['makeContext'] = (identity, event) => {
      // Every request passes here: nothing is made for it that is not needed.
      if (!crossing) return new RequestContext(component, bindings, log, limits.heldBytes, entry, identity);
      return crossing.context(event, component, bindings, log, limits.heldBytes, entry, identity);
    };
    const guest: Guest = {
      ...basics,
      pool: options.meter?.pool(replaceable ?? pool) ?? replaceable ?? pool,
      makeContext,
    };
    if (crossing) {
      const digest = await digestOf(program ? [...program.inputs, script?.engineFile ?? ''] : files);
      const { plan } = artifact;
      const obstacle = obstacleOf(component, reuse);
      crossing.loaded(guest, {
        component,
        middleware: unit.middleware,
        digest,
        limits: { memoryBytes: limits.memoryBytes, tableElements: limits.tableElements, handles: limits.handles },
        hasTasks: plan.asynchronous === true,
        obstacle,
        log,
      });
    }
    return {
      component,
      middleware: unit.middleware,
      artifact,
      get pool() {
        return replaceable?.current ?? pool;
      },
      guest,
      ...(script && { files: programFiles, kept: { engineFile: script.engineFile, format } }),
      ...(replaceable && { source: { files: programFiles, reload } }),
      entries,
      log,
    };
  }

  function factoryOptions({ settings }: LockedComponent, limits: SandboxLimits): FactoryOptions {
    return {
      strategy: engine.strategy,
      verify: engine.verifyResets,
      maximumPages: maximumPages(limits),
      preinitialize: settings.preinitialize,
      handleLimit: limits.handles,
      tableElements: limits.tableElements,
      timer: () => engine.clock.timer(limits),
      extraImports: engine.flag ? { [INTERRUPT.module]: { [INTERRUPT.name]: engine.flag } } : {},
    };
  }

  /** Makes the factory of a program, which is evaluated without any permission. */
  async function scriptFactory(
    program: Program,
    artifact: Artifact,
    component: LockedComponent,
    { parts, entry }: Pick<Composed, 'parts' | 'entry'>,
    guest: GuestBasics,
    log: Logger,
  ): Promise<SandboxFactory> {
    const restricted = withoutPermissions(component);
    const bindings = await opened.bind(restricted, artifact.plan, parts, log);
    const start = options.crossing?.start(component.id);
    const makeContext: Guest['makeContext'] = (identity) => {
      const given = [restricted, bindings, log, guest.limits.heldBytes, entry, identity] as const;
      return start ? start(...given) : new RequestContext(...given);
    };
    return program.makeFactory({ ...guest, makeContext }, factoryOptions(component, guest.limits));
  }

  async function makeFactory(
    component: LockedComponent,
    { artifact, storedImage, keep }: LoadedArtifact,
    { parts, entry }: Pick<Composed, 'parts' | 'entry'>,
    guest: GuestBasics,
    entries: Entries,
    log: Logger,
  ): Promise<SandboxFactory> {
    const { settings } = component;
    const basics = factoryOptions(component, guest.limits);
    const warm = warmWith(entries);
    if (settings.warm.length > 0 && typeof warm === 'string') {
      logNotWarmed(log, warm);
    } else if (settings.warm.length > 0 && typeof warm === 'function') {
      const restricted = withoutPermissions(component);
      const bindings = await opened.bind(restricted, artifact.plan, parts, silentLog);
      const given = { guest, answer: warm, bindings, restricted, entry };
      const warmed = await warmFactory(artifact, basics, settings.warm, given);
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

  /** Fills in the variables of `allowed_outbound_hosts`, which have one value as long as the app is loaded. */
  async function expandHosts(component: LockedComponent): Promise<LockedComponent> {
    const hosts = await Promise.all(component.allowedOutboundHosts.map((host) => resolver.expand(host)));
    return { ...component, allowedOutboundHosts: hosts };
  }

  return {
    async load(unit) {
      const { component, middleware } = unit;
      try {
        return await loadOne(unit, await expandHosts(withEnvironment(component, options.environment)));
      } catch (error) {
        const joined = [
          ...(component.dependencies ?? []).map(({ name }) => name),
          ...middleware.map(({ source }) => source),
        ];
        const hinted = withLimitHint(app, component, error);
        problem(joined.length > 0 ? inComposition(component, joined, hinted) : inComponent(component, hinted));
        return undefined;
      }
    },
    async close() {
      for (const pool of pools.splice(0)) pool.close();
      for (const script of scripts.splice(0)) script.close();
      await opened.close();
      await engine.cache?.settled();
    },
  };
}

/** Says what to change where a guest met a limit, or trapped with nearly all memory that it may have. */
function mendingOf(app: LockedApp, component: LockedComponent, mostBytes: number): NonNullable<Guest['mend']> {
  return ({ code, limit }, memoryBytes) => {
    if (limit) return limitHint(app, component, limit);
    return code === 'guest-trap' ? memoryHint(app, component, memoryBytes, mostBytes) : undefined;
  };
}

const COMMAND_ONCE = 'a command runs once in its sandbox';

function withEnvironment(component: LockedComponent, environment: Readonly<Record<string, string>>): LockedComponent {
  return { ...component, environment: { ...component.environment, ...environment } };
}

/** Finds what is called by the triggers that name the component, and what other triggers could call. */
function findEntries({ callers }: LoadUnit, artifact: Artifact, app: LockedApp): Entries {
  const entries = new Map<TriggerType, Entry>();
  for (const { type, target, isRequired } of callers) {
    try {
      entries.set(type, type.findEntry(artifact, app, target));
    } catch (error) {
      if (isRequired || !(error instanceof MayflyError && error.code === 'guest-no-handler')) throw error;
    }
  }
  return entries;
}

/** How the component is warmed up; a string says why it cannot be. */
function warmWith(entries: Entries): WarmOptions['answer'] | string {
  for (const [type, entry] of entries) {
    if (entry.command) return COMMAND_ONCE;
    const { warm } = type;
    if (warm) return (guest, path) => warm(guest, entry, path);
  }
  return 'none of its triggers can do that';
}

function reuseOf({ settings }: LockedComponent, whyOnce: string | undefined, log: Logger): number {
  if (whyOnce === undefined || settings.reuse === 1) return settings.reuse;
  logEvent(log, 'component-not-reused', { reason: whyOnce }, `Its sandboxes are not reused: ${whyOnce}`);
  return 1;
}

/** SHA-256 of all of the files. */
async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex');
}

/** What of a component keeps its requests from being played again; undefined where nothing does. */
function obstacleOf({ settings }: LockedComponent, reuse: number): string | undefined {
  if (reuse !== 1) return "its sandboxes serve several requests ('reuse'), so that one request depends on others";
  if (settings.warm.length > 0) return "its image is taken after requests of its own ('warm')";
  return undefined;
}

/** Why a sandbox serves one request only; undefined where it can serve more. */
function whyOnce({ plan }: Artifact, entries: Entries): string | undefined {
  if ([...entries.values()].some(({ command }) => command)) return COMMAND_ONCE;
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
  const hint = imports.some((name) => name.startsWith('wasi:otel/'))
    ? ". '--experimental-wasi-otel' adds wasi:otel"
    : '';
  const text = `It fails if it calls what Mayfly does not have, and it imports: ${imports.join(', ')}${hint}`;
  logEvent(log, 'imports-unsupported', { imports }, text);
}

function withLimitHint(app: LockedApp, component: LockedComponent, error: unknown): unknown {
  if (!(error instanceof MayflyError) || !error.limit || error.hint !== undefined) return error;
  const hint = limitHint(app, component, error.limit);
  return hint === undefined ? error : withHint(error, hint);
}

/** Adds to the message which files it is about: the linker does not know of which of them something is. */
function inComposition(component: LockedComponent, joined: readonly string[], error: unknown): MayflyError {
  const { code, hint } = error instanceof MayflyError ? error : { code: 'internal' as const, hint: undefined };
  const message = `Cannot load component "${component.id}", which is joined to ${joined.join(', ')}: ${messageOf(error)}`;
  return new MayflyError(code, message, { hint, cause: error, location: component.location });
}

/** Adds to an error of loading the component and file that it is about. */
function inComponent({ id, source }: LockedComponent, error: unknown): MayflyError {
  if (!(error instanceof MayflyError)) {
    return new MayflyError('internal', `Cannot load component "${id}": ${messageOf(error)}`, { cause: error });
  }
  const { code, hint, problems, location, cause } = error;
  // An error of a program knows its place in the sources.
  if (error.code === 'script-invalid' || error.code === 'script-failed') return error;
  const place = location?.offset === undefined ? { file: source } : { file: source, offset: location.offset };
  return new MayflyError(code, `Cannot load component "${id}": ${error.message}`, {
    hint,
    problems,
    location: place,
    ...(cause === undefined ? {} : { cause }),
  });
}
