// The library: loads an app that a program of Node calls, without a socket.
import { lockApp } from '../app/lock.ts';
import { type AloneOptions, lockModules } from '../app/lock-alone.ts';
import type { LockedApp, LockedScript } from '../app/locked-app.ts';
import { readRuntimeConfig } from '../app/runtime-config/read.ts';
import type { EngineName } from '../app/script-file.ts';
import { MayflyError } from '../errors.ts';
import type { EngineOptions } from '../runtime/engine.ts';
import { withLimits } from '../runtime/limits.ts';
import { type App, loadToCall } from '../runtime.ts';
import { guardedLog } from '../telemetry/guarded-log.ts';
import { type Logger, silentLog } from '../telemetry/log.ts';
import { checkedOptions } from './check-options.ts';

/** What can be set when an app is loaded. docs/embedding.md has the options one by one. */
export interface LibraryOptions extends EngineOptions {
  /** Values of the app's variables. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** Environment variables of all components. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Limits by their names in the manifest; components that set their own keep these. */
  readonly limits?: Readonly<Record<string, string | number>> | undefined;
  /**
   * The path of a `runtime-config.toml`. Without one, or where it names no `state_dir`, what the app keeps in the store
   * and the database `default` is in memory.
   */
  readonly runtimeConfig?: string | undefined;
  /** The profile of the components that counts. */
  readonly profile?: string | undefined;
  /** The engine of programs for which no manifest names one: QuickJS by default. */
  readonly engine?: EngineName | undefined;
  /** What a program that is no file may use, as a component's keys of the manifest say it; nothing by default. */
  readonly permissions?: AloneOptions | undefined;
  /** The log; nothing is logged by default. */
  readonly log?: Logger | undefined;
  /** Gets why a request failed; its client gets an answer without a reason. What it throws is lost. */
  readonly onError?: ((error: MayflyError, request: FailedRequest) => void) | undefined;
}

/** The request that failed. */
export interface FailedRequest {
  readonly component: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
}

/** A program as text, or as texts by the names under which they import one another. */
export type ScriptSource =
  | { readonly script: string }
  | {
      readonly modules: Readonly<Record<string, string>>;
      /** The name of the text with which the program begins; the first one by default. */
      readonly entry?: string | undefined;
    };

/**
 * Loads an app: the path of a manifest, of its folder, of a .wasm or source file, or a program that is no file. Rejects with
 * a MayflyError with all mistakes.
 */
export async function load(from: string | ScriptSource, options: LibraryOptions = {}): Promise<App> {
  const limits = checkedOptions(options);
  const { variables = {}, environment = {}, onError } = options;
  const log = options.log === undefined ? silentLog : guardedLog(options.log);
  const runtimeConfig = readRuntimeConfig({ file: options.runtimeConfig });
  const given =
    typeof from === 'string'
      ? await lockApp(from, { runtimeConfig, profile: options.profile })
      : lockModules(scriptOf(from), Object.keys(variables), { ...options.permissions });
  const locked = options.engine ? withEngine(given, options.engine) : given;
  const ofRequest = onError && {
    onFailure: (error: MayflyError, component: string, { method, target }: Omit<FailedRequest, 'component'>) =>
      onError(error, { component, method, target }),
  };
  return loadToCall(withLimits(locked, limits), {
    ...options,
    variables,
    environment,
    log,
    runtimeConfig,
    ...ofRequest,
  });
}

/** The engine for programs that name none themselves. */
function withEngine(app: LockedApp, engine: EngineName): LockedApp {
  const components = app.components.map((component) =>
    component.script ? { ...component, script: { engine, ...component.script } } : component,
  );
  return { ...app, components };
}

function scriptOf(source: ScriptSource): LockedScript {
  if (typeof source !== 'object' || source === null) {
    throw new MayflyError(
      'usage',
      `An app is a path, { script } or { modules }, not ${source === null ? 'null' : typeof source}`,
    );
  }
  if ('script' in source) return { entry: 'index.ts', modules: { 'index.ts': String(source.script) } };
  const [first] = Object.keys(Object(source.modules));
  const entry = source.entry ?? first;
  if (entry === undefined || !Object.hasOwn(source.modules, entry)) {
    throw new MayflyError('usage', entry === undefined ? 'There are no modules' : `There is no module "${entry}"`);
  }
  return { entry, modules: source.modules };
}
