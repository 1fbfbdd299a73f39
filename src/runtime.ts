// The composition root: a locked app becomes a running one. What the parts are is in runtime/; here they meet.

import { lockApp } from './app/lock.ts';
import type { LockedApp, LockedTrigger } from './app/locked-app.ts';
import { parseRoute } from './app/route.ts';
import { MayflyError } from './errors.ts';
import { HttpError, type HttpRequest, type HttpResponse } from './host/http-message.ts';
import { missingVariables } from './host/variables/required.ts';
import { createResolver } from './host/variables/resolver.ts';
import type { Limits } from './limits.ts';
import { createEngine, type Engine, type EngineOptions, logStrategy } from './runtime/engine.ts';
import { longestSlice, stackBytes, widestLimits, withLimits } from './runtime/limits.ts';
import { createLoader, type LoadedComponent } from './runtime/load-component.ts';
import type { LoadOptions } from './runtime/load-options.ts';
import { unitKey, unitsOf } from './runtime/load-units.ts';
import { hostServices, variableProviders } from './runtime/services.ts';
import { guardedLog } from './telemetry/guarded-log.ts';
import { type Logger, silentLog } from './telemetry/log.ts';
import { fetchFrom } from './triggers/http/fetch.ts';
import { createHttpServer, type ListenAddress } from './triggers/http/server.ts';
import { createHttpTrigger, type HttpHandler, type HttpTrigger } from './triggers/http/trigger.ts';

/** Requests in flight get so long to finish when the app stops. Milliseconds. */
const DRAIN_MS = 30_000;

/** An app that is loaded: it can be called, and closed. Nothing of it is global; a process may hold many. */
export interface LoadedApp {
  readonly locked: LockedApp;
  readonly components: readonly LoadedComponent[];
  readonly trigger: HttpTrigger;
  /** Tells components under which host and port the app is reached. */
  servedAt(authority: string): void;
  close(): Promise<void>;
}

/** The client address of requests that an app sends to itself, as Spin has it. */
const itself = { clientAddress: '0.0.0.0:0' };

/** Throws one error that holds all that is wrong with the app's components. */
export async function loadApp(locked: LockedApp, engine: Engine, options: LoadOptions): Promise<LoadedApp> {
  const resolver = createResolver(locked.variables, variableProviders(locked, options));
  const missing = await missingVariables(locked, resolver);
  if (missing.length > 0) throw asOne(missing, `${missing.length} variables of "${locked.name}" have no value`);
  const problems: MayflyError[] = [];
  let trigger: HttpTrigger | undefined;
  let authority = 'localhost';
  const ready = (): HttpTrigger => {
    if (!trigger) throw new HttpError('connection-refused', 'the app is still being loaded');
    return trigger;
  };
  const callItself = (request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> =>
    ready().handle(request, { ...itself, signal });
  const inside = {
    dispatch: async (id: string, request: HttpRequest, signal?: AbortSignal) => ready().dispatch(id, request, signal),
    self: () => ({ scheme: 'http', authority, handle: callItself }) as const,
  };
  const loader = await createLoader(locked, hostServices(inside, options), engine, options, (error) => {
    problems.push(error);
  });
  const handlers = new Map<string, HttpHandler>();
  const loaded = await Promise.all(
    unitsOf(locked).map(async ({ key, component, middleware }) => {
      const one = await loader.load(component, middleware);
      if (one) handlers.set(key, one.handler);
      return one;
    }),
  );
  if (problems.length > 0) {
    await loader.close();
    throw asOne(problems, `${problems.length} components of "${locked.name}" cannot be loaded`);
  }
  const components = loaded.filter((one) => one !== undefined);
  const handlerFor = (id: string, middleware?: readonly string[]) => handlers.get(unitKey(id, middleware));
  trigger = createHttpTrigger({ app: locked, handlerFor, log: options.log });
  return {
    locked,
    components,
    trigger,
    servedAt: (address) => {
      authority = address;
    },
    close: () => loader.close(),
  };
}

function asOne(problems: readonly MayflyError[], message: string): MayflyError {
  const [first] = problems;
  return problems.length === 1 && first ? first : new MayflyError('app-invalid', message, { problems });
}

export interface StartOptions extends LoadOptions, EngineOptions {
  /** For components that set none of their own; over those of the application. */
  readonly limits?: Limits | undefined;
  readonly listen: ListenAddress;
}

export interface RunningRoute {
  /** Of the trigger. */
  readonly id: string;
  readonly route: string;
  readonly url: string;
  /** It also answers what lies below it. */
  readonly wildcard: boolean;
  readonly description: string | undefined;
}

export interface RunningApp {
  readonly url: string;
  readonly routes: readonly RunningRoute[];
  /** In milliseconds: the longest slice of its guests, during which it answers nobody. */
  readonly silentMs: number;
  /** Accepts no more, lets requests in flight finish, and frees everything. */
  stop(): Promise<void>;
}

export async function startApp(given: LockedApp, options: StartOptions): Promise<RunningApp> {
  const locked = withLimits(given, options.limits);
  const engine = createEngine({ ...options, stackBytes: stackBytes(locked) });
  logStrategy(engine, options.log);
  try {
    const app = await loadApp(locked, engine, options);
    const server = createHttpServer({ trigger: app.trigger, limits: widestLimits('server', locked) });
    const { host, port } = await server.listen(options.listen).catch(async (error: unknown) => {
      await app.close();
      throw error;
    });
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    app.servedAt(authority);
    const url = `http://${authority}`;
    const stop = async (): Promise<void> => {
      await server.stop({ timeoutMs: DRAIN_MS });
      await app.close();
      engine.close();
    };
    return { url, routes: routesOf(locked, url), silentMs: longestSlice(locked), stop };
  } catch (error) {
    engine.close();
    throw error;
  }
}

export function routesOf(locked: LockedApp, url: string): RunningRoute[] {
  return locked.triggers.flatMap((trigger) => runningRoute(locked, trigger, url));
}

function runningRoute(locked: LockedApp, { id, route, action }: LockedTrigger, base: string): RunningRoute[] {
  if (route === undefined) return [];
  const { isWildcard: wildcard, prefix } = parseRoute(route);
  const path = wildcard ? prefix : `/${route.replace(/^\//, '')}`;
  const component = action.kind === 'component' ? action.component : undefined;
  const description = locked.components.find((one) => one.id === component)?.description;
  return [{ id: component ?? id, route, url: base + path, wildcard, description }];
}

/** An app in this process, without a socket: for tests, and for people who embed Mayfly in a server of their own. */
export interface App {
  /** Answers as the HTTP trigger would. Rejects only when the request's own signal is aborted. */
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

export interface LibraryOptions extends EngineOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Silent by default. */
  readonly log?: Logger;
}

/** `path`: a manifest, its folder, or a .wasm file. Throws MayflyError with all that is wrong. */
export async function load(path: string, options: LibraryOptions = {}): Promise<App> {
  const { variables = {}, environment = {} } = options;
  const log = options.log === undefined ? silentLog : guardedLog(options.log);
  const locked = await lockApp(path);
  const engine = createEngine({ ...options, stackBytes: stackBytes(locked) });
  logStrategy(engine, log);
  try {
    const app = await loadApp(locked, engine, { variables, environment, log });
    const close = async (): Promise<void> => {
      await app.close();
      engine.close();
    };
    return { fetch: (request) => fetchFrom(app.trigger, request), close };
  } catch (error) {
    engine.close();
    throw error;
  }
}
