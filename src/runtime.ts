// The composition root: makes a running app of a locked one. The parts are in runtime/, and are put together here.

import type { LockedApp } from './app/locked-app.ts';
import { remoteFiles } from './app/locked-files.ts';
import { MayflyError } from './errors.ts';
import { HttpError, type HttpRequest, type HttpResponse } from './host/http-message.ts';
import { missingVariables } from './host/variables/required.ts';
import { createResolver, type VariableResolver } from './host/variables/resolver.ts';
import { WebSocketConnections } from './host/websocket/connections.ts';
import type { Limits } from './limits.ts';
import type { Recording } from './replay/format.ts';
import { AppTriggers } from './runtime/app-triggers.ts';
import { callProgram } from './runtime/call-program.ts';
import { createEngine, type Engine, type EngineOptions, logStrategy } from './runtime/engine.ts';
import { longestSlice, stackBytes, withLimits, withMaximumMemory, withoutTimeLimits } from './runtime/limits.ts';
import { createLoader, type LoadedComponent, type ProgramSource } from './runtime/load-component.ts';
import type { LoadOptions } from './runtime/load-options.ts';
import { unitsOf } from './runtime/load-units.ts';
import type { Replayed } from './runtime/replay.ts';
import { type AppLoopback, hostServices, variableProviders } from './runtime/services.ts';
import { withShownValues } from './runtime/shown-triggers.ts';
import { testComponentType } from './runtime/test-component.ts';
import { tracedService } from './runtime/traced-services.ts';
import { runningTypes, triggerTypes } from './runtime/triggers.ts';
import { logEvent } from './telemetry/events.ts';
import type { Logger } from './telemetry/log.ts';
import { RecordedLines } from './telemetry/recorded-lines.ts';
import type { HttpDispatcher } from './triggers/http/dispatcher.ts';
import { failurePages, failureReports } from './triggers/http/failure-page.ts';
import { fetchFrom } from './triggers/http/fetch.ts';
import type { RunOptions, TriggerType } from './triggers/trigger.ts';

/** Milliseconds that events in flight may take to finish when the app stops. */
const DRAIN_MS = 30_000;

/** An app that is loaded: it can be called, and closed. Nothing of it is global; a process may hold many. */
export interface LoadedApp {
  readonly locked: LockedApp;
  readonly components: readonly LoadedComponent[];
  /** Takes HTTP requests without a socket; undefined for an app that no request can reach. */
  readonly http: HttpDispatcher | undefined;
  /**
   * Starts the triggers of the app, of all types or of those that `which` picks. Resolves to where it can be reached, if
   * anywhere: host and port.
   */
  run(options: RunOptions, which?: (type: TriggerType) => boolean): Promise<string | undefined>;
  /** Once it runs: resolves to an exit code when the app's commands have ended; undefined for an app without any. */
  readonly ended: Promise<number> | undefined;
  /** Why one of the triggers takes no events now, in words; undefined when all is well. */
  readonly trouble: string | undefined;
  /** Stops the triggers, lets the events in flight finish, and frees everything. */
  close(): Promise<void>;
}

/** What the programs of an app are made of. */
function sourcesOf(components: readonly LoadedComponent[]): readonly ProgramSource[] {
  return components.flatMap(({ source }) => source ?? []);
}

/** The client address of requests that an app sends to itself, as Spin has it. */
const itself = { clientAddress: '0.0.0.0:0' };

/** Loads an app. Throws one error that holds all mistakes of the app's components. */
export async function loadApp(given: LockedApp, engine: Engine, options: LoadOptions): Promise<LoadedApp> {
  const resolver = createResolver(given.variables, variableProviders(given, options));
  const missing = await missingVariables(given, resolver);
  if (missing.length > 0) throw asOne(missing, `${missing.length} variables of "${given.name}" have no value`);
  logWarnings(given, options.log);
  if (remoteFiles(given).length === 0) return loadFetched(given, engine, options, resolver);
  // Few apps have such files, and those that have none start without the client of registries.
  const { fetchSources } = await import('./runtime/sources/fetch-sources.ts');
  const fetched = await fetchSources(given, { cacheDirectory: engine.cacheDirectory, log: options.log });
  try {
    return await loadFetched(fetched.app, engine, options, resolver);
  } finally {
    await fetched.close();
  }
}

