// Outbound HTTP of one component: where it may send requests, and which way they take. Other components of the app and
// the app itself are reached without a socket, everything else through the client.
import { logEvent } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { type Propagators, propagated, propagatorsOf } from '../../telemetry/trace-context.ts';
import { HttpError, type HttpRequest, type HttpResponse, type SendOptions, type SendRequest } from '../http-message.ts';
import { parseAuthority } from '../http-syntax.ts';
import { type AllowedHost, defaultPort, isAllowed, isSelfAllowed } from '../network/allowed-hosts.ts';
import { BlockedAddress } from '../network/blocked-networks.ts';
import { normalHost } from '../network/host-name.ts';
import type { HttpClient } from './client.ts';
import { framed } from './framing.ts';
import { inProcess, type Route } from './in-process.ts';

/** How the app is reached from inside. The authority is that of the listener, never one that a client named. */
export interface SelfOrigin {
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  handle(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpResponse>;
}

/**
 * Sends a request to a component of the app. `signal` tells that component when nobody waits for its answer any more.
 */
export type Dispatch = (
  componentId: string,
  request: HttpRequest,
  signal: AbortSignal | undefined,
) => Promise<HttpResponse>;

/**
 * The most components that a request may pass in a row: components that call each other in a circle would take every
 * sandbox of the process.
 */
const MOST_HOPS = 32;

export interface SendRequestOptions {
  readonly componentId: string;
  /** The hosts that the component may reach. */
  readonly allowedHosts: readonly AllowedHost[];
  /** Sends a request to a component of the app. Rejects when there is none of that name. */
  readonly dispatch: Dispatch;
  readonly log: Logger;
  /** Where a port without a host and `self.alt` lead; undefined when the app is not served. */
  readonly self?: (() => SelfOrigin | undefined) | undefined;
  /** What is handed on of a trace; all of it by default. */
  readonly propagators?: Propagators | undefined;
  /** The client of this component alone. */
  readonly client: HttpClient;
}

export function createSendRequest(options: SendRequestOptions): SendRequest {
  const { allowedHosts: rules, propagators = propagatorsOf({}) } = options;
  return async (given, sendOptions) => {
    const { propagation } = given;
    const request = propagation ? { ...given, headers: propagated(given.headers, propagation, propagators) } : given;
    try {
      const route = routeOf(request, rules, options, sendOptions);
      if (route === undefined) return await sendOut(request, options, sendOptions);
      if ((request.hops ?? 0) > MOST_HOPS) throw loop(options, sendOptions);
      return await inProcess(route, framed(request), sendOptions);
    } catch (error) {
      request.body?.cancel(error);
      throw error;
    }
  };
}

async function sendOut(request: HttpRequest, options: SendRequestOptions, given: SendOptions): Promise<HttpResponse> {
  try {
    return await options.client.send(request, given);
  } catch (error) {
    if (error instanceof HttpError && error.cause instanceof BlockedAddress && (given.refusals?.count() ?? true)) {
      const origin = `${request.scheme}://${request.authority}`;
      const log = given.refusals?.log ?? options.log;
      logEvent(log, 'network-blocked', { origin }, `It may not reach ${origin}: ${error.cause.message}`);
    }
    throw error;
  }
}

/** Gives the way to a target inside the process; undefined for one outside. Throws when the target is not allowed. */
function routeOf(
  request: HttpRequest,
  rules: readonly AllowedHost[],
  options: SendRequestOptions,
  sendOptions: SendOptions,
): Route | undefined {
  const { scheme } = request;
  const authority = parseAuthority(request.authority);
  // SDKs write relative URLs this way. No other authority without a host leads to the app itself.
  if (authority?.host === '' && authority.port !== undefined) return selfRoute(rules, options, sendOptions);
  const host = authority && normalHost(authority.host);
  if (authority === undefined || host === undefined) {
    throw new HttpError('HTTP-request-URI-invalid', `"${request.authority}" is no host`);
  }
  if (host === 'self.alt') return selfRoute(rules, options, sendOptions);
  if (!isAllowed(rules, { scheme, host, port: authority.port })) {
    throw denied(options, sendOptions, `${scheme}://${host}${portSuffix(scheme, authority.port)}`);
  }
  const chained = /^([^.]+)\.spin\.internal$/.exec(host)?.[1];
  if (chained === undefined) return undefined;
  return (sent, signal) => options.dispatch(chained, { ...sent, scheme: 'http' }, signal);
}

function selfRoute(rules: readonly AllowedHost[], options: SendRequestOptions, sendOptions: SendOptions): Route {
  if (!isSelfAllowed(rules)) throw denied(options, sendOptions, 'http://self');
  const self = options.self?.();
  if (self === undefined) throw new HttpError('HTTP-request-URI-invalid', 'the app has no address of its own here');
  const { scheme, authority } = self;
  return (sent, signal) => {
    const headers = [['host', authority] as const, ...sent.headers.filter(([name]) => name !== 'host')];
    return self.handle({ ...sent, scheme, authority, headers }, signal);
  };
}

function portSuffix(scheme: string, port: number | undefined): string {
  return port === undefined || port === defaultPort(scheme) ? '' : `:${port}`;
}

function loop({ componentId, log: own }: SendRequestOptions, { refusals }: SendOptions): HttpError {
  const log = refusals?.log ?? own;
  const message = `Component "${componentId}" passed on a request that ${MOST_HOPS} components had passed on before`;
  const text = `It passed on a request that ${MOST_HOPS} components had passed on before. Limit reached: hops (${MOST_HOPS})`;
  if (refusals?.count() ?? true) logEvent(log, 'request-loop', { hops: MOST_HOPS }, text);
  return new HttpError('loop-detected', message);
}

function denied({ componentId, log: own }: SendRequestOptions, { refusals }: SendOptions, origin: string): HttpError {
  const log = refusals?.log ?? own;
  const mend = `To allow it, add to [component.${componentId}]: allowed_outbound_hosts = ["${origin}"]`;
  const text = `It may not send requests to ${origin}. ${mend}`;
  if (refusals?.count() ?? true) logEvent(log, 'request-denied', { origin, entry: origin }, text);
  return new HttpError('HTTP-request-denied', `Component "${componentId}" may not send requests to ${origin}`);
}
