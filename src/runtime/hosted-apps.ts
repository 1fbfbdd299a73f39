// Many apps behind one server: each is loaded when it is first called, and let go when nobody has called it for a time, so
// that what nobody uses costs nothing. Requests find their app by their host.
import { MayflyError, messageOf } from '../errors.ts';
import type { HttpRequest, HttpResponse } from '../host/http-message.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ClientContext, HttpDispatcher } from '../triggers/http/dispatcher.ts';
import { emptyResponse, responseFor } from '../triggers/http/failure-response.ts';
import { wellKnown } from '../triggers/http/well-known.ts';

/** An app as its host sees it once it is loaded. */
export interface HostedApp {
  readonly http: HttpDispatcher | undefined;
  readonly components: readonly {
    readonly pool: { readonly statistics: { readonly busy: number; readonly queued: number } };
  }[];
  close(): Promise<void>;
}

export interface HostedSource {
  /** Changes with all that the app is made of: the app is loaded anew when it is another one. */
  readonly version: string;
  /** Loads the app. Rejects with a MayflyError. */
  open(): Promise<HostedApp>;
}

export interface HostingOptions {
  readonly log: Logger;
  /** Milliseconds without a request after which an app is let go. */
  readonly idleMs: number;
  /** The most apps that are kept loaded: beyond, that which was called longest ago goes first. */
  readonly mostLoaded: number;
}

/** Milliseconds in which an app that could not be loaded is not tried again. */
const RETRY_MS = 5000;
/** The most apps that are being loaded at once: each takes a core. */
const MOST_LOADING = 2;

interface Entry {
  source: HostedSource;
  app: Promise<HostedApp> | undefined;
  /** The app, when it is there. */
  loaded: HostedApp | undefined;
  /** Requests that have no answer yet. */
  waiting: number;
  usedAt: number;
  failedAt: number;
}

/** How many apps there are, and how many of them are loaded now. */
export interface HostingCounts {
  readonly apps: number;
  readonly loaded: number;
  /** Since the start. */
  readonly loads: number;
}

export class HostedApps implements HttpDispatcher {
  readonly log: Logger;
  readonly #options: HostingOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #sweeper: NodeJS.Timeout;
  readonly #loading: (() => void)[] = [];
  #loadingNow = 0;
  #loads = 0;

  constructor(options: HostingOptions) {
    this.#options = options;
    this.log = options.log;
    this.#sweeper = setInterval(() => this.#sweep(), Math.max(10, Math.min(options.idleMs / 4, 5000)));
    this.#sweeper.unref();
  }

