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
import { HttpError, type HttpRequest, type HttpResponse, type SendRequest } from '../http-message.ts';
import { type Authority, parseAuthority } from '../http-syntax.ts';
import { createHttpClient, type HttpClient } from './client.ts';

/** How the app is reached from inside. The authority is that of the listener, never one that a client named. */
export interface SelfOrigin {
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  handle(request: HttpRequest): Promise<HttpResponse>;
}

export interface SendRequestOptions {
  readonly componentId: string;
  /** Entries of `allowed_outbound_hosts` with their templates expanded. A malformed one throws AllowedHostFault. */
  readonly allowedHosts: readonly string[];
  /** Calls a component of the app. Rejects when there is none of that name. */
  readonly dispatch: (componentId: string, request: HttpRequest) => Promise<HttpResponse>;
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
      return await inProcess(route, sendOptions.signal);
    } catch (error) {
      request.body?.cancel(error);
      throw error;
    }
  };
}

/** The way to the target inside the process; undefined for the way out. Throws when the target is not allowed. */
function routeOf(
  request: HttpRequest,
  rules: readonly AllowedHost[],
  options: SendRequestOptions,
): (() => Promise<HttpResponse>) | undefined {
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
  return chained === undefined ? undefined : () => options.dispatch(chained, request);
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

function selfRoute(
  request: HttpRequest,
  rules: readonly AllowedHost[],
  options: SendRequestOptions,
): () => Promise<HttpResponse> {
  if (!isSelfAllowed(rules)) throw denied(options, 'http://self');
  const self = options.self?.();
  if (self === undefined) throw new HttpError('HTTP-request-URI-invalid', 'the app has no address of its own here');
  const { scheme, authority } = self;
  const headers = [['host', authority] as const, ...request.headers.filter(([name]) => name !== 'host')];
  return () => self.handle({ ...request, scheme, authority, headers });
}

/** Nothing to abort on the other side: its own client is this one, which takes no more of the answer. */
async function inProcess(route: () => Promise<HttpResponse>, signal: AbortSignal | undefined): Promise<HttpResponse> {
  const response = await route();
  if (!signal?.aborted) return response;
  response.body?.cancel();
  throw new HttpError('connection-terminated', 'the request was abandoned');
}

function portSuffix(scheme: string, port: number | undefined): string {
  return port === undefined || port === defaultPort(scheme) ? '' : `:${port}`;
}

function denied({ componentId, log }: SendRequestOptions, origin: string): HttpError {
  const line = `allowed_outbound_hosts = ["${origin}"]`;
  const message = `Component "${componentId}" may not send requests to ${origin}`;
  log.warn({ component: componentId, origin }, `${message}. To allow it, add to [component.${componentId}]: ${line}`);
  return new HttpError('HTTP-request-denied', message);
}