/** Loads an app whose files are all there. They are not needed any more when it is loaded. */
async function loadFetched(
  locked: LockedApp,
  engine: Engine,
  given: LoadOptions,
  { expand, resolve: variable }: VariableResolver,
): Promise<LoadedApp> {
  const problems: MayflyError[] = [];
  let triggers: AppTriggers | undefined;
  const { dev, onFailure, newerFailure } = given;
  const recorded = dev || onFailure ? new RecordedLines(given.log) : undefined;
  const logging = recorded ? { ...given, log: recorded.log } : given;
  const { meter, tracer, record } = logging;
  const crossing =
    logging.crossing ??
    (record &&
      (await import('./runtime/record.ts').then((one) => one.openRecorder(locked, record, logging, variable))));
  const options = crossing ? { ...logging, crossing } : logging;
  const webSockets = new WebSocketConnections();
  const services = hostServices({ ...loopbackTo(() => triggers), webSockets }, options)
    .map((one) => (crossing ? crossing.service(one) : one))
    .map((one) => (meter ? meter.service(one) : one))
    .map((one) => (tracer ? tracedService(one, tracer) : one));
  const loader = await createLoader(locked, services, engine, options, (error) => {
    problems.push(error);
  });
  const types = options.harness ? [testComponentType] : triggerTypes;
  const units = unitsOf(locked, types);
  const loaded = await Promise.all(units.map((unit) => loader.load(unit)));
  if (problems.length > 0) {
    await loader.close();
    throw asOne(problems, `"${locked.name}" cannot be loaded: ${problems.length} problems`);
  }
  const components = loaded.filter((one) => one !== undefined);
  const filesOf = (id: string): readonly string[] =>
    components.flatMap((one) => (one.component.id === id ? (one.files?.() ?? []) : []));
  const failurePage =
    recorded && (onFailure ? failureReports(recorded, onFailure) : failurePages(recorded, filesOf, newerFailure));
  const all = new AppTriggers(types, {
    locked,
    options: { ...options, failurePage, onUsage: meter?.onUsage ?? options.onUsage, around: crossing },
    components,
    expand,
    webSockets,
  });
  triggers = all;
  return {
    locked,
    components,
    http: all.http,
    run: (given, which = () => true) => all.run(runningTypes(locked).filter(which), given),
    get ended() {
      return all.ended;
    },
    get trouble() {
      return all.troubleOfTriggers;
    },
    async close() {
      await all.stop(DRAIN_MS);
      await loader.close();
      await crossing?.close?.();
    },
  };
}

/** Logs what is not as it should be in the manifest, and does not keep the app from running. */
function logWarnings({ warnings = [] }: LockedApp, log: Logger): void {
  for (const { kind, message, location } of warnings) {
    const { file, line } = location;
    if (kind === 'manifest-version-1') logEvent(log, 'manifest-old', { file, line }, message);
    else logEvent(log, 'manifest-questionable', { file, line, rule: kind }, message);
  }
}

