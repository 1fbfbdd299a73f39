// The HTTP trigger as the runtime sees it: a handler for each component, a dispatcher before them, a server before
// that.

import type { LockedApp } from '../../app/locked-app.ts';
import type { LockedMiddleware } from '../../app/locked-file.ts';
import { widestLimits } from '../../app/widest-limits.ts';
import { authorityOf } from '../../authority.ts';
import type { Guest } from '../../invocation/exchange.ts';
import { limitsOf } from '../../limits.ts';
import type { Logger } from '../../telemetry/log.ts';
import type {
  LoadedTarget,
  RunningTrigger,
  RunOptions,
  Trigger,
  TriggerApp,
  TriggerOptions,
  TriggerType,
} from '../trigger.ts';
import { describeRoutes, describeRoutesAsData } from './describe-routes.ts';
import { createHttpDispatcher, type HttpDispatcher, type HttpHandler } from './dispatcher.ts';
import { findHttpEntry, type HttpEntry } from './entry.ts';
import { FollowedRequest } from './followed-request.ts';
import { createHandler, type HandlerOptions } from './handler.ts';
import { logUsage } from './log-usage.ts';
import { createHttpServer, type HttpServer } from './server.ts';
import { httpTargets, wantsCommand } from './targets.ts';
import { warmByRequest } from './warm.ts';

export const httpTrigger: TriggerType<HttpEntry> = {
  type: 'http',
  targets: httpTargets,
  findEntry: (artifact, app, { component, middleware }) =>
    findHttpEntry(artifact, middleware.length === 0 && wantsCommand(app, component.id)),
  warm: warmByRequest,
  load: (app) => new RunnableHttpTrigger(app),
  describe: describeRoutes,
  describeAsData: describeRoutesAsData,
};

class RunnableHttpTrigger implements Trigger {
  readonly http: HttpDispatcher;
  readonly #locked: LockedApp;
  readonly #servers: HttpServer[] = [];

  constructor(app: TriggerApp<HttpEntry>) {
    const { locked, options } = app;
    this.#locked = locked;
    // There is one handler for each component, since what it counts is counted for all routes that lead there.
    const handlers = new Map<Guest, HttpHandler>();
    const handlerFor = (id: string, middleware?: readonly LockedMiddleware[]): HttpHandler | undefined => {
      const target = app.find(id, middleware);
      if (!target) return undefined;
      const handler = handlers.get(target.guest) ?? handlerOf(target, app);
      handlers.set(target.guest, handler);
      return handler;
    };
    const { log, failurePage, onRequest, tracer } = options;
    const followers = { onRequest, tracer };
    this.http = createHttpDispatcher({ app: locked, log, handlerFor, trouble: app.trouble, failurePage, ...followers });
  }

  async run({ listen, http = {}, upgrades }: RunOptions): Promise<RunningTrigger> {
    const limits = widestLimits('server', this.#locked);
    const server = createHttpServer({ ...http, dispatcher: this.http, limits, upgrades });
    const { host, port, path } = await server.listen(listen);
    this.#servers.push(server);
    if (http.redirect) {
      const { trustedProxies, proxyProtocol } = http;
      const { redirectTo } = await import('./redirect.ts');
      const plain = createHttpServer({
        trustedProxies,
        proxyProtocol,
        dispatcher: redirectTo(port, this.http),
        limits,
      });
      this.#servers.push(plain);
      await plain.listen(http.redirect);
    }
    // As nginx writes it before the path of a request.
    return { authority: path === undefined ? authorityOf(host, port) : `unix:${path}:` };
  }

  async stop(timeoutMs: number): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop({ timeoutMs })));
  }
}

/** What is done with what a request used; undefined where nobody wants to know. */
function onEndOf(log: Logger, { summary, onUsage, onRequest, tracer }: TriggerOptions): HandlerOptions['onEnd'] {
  if (!summary && !onUsage && !onRequest && !tracer) return undefined;
  return (request, usage) => {
    if (summary) logUsage(log, request, usage);
    onUsage?.(usage);
    if (request.identity instanceof FollowedRequest) request.identity.used(usage);
  };
}

function handlerOf(target: LoadedTarget<HttpEntry>, { locked, options }: TriggerApp<HttpEntry>): HttpHandler {
  const { component, guest, entry, log } = target;
  const handler = createHandler(guest, entry, {
    httpLimits: limitsOf('wasi', component.settings.limits, locked.settings.limits),
    onEnd: onEndOf(log, options),
    serverTiming: options.serverTiming,
  });
  return options.around ? options.around.handler(handler, guest, entry) : handler;
}
