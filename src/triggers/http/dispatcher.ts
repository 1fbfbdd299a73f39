// Leads a request to the component that answers it, and makes a response of whatever happens there. Sockets and
// sandboxes are not known here.
import { type LockedApp, triggersOf } from '../../app/locked-app.ts';
import type { LockedMiddleware } from '../../app/locked-file.ts';
import type { LockedHttpTrigger, LockedWagi } from '../../app/manifest/triggers/http.ts';
import { bytesBody } from '../../host/bytes-body.ts';
import { valueOfText } from '../../host/field-text.ts';
import { HttpError, type HttpRequest, type HttpResponse } from '../../host/http-message.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Tracer } from '../../telemetry/tracer.ts';
import type { FinishedRequest } from '../../telemetry/usage.ts';
import { type ConditionalRoute, createConditionalRouter } from './conditional-router.ts';
import type { FailurePage } from './failure-page.ts';
import { emptyResponse, responseFor } from './failure-response.ts';
import { FollowedRequest } from './followed-request.ts';
import { RequestIdentity } from './request-identity.ts';
import { ruled } from './response-rules.ts';
import type { RouteMatch } from './router.ts';
import { guestHeaders } from './spin-headers.ts';
import { wellKnown } from './well-known.ts';

/** What is known of the client. `signal` may be a getter that makes it on first use. */
export interface ClientContext {
  /** The client's `address:port`, as in the header `spin-client-addr`. */
  readonly clientAddress: string;
  /** The version of HTTP that it speaks, as in `HTTP/1.1`; absent where there is no connection. */
  readonly protocol?: string | undefined;
  /** Aborted when the client has gone away. */
  readonly signal?: AbortSignal | undefined;
}

/** How a request came to a component, for components that are told in other ways than by headers. */
export interface RequestRoute {
  readonly match: Omit<RouteMatch<unknown>, 'value'>;
  /** Set when the trigger wants the component run as a CGI program. */
  readonly wagi?: LockedWagi | undefined;
}

/** Runs a guest. Its error becomes 500, 503 or 504 by its code. */
export type HttpHandler = (request: HttpRequest, context: ClientContext, route?: RequestRoute) => Promise<HttpResponse>;

export interface HttpDispatcherOptions {
  readonly app: LockedApp;
  /**
   * Gives the handler of a component, with the `middleware` that a trigger's action has. Undefined for a component that
   * is only middleware.
   */
  readonly handlerFor: (componentId: string, middleware?: readonly LockedMiddleware[]) => HttpHandler | undefined;
  /** Says why the app cannot serve now; undefined when it can. */
  readonly trouble?: (() => string | undefined) | undefined;
  readonly log: Logger;
  /** What developers get in the place of a failed response. */
  readonly failurePage?: FailurePage | undefined;
  /** Told of each request when it is over; without it nobody follows them. */
  readonly onRequest?: ((request: FinishedRequest) => void) | undefined;
  readonly tracer?: Tracer | undefined;
  /** The value of a `server` header for every response; without it there is no such header. */
  readonly serverHeader?: string | undefined;
}