/** Makes the way from the app to itself. `triggers` gives undefined as long as the app is being loaded. */
function loopbackTo(triggers: () => AppTriggers | undefined): Pick<AppLoopback, 'dispatch' | 'self'> {
  const ready = (): HttpDispatcher => {
    const { http } = triggers() ?? {};
    if (!http) throw new HttpError('connection-refused', 'the app is still being loaded');
    return http;
  };
  const handle = (request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> =>
    ready().handle(request, { ...itself, signal });
  return {
    dispatch: async (id, request, signal) => ready().dispatch(id, request, signal),
    self: () => ({ scheme: 'http', authority: hostOf(triggers()?.authority), handle }),
  };
}

/** What an app calls itself: a socket with a path has no host. */
function hostOf(authority: string | undefined): string {
  return authority === undefined || authority.startsWith('unix:') ? 'localhost' : authority;
}

function asOne(problems: readonly MayflyError[], message: string): MayflyError {
  const [first] = problems;
  return problems.length === 1 && first ? first : new MayflyError('app-invalid', message, { problems });
}

export interface StartOptions extends LoadOptions, EngineOptions, RunOptions {
  /** Limits for components that set none of their own; they override those of the application. */
  readonly limits?: Limits | undefined;
  /** Whether other processes serve the app as well: what only one of them runs then starts with `lead`. */
  readonly isWorker?: boolean | undefined;
  /** Called when the app is stopped: sends what is left to be told of it. */
  readonly onStopped?: (() => Promise<void>) | undefined;
}

export interface SandboxUse {
  /** How memories are put back to their image. */
  readonly strategy: string;
  readonly components: readonly {
    readonly id: string;
    /** Why each request has a sandbox that is initialised for it; undefined where they are kept and put back. */
    readonly once: string | undefined;
  }[];
  /** Counted since the start. */
  readonly made: number;
  readonly thrownAway: number;
}

/** What the sandboxes of a component do at one moment. */
export type PoolState = { readonly component: string } & LoadedComponent['pool']['statistics'];

export interface RunningApp {
  /** The URL where HTTP clients reach the app; empty for an app whose triggers listen nowhere. */
  readonly url: string;
  /** The lines that tell people what the app's triggers wait for. */
  readonly lines: readonly string[];
  /** Its programs, which can be loaded anew; none unless the app is `reloadable`. */
  readonly sources: readonly ProgramSource[];
  /** The longest slice of the app's guests in milliseconds, during which it answers nobody. */
  readonly silentMs: number;
  /** Resolves to an exit code when the app's commands have ended; undefined for an app without any. */
  readonly ended: Promise<number> | undefined;
  /** Why one of the triggers that run here takes no events now, in words; undefined when all is well. */
  readonly trouble: string | undefined;
  /** How its sandboxes are made ready for requests, and how many there were. */
  sandboxes(): SandboxUse;
  /** What the sandboxes of each component do now. */
  pools(): readonly PoolState[];
  /** Starts what only one of several workers runs. */
  lead(): Promise<void>;
  /** Takes no more events, lets those in flight finish, and frees everything. */
  stop(): Promise<void>;
}

export async function startApp(given: LockedApp, options: StartOptions): Promise<RunningApp> {
  const limited = withMaximumMemory(withLimits(given, options.limits), options.runtimeConfig?.maxInstanceMemory);
  const locked = options.debug ? withoutTimeLimits(limited) : limited;
  const engine = createEngine({ ...options, stackBytes: stackBytes(locked) });
  logStrategy(engine, options.log);
  const app = await loadApp(locked, engine, options);
  const runsHere = (type: TriggerType): boolean => !(options.isWorker && type.runsInOneWorker);
  const authority = await app.run(options, runsHere).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  const url = authority === undefined ? '' : `${options.http?.certificates ? 'https' : 'http'}://${authority}`;
  const lead = async (): Promise<void> => {
    await app.run(options, (type) => !runsHere(type));
  };
  return {
    url,
    lines: await describeTriggers(locked, url, options),
    sources: sourcesOf(app.components),
    silentMs: longestSlice(locked),
    ended: app.ended,
    get trouble() {
      return app.trouble;
    },
    sandboxes: () => sandboxUse(engine, app.components),
    pools: () => app.components.map(({ component, pool }) => ({ component: component.id, ...pool.statistics })),
    lead,
    async stop() {
      await app.close();
      await options.onStopped?.();
    },
  };
}

function sandboxUse({ strategy }: Engine, components: readonly LoadedComponent[]): SandboxUse {
  const counts = components.map(({ pool }) => pool.statistics);
  return {
    strategy,
    components: components.map(({ component, pool }) => ({ id: component.id, once: pool.reason })),
    made: counts.reduce((sum, { made }) => sum + made, 0),
    thrownAway: counts.reduce((sum, { discarded }) => sum + discarded, 0),
  };
}

/** Tells people what the triggers of an app wait for that is reached at `url`. The options have values of variables. */
export async function describeTriggers(
  locked: LockedApp,
  url: string,
  options: Pick<LoadOptions, 'variables' | 'runtimeConfig' | 'virtual'>,
): Promise<string[]> {
  const shown = await withShownValues(locked, options);
  return runningTypes(locked).flatMap((type) => type.describe(shown, url));
}

/** Whether an app has triggers that only one of several workers runs, and whether it has others. */
export function sharing(locked: LockedApp): { readonly needsLeader: boolean; readonly listens: boolean } {
  const types = runningTypes(locked);
  return {
    needsLeader: types.some(({ runsInOneWorker }) => runsInOneWorker),
    listens: types.some(({ runsInOneWorker }) => !runsInOneWorker),
  };
}

/** The same as data; one object, since a type that has data is the only one in an app that listens. */
export function describeTriggersAsData(locked: LockedApp, url: string): object {
  return Object.assign({}, ...runningTypes(locked).map((type) => type.describeAsData?.(locked, url)));
}

export interface ReplayOptions extends LoadOptions, EngineOptions {
  /** Called when the app is loaded, before the request. */
  readonly beforeRequest?: (() => Promise<void>) | undefined;
}

/**
 * Runs a recorded request in an app, without any service of the host. Rejects with `replay-component`, `recording-corrupt`, and
 * with what keeps the app from being loaded.
 */
export async function replayRequest(given: LockedApp, recording: Recording, options: ReplayOptions): Promise<Replayed> {
  const { replayIn } = await import('./runtime/replay.ts');
  return replayIn(given, recording, async (app, crossing) => {
    const locked = options.debug ? withoutTimeLimits(app) : app;
    const engine = createEngine({ ...options, stackBytes: stackBytes(locked) });
    const loaded = await loadApp(locked, engine, { ...options, crossing });
    await options.beforeRequest?.();
    return loaded;
  });
}

/** An app in this process, without a socket: for tests, and for people who embed Mayfly in a server of their own. */
export interface App {
  /**
   * Answers a request as the HTTP trigger would; takes what the global `fetch` takes, URLs whole. Rejects only when the request's
   * own signal is aborted, and with a TypeError for what is no request.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * Calls a function that a program exports, in a sandbox of its own, with values that can be handed over: those of JSON,
   * undefined, bigint, dates, maps, sets, errors and arrays of numbers. Rejects with what the function throws.
   */
  call(name: string, ...given: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Loads a locked app that is called without a socket. Throws a MayflyError with all mistakes. */
export async function loadToCall(given: LockedApp, options: LoadOptions & EngineOptions): Promise<App> {
  const limited = withMaximumMemory(given, options.runtimeConfig?.maxInstanceMemory);
  const locked = options.debug ? withoutTimeLimits(limited) : limited;
  const engine = createEngine({ ...options, stackBytes: stackBytes(locked) });
  logStrategy(engine, options.log);
  const { components, http, close } = await loadApp(locked, engine, options);
  return {
    fetch: async (input, init) => {
      const request = input instanceof Request && init === undefined ? input : new Request(input, init);
      return fetchFrom(http ?? unreachable(locked), request);
    },
    call: async (name, ...given) => callProgram(components, name, given),
    close,
  };
}

function unreachable({ name }: LockedApp): never {
  throw new MayflyError('usage', `No HTTP request can reach "${name}"`);
}
