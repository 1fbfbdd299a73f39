// Spans of what guests have the host do for them: requests to other servers, and calls of stores, databases, brokers and
// models, under the names that Spin gives them.
import type { HttpRequest, SendRequest } from '../host/http-message.ts';
import type { HostService, SandboxContext } from '../host/service.ts';
import type { CallSpan, Tracer } from '../telemetry/tracer.ts';
import { type AnyCall, wrapService } from './wrapped-service.ts';

/** By the name of the service. What WASI does is not told: it is too much. */
const prefixes: ReadonlyMap<string, string> = new Map([
  ['key-value', 'spin_key_value'],
  ['sqlite', 'spin_sqlite'],
  ['redis', 'spin_outbound_redis'],
  ['mqtt', 'spin_outbound_mqtt'],
  ['postgres', 'spin_outbound_pg'],
  ['mysql', 'spin_outbound_mysql'],
  ['variables', 'spin_variables'],
  ['llm', 'spin_llm'],
]);

/** The service with spans of its calls; the same where its calls are not told. */
export function tracedService(service: HostService, tracer: Tracer): HostService {
  const prefix = prefixes.get(service.name);
  if (prefix === undefined) return service;
  const sandboxes = new WeakMap<object, SandboxContext>();
  const traced = wrapService(service, (call, { name: offered }, name) => {
    const span = `${offered.startsWith('wasi:keyvalue/') ? 'wasi_key_value' : prefix}.${functionName(name)}`;
    return (state, ...given) => {
      const sandbox = typeof state === 'object' && state !== null ? sandboxes.get(state) : undefined;
      const begun = tracer.call(span, sandbox?.propagation);
      return begun ? within(begun, call, [state, ...given]) : call(state, ...given);
    };
  });
  return {
    ...traced,
    prepare(configured, sandbox) {
      const state = service.prepare(configured, sandbox);
      if (typeof state === 'object' && state !== null) sandboxes.set(state, sandbox);
      return state;
    },
  };
}

/** As in Rust: `get_keys` for `[method]store.get-keys`. */
function functionName(name: string): string {
  return name.replace(/^\[[\w-]+\](?:.*\.)?/, '').replaceAll('-', '_');
}

/** What the call gives is handed on as it is: a promise may have more than a promise's own methods. */
function within(span: CallSpan, call: AnyCall, given: readonly unknown[]): unknown {
  let result: unknown;
  try {
    result = call(...given);
  } catch (error) {
    span.end({ error });
    throw error;
  }
  if (result instanceof Promise)
    result.then(
      (value) => span.end(outcomeOf(value)),
      (error: unknown) => span.end({ error }),
    );
  else span.end(outcomeOf(result));
  return result;
}

/** A result of WIT that is an error. */
function outcomeOf(result: unknown): { readonly error?: unknown } {
  const { tag, val } = Object(result) as { readonly tag?: unknown; readonly val?: unknown };
  if (tag !== 'err') return {};
  const { tag: kind } = Object(val) as { readonly tag?: unknown };
  return {
    error: Object.assign(new Error(typeof val === 'string' ? val : String(kind ?? 'error')), { code: 'guest-call' }),
  };
}

/** Requests of guests with a span each, below which what they lead to stands. */
export function tracedSend(send: SendRequest, tracer: Tracer): SendRequest {
  return async (request, options) => {
    const span = tracer.call('spin_outbound_http.send_request', request.propagation, {
      isClient: true,
      attributes: attributesOf(request),
    });
    if (!span) return send(request, options);
    try {
      const response = await send({ ...request, propagation: span.propagation }, options);
      span.end({ attributes: { 'http.response.status_code': response.status } });
      return response;
    } catch (error) {
      span.end({ error });
      throw error;
    }
  };
}

function attributesOf({ method, scheme, authority, target }: HttpRequest) {
  const { hostname, port } = URL.parse(`${scheme}://${authority}`) ?? { hostname: authority, port: '' };
  return {
    'http.request.method': method,
    'url.full': `${scheme}://${authority}${target}`,
    'server.address': hostname,
    'server.port': Number(port) || (scheme === 'https' ? 443 : 80),
  };
}