export interface HttpDispatcher {
  /** Answers a request. Never rejects. */
  handle(request: HttpRequest, context: ClientContext): Promise<HttpResponse>;
  /**
   * Sends a request straight to a component, under a route of its own, for service chaining. Rejects only for an
   * unknown component.
   */
  dispatch(componentId: string, request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse>;
  readonly log: Logger;
}

type Action = LockedHttpTrigger['action'];

const chainedClient: ClientContext = { clientAddress: '0.0.0.0:0' };

export function createHttpDispatcher(options: HttpDispatcherOptions): HttpDispatcher {
  const { app, log, trouble, failurePage, onRequest, tracer } = options;
  const triggers = triggersOf(app, 'http');
  const router = createConditionalRouter(routesOf(triggers));
  const handlers = new Map(app.components.map(({ id }) => [id, options.handlerFor(id)]));
  const chains = new Map<object, HttpHandler | undefined>(
    triggers.map(({ action }) => [action, chainFor(action, options)]),
  );
  const extra = options.serverHeader === undefined ? [] : [['server', options.serverHeader] as const];

  async function run(
    target: Target,
    request: HttpRequest,
    match: Match,
    context: ClientContext,
    followed?: FollowedRequest,
  ): Promise<HttpResponse> {
    const { component: id, wagi } = target;
    const handler = target.middleware ? chains.get(target) : handlers.get(id);
    if (handler === undefined) throw new HttpError('destination-not-found', `the app has no component "${id}"`);
    const headers = guestHeaders(request, match, context.clientAddress);
    followed?.began(id, match.route);
    const identity = followed ?? new RequestIdentity(request.headers);
    const forGuest = { ...request, headers, identity };
    try {
      const response = await handler(forGuest, context, { match, wagi });
      followed?.guestAnswered();
      return ruled(failurePage?.(id, forGuest, response) ?? response, request.method);
    } catch (error) {
      followed?.failed(error);
      request.body?.cancel(error);
      const response = responseFor(error);
      if (!context.signal?.aborted) report(log, id, { ...request, identity }, response.status, error);
      return failurePage ? ruled(failurePage(id, forGuest, response, error), request.method) : response;
    }
  }

  function fixed(action: StaticAction, request: HttpRequest): HttpResponse {
    try {
      return ruled(staticResponse(action), request.method);
    } catch (error) {
      const path = pathOf(request.target);
      logEvent(log, 'static-response-failed', { path, err: error }, `The static response to ${path} cannot be sent`);
      return responseFor(error);
    }
  }

  async function route(
    request: HttpRequest,
    context: ClientContext,
    followed?: FollowedRequest,
  ): Promise<HttpResponse> {
    const path = pathOf(request.target);
    const known = wellKnown(app, request.target, trouble);
    const found = known ? undefined : router.find(request.method, request.authority, path);
    const match = found?.match;
    const action = match?.value;
    if (match && action?.kind === 'component') return run(action, request, match, context, followed);
    request.body?.cancel(); // No guest reads it.
    if (known) return known;
    if (action?.kind === 'static-response') return fixed(action, request);
    const allow = found && !found.match ? found.allow : [];
    return allow.length === 0 ? emptyResponse(404) : { ...emptyResponse(405), headers: [['allow', allow.join(', ')]] };
  }

  const isFollowed = onRequest !== undefined || tracer !== undefined;

  async function follow(given: HttpRequest, context: ClientContext, answer: typeof route): Promise<HttpResponse> {
    const followed = new FollowedRequest(given, context, { isChained: answer !== route, tell: onRequest, tracer });
    return followed.answered(await answer(followed.request, context, followed));
  }

  return {
    log,
    async handle(request, context) {
      const response = await (isFollowed ? follow(request, context, route) : route(request, context));
      return extra.length === 0 ? response : { ...response, headers: [...response.headers, ...extra] };
    },
    dispatch(id, request, signal) {
      const answer: typeof route = (given, context, followed) =>
        run({ component: id }, given, chainedMatch(pathOf(given.target)), context, followed);
      const context = { ...chainedClient, signal };
      return isFollowed ? follow(request, context, answer) : answer(request, context);
    },
  };
}

type Match = Omit<RouteMatch<unknown>, 'value'>;
type StaticAction = Extract<Action, { kind: 'static-response' }>;
type Target = Pick<Extract<Action, { kind: 'component' }>, 'component' | 'wagi' | 'middleware'>;

/** The handler of an action; a trigger with middleware has one of its own. */
function chainFor(action: Action, { handlerFor }: HttpDispatcherOptions): HttpHandler | undefined {
  if (action.kind !== 'component' || !action.middleware) return undefined;
  return handlerFor(action.component, action.middleware);
}

function routesOf(triggers: readonly LockedHttpTrigger[]): ConditionalRoute<Action>[] {
  return triggers.flatMap(({ route, action, only }) => (route === undefined ? [] : [{ route, value: action, only }]));
}

function chainedMatch(path: string): Match {
  return { route: '/...', matchedRoute: '/...', componentRoute: '', pathInfo: path, params: [] };
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

function staticResponse(action: StaticAction): HttpResponse {
  const entries = Object.entries(action.headers).map(
    ([name, value]) => [name.toLowerCase(), valueOfText(value) ?? ''] as const,
  );
  const headers = entries.filter(([name]) => name !== 'content-length');
  return { status: action.status, headers, body: bytesBody(Buffer.from(action.body ?? '')) };
}

function report(log: Logger, component: string, request: HttpRequest, status: number, error: unknown): void {
  const { method, identity } = request;
  const path = pathOf(request.target);
  const fields = { component, ...identity?.fields, method, path, status, err: error };
  logEvent(log, 'request-failed', fields, `${method} ${path} failed`);
}