  get counts(): HostingCounts {
    const loaded = [...this.#entries.values()].filter((entry) => entry.loaded).length;
    return { apps: this.#entries.size, loaded, loads: this.#loads };
  }

  /** Sets the apps by their hosts. Apps that are gone, or others now, finish the requests that they have. */
  set(sources: ReadonlyMap<string, HostedSource>): void {
    for (const [host, entry] of this.#entries) {
      if (sources.get(host)?.version === entry.source.version) continue;
      this.#entries.delete(host);
      this.#letGo(entry);
    }
    for (const [host, source] of sources) if (!this.#entries.has(host)) this.#entries.set(host, fresh(source));
  }

  async handle(request: HttpRequest, context: ClientContext): Promise<HttpResponse> {
    const host = hostOf(request.authority);
    const entry = this.#entries.get(host);
    if (!entry) {
      request.body?.cancel();
      // Whoever asks for the health of all does not know the name of one.
      return wellKnown(itself, request.target) ?? emptyResponse(404);
    }
    entry.waiting++;
    entry.usedAt = performance.now();
    try {
      const app = await this.#load(host, entry);
      if (!app.http) throw new MayflyError('usage', `No HTTP request can reach the app of ${host}`);
      return await app.http.handle(request, context);
    } catch (error) {
      request.body?.cancel();
      return responseFor(error instanceof MayflyError && error.code === 'overloaded' ? error : unavailable(error));
    } finally {
      entry.waiting--;
      entry.usedAt = performance.now();
    }
  }

  /** Service chaining stays inside of an app, which has its own dispatcher. */
  async dispatch(): Promise<HttpResponse> {
    return emptyResponse(404);
  }

  /** Lets all apps go, when the requests that they have are answered. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#entries.values()].map(async ({ app }) => (await app?.catch(() => undefined))?.close()));
    this.#entries.clear();
  }

  #load(host: string, entry: Entry): Promise<HostedApp> {
    if (entry.app) return entry.app;
    if (performance.now() - entry.failedAt < RETRY_MS) {
      throw new MayflyError('overloaded', `The app of ${host} could not be loaded a moment ago`);
    }
    const app = this.#open(host, entry);
    entry.app = app;
    app.then(
      (loaded) => {
        entry.loaded = loaded;
        this.#makeRoom();
      },
      (error: unknown) => {
        entry.app = undefined;
        entry.failedAt = performance.now();
        logEvent(
          this.log,
          'hosted-app-failed',
          { app: host, err: error },
          `The app of ${host} cannot be loaded: ${messageOf(error)}`,
        );
      },
    );
    return app;
  }

  async #open(host: string, { source }: Entry): Promise<HostedApp> {
    if (this.#loadingNow < MOST_LOADING) this.#loadingNow++;
    else await new Promise<void>((resolve) => this.#loading.push(resolve));
    const start = performance.now();
    try {
      const app = await source.open();
      this.#loads++;
      const ms = Math.round(performance.now() - start);
      logEvent(this.log, 'hosted-app-loaded', { app: host, ms }, `Loaded the app of ${host} in ${ms} ms`);
      return app;
    } finally {
      // Who waits takes the place: a newcomer would be one too many.
      const next = this.#loading.shift();
      if (next) next();
      else this.#loadingNow--;
    }
  }

  #sweep(): void {
    const before = performance.now() - this.#options.idleMs;
    for (const [host, entry] of this.#entries) {
      if (entry.usedAt < before && isIdle(entry)) this.#close(host, entry);
    }
  }

  #makeRoom(): void {
    const idle = [...this.#entries].filter(([, entry]) => isIdle(entry)).sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [host, entry] of idle) {
      if (this.counts.loaded <= this.#options.mostLoaded) return;
      this.#close(host, entry);
    }
  }

  #close(host: string, entry: Entry): void {
    const { loaded } = entry;
    Object.assign(entry, fresh(entry.source));
    logEvent(this.log, 'hosted-app-idle', { app: host }, `The app of ${host} is let go: nobody calls it`);
    void loaded?.close();
  }

  /** Closes an app that is no entry any more, when its last request is answered. */
  #letGo(entry: Entry): void {
    if (!entry.app) return;
    const timer = setInterval(() => {
      if (!isIdle(entry) && entry.app) return;
      clearInterval(timer);
      void entry.loaded?.close();
    }, 50);
    timer.unref();
  }
}

/** What is told of the host itself: nothing of its apps. */
const itself = { name: 'mayfly', version: undefined };

function fresh(source: HostedSource): Entry {
  return {
    source,
    app: undefined,
    loaded: undefined,
    waiting: 0,
    usedAt: performance.now(),
    failedAt: Number.NEGATIVE_INFINITY,
  };
}

function isIdle({ loaded, waiting }: Entry): boolean {
  if (!loaded || waiting > 0) return false;
  return loaded.components.every(({ pool }) => pool.statistics.busy === 0 && pool.statistics.queued === 0);
}

/** A host as it is looked up: in lower case, without a port. */
function hostOf(authority: string): string {
  return authority.replace(/:\d*$/, '').toLowerCase();
}

function unavailable(cause: unknown): MayflyError {
  return new MayflyError('overloaded', 'The app cannot be loaded', { cause });
}
