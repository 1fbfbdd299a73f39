// Outbound HTTP of one component: what it may reach, and which way a request takes. Other components of the app and the
// app itself are reached without a socket, everything else through the client.
import type { Logger } from '../../telemetry/log.ts';
import {
  type AllowedHost,
  defaultPort,
  isAllowed,
  isSelfAllowed,
  normalHost,
  parseAllowedHosts,
} from '../allowed-hosts.ts';
import {
  type ByteSource,
  type HeaderList,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  type SendRequest,
} from '../http-message.ts';
import { type Authority, parseAuthority } from '../http-syntax.ts';
import { createHttpClient, type HttpClient } from './client.ts';

/** How the app is reached from inside. The authority is that of the listener, never one that a client named. */
export interface SelfOrigin {
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  handle(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpResponse>;
}

/** `signal` tells the component that is called when nobody waits for its answer any more. */
export type Dispatch = (
  componentId: string,
  request: HttpRequest,
  signal: AbortSignal | undefined,
) => Promise<HttpResponse>;

/** Components that call each other in a circle would take every sandbox of the process. */
const MOST_HOPS = 32;

export interface SendRequestOptions {
  readonly componentId: string;
  /** Entries of `allowed_outbound_hosts` with their templates expanded. A malformed one throws AllowedHostFault. */
  readonly allowedHosts: readonly string[];
  /** Calls a component of the app. Rejects when there is none of that name. */
  readonly dispatch: Dispatch;
  readonly log: Logger;
  /** Where relative URLs and `self.alt` lead; undefined when the app is not served. */
  readonly self?: (() => SelfOrigin | undefined) | undefined;
  /** One of its own when absent. */
  readonly client?: HttpClient | undefined;
}

export function createSendRequest(options: SendRequestOptions): SendRequest {
  const rules = parseAllowedHosts(options.allowedHosts);
  const client = options.client ?? createHttpClient();
  return async (request, sendOptions) => {
    try {
      const route = routeOf(request, rules, options);
      if (route === undefined) return await client.send(request, sendOptions);
      if ((request.hops ?? 0) > MOST_HOPS) throw loop(options);
      return await inProcess(route, sendOptions.signal);
    } catch (error) {
      request.body?.cancel(error);
      throw error;
    }
  };
}

type Route = (signal: AbortSignal | undefined) => Promise<HttpResponse>;

/** The way to the target inside the process; undefined for the way out. Throws when the target is not allowed. */
function routeOf(request: HttpRequest, rules: readonly AllowedHost[], options: SendRequestOptions): Route | undefined {
  if (request.authority === '') return selfRoute(request, rules, options);
  const authority = parseAuthority(request.authority);
  const host = authority && normalHost(authority.host);
  if (authority === undefined || host === undefined) {
    throw new HttpError('HTTP-request-URI-invalid', `"${request.authority}" is no host`);
  }
  if (host === 'self.alt') return selfRoute(request, rules, options);
  const chained = /^([^.]+)\.spin\.internal$/.exec(host)?.[1];
  if (!mayReach(rules, request.scheme, { ...authority, host }, chained !== undefined)) {
    throw denied(options, `${request.scheme}://${host}${portSuffix(request.scheme, authority.port)}`);
  }
  return chained === undefined ? undefined : (signal) => options.dispatch(chained, request, signal);
}

/** Between components the scheme says nothing: a rule for either is enough. */
function mayReach(
  rules: readonly AllowedHost[],
  scheme: 'http' | 'https',
  { host, port }: Authority,
  isChained: boolean,
): boolean {
  const schemes = isChained ? (['http', 'https'] as const) : [scheme];
  return schemes.some((name) => isAllowed(rules, { scheme: name, host, port }));
}

function selfRoute(request: HttpRequest, rules: readonly AllowedHost[], options: SendRequestOptions): Route {
  if (!isSelfAllowed(rules)) throw denied(options, 'http://self');
  const self = options.self?.();
  if (self === undefined) throw new HttpError('HTTP-request-URI-invalid', 'the app has no address of its own here');
  const { scheme, authority } = self;
  const headers = [['host', authority] as const, ...request.headers.filter(([name]) => name !== 'host')];
  return (signal) => self.handle({ ...request, scheme, authority, headers }, signal);
}

/** `signal` ends the wait for the answer; after that, who takes no more of the body ends the component that sends it. */
async function inProcess(route: Route, signal: AbortSignal | undefined): Promise<HttpResponse> {
  const caller = new AbortController();
  const abort = (): void => caller.abort();
  signal?.addEventListener('abort', abort);
  try {
    const response = await route(caller.signal);
    if (!signal?.aborted)
      return response.body ? { ...response, body: new ChainedBody(response.body, abort) } : response;
    response.body?.cancel();
    throw new HttpError('connection-terminated', 'the request was abandoned');
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

class ChainedBody implements ByteSource {
  readonly #source: ByteSource;
  readonly #abort: () => void;
  #ended = false;

  constructor(source: ByteSource, abort: () => void) {
    this.#source = source;
    this.#abort = abort;
  }
  get length(): number | undefined {
    return this.#source.length;
  }
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const chunk = this.#source.read();
    return chunk instanceof Promise ? chunk.then(this.#seen) : this.#seen(chunk);
  }
  readonly #seen = (chunk: Uint8Array | undefined): Uint8Array | undefined => {
    if (chunk === undefined) this.#ended = true;
    return chunk;
  };
  release(chunk: Uint8Array): void {
    this.#source.release?.(chunk);
  }
  trailers(): HeaderList | undefined | Promise<HeaderList | undefined> {
    return this.#source.trailers?.();
  }
  cancel(reason?: unknown): void {
    this.#source.cancel(reason);
    if (!this.#ended) this.#abort();
  }
}

function portSuffix(scheme: string, port: number | undefined): string {
  return port === undefined || port === defaultPort(scheme) ? '' : `:${port}`;
}

function loop({ componentId, log }: SendRequestOptions): HttpError {
  const message = `Component "${componentId}" passed on a request that ${MOST_HOPS} components had passed on before`;
  log.warn({ component: componentId }, `${message}. Limit reached: hops (${MOST_HOPS})`);
  return new HttpError('loop-detected', message);
}

function denied({ componentId, log }: SendRequestOptions, origin: string): HttpError {
  const line = `allowed_outbound_hosts = ["${origin}"]`;
  const message = `Component "${componentId}" may not send requests to ${origin}`;
  log.warn({ component: componentId, origin }, `${message}. To allow it, add to [component.${componentId}]: ${line}`);
  return new HttpError('HTTP-request-denied', message);
}
