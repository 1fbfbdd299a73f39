// Spans of requests and of what their guests have the host do, by the libraries of OpenTelemetry.
import {
  type Context,
  createTraceState,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { messageOf } from '../errors.ts';
import { codeOf } from '../telemetry/events.ts';
import { type Propagation, receivedPropagation } from '../telemetry/trace-context.ts';
import type { BegunRequest, CallOptions, CallSpan, RequestSpan, SpanAttributes, Tracer } from '../telemetry/tracer.ts';
import type { FinishedRequest } from '../telemetry/usage.ts';

export function createTracer(tracer: OtelTracer): Tracer {
  return {
    request: (request) => new ServerSpan(tracer, request),
    call(name, parent, { isClient = false, attributes = {} }: CallOptions = {}) {
      const context = parent?.context && contextOf(parent);
      if (!parent || !context) return undefined;
      const kind = isClient ? SpanKind.CLIENT : SpanKind.INTERNAL;
      return new HostSpan(tracer.startSpan(name, { kind, attributes: { ...attributes } }, context), parent);
    },
  };
}

/** The context of the library for what a request hands on. */
function contextOf({ context, isLocal = false }: Propagation): Context {
  if (!context) return ROOT_CONTEXT;
  const { traceId, spanId, flags, state } = context;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: !isLocal,
    ...(state !== '' && { traceState: createTraceState(state) }),
  });
}

/** What is handed on below a span. */
function below(span: Span, received: Propagation | undefined): Propagation {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const flags = traceFlags.toString(16).padStart(2, '0');
  return {
    context: { traceId, spanId, flags, state: traceState?.serialize() ?? '' },
    isLocal: true,
    baggage: received?.baggage ?? '',
    received: received?.received,
  };
}

function fail(span: Span, error: unknown): void {
  span.setAttribute('error.type', codeOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
}

class HostSpan implements CallSpan {
  readonly propagation: Propagation;
  readonly #span: Span;

  constructor(span: Span, parent: Propagation) {
    this.#span = span;
    this.propagation = below(span, parent);
  }

  end({ attributes, error }: { readonly attributes?: SpanAttributes; readonly error?: unknown } = {}): void {
    if (attributes) this.#span.setAttributes({ ...attributes });
    if (error !== undefined) fail(this.#span, error);
    this.#span.end();
  }
}

class ServerSpan implements RequestSpan {
  propagation: Propagation;
  readonly #tracer: OtelTracer;
  readonly #received: Propagation | undefined;
  readonly #span: Span;
  #execution: Span | undefined;

  constructor(tracer: OtelTracer, request: BegunRequest) {
    this.#tracer = tracer;
    this.#received = receivedPropagation(request.headers);
    const parent = this.#received ? contextOf(this.#received) : ROOT_CONTEXT;
    this.#span = tracer.startSpan('spin_trigger_http.handle_http_request', { kind: SpanKind.SERVER }, parent);
    // Of a request whose trace nobody keeps nothing is gathered.
    if (this.#span.isRecording()) this.#span.setAttributes(attributesOf(request));
    this.propagation = below(this.#span, this.#received);
  }

  executes(component: string): void {
    if (!this.#span.isRecording()) return;
    const attributes = { component_id: component };
    const parent = trace.setSpan(ROOT_CONTEXT, this.#span);
    this.#execution = this.#tracer.startSpan('spin_trigger_http.execute_wasm', { attributes }, parent);
    this.propagation = below(this.#execution, this.#received);
  }

  executed(error: unknown): void {
    if (error !== undefined && this.#execution) fail(this.#execution, error);
    this.#execution?.end();
    this.#execution = undefined;
  }

  end({ method, route, status, error, isBroken, usage }: FinishedRequest): void {
    const span = this.#span;
    if (!span.isRecording()) return;
    this.executed(error);
    span.updateName(route === undefined ? method : `${method} ${route}`);
    span.setAttribute('http.response.status_code', status);
    if (route !== undefined) span.setAttribute('http.route', route);
    if (usage) {
      span.setAttributes({
        'mayfly.guest.cpu_time': usage.cpuMs / 1000,
        'mayfly.guest.memory_used': usage.memoryBytes,
        'mayfly.guest.host_calls': usage.hostCalls,
        'mayfly.sandbox': usage.isNew ? 'new' : 'kept',
      });
    }
    if (error !== undefined) fail(span, error);
    else if (status >= 500) {
      span.setAttribute('error.type', String(status));
      span.setStatus({ code: SpanStatusCode.ERROR });
    } else if (isBroken) span.setAttribute('error.type', 'broken');
    span.end();
  }
}

/** Methods that RFC 9110 and RFC 5789 define; others are told as `_OTHER`, since clients make them up. */
const methods = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']);

function attributesOf({ method, scheme, authority, target, headers, clientAddress }: BegunRequest) {
  const [path = '', query] = target.split(/\?(.*)/s, 2);
  const [, address = clientAddress, port] = /^(.*):(\d+)$/.exec(clientAddress) ?? [];
  const agent = headers.find(([name]) => name === 'user-agent')?.[1];
  const isKnown = methods.has(method);
  const [, host = authority, hostPort] = /^(.*):(\d+)$/.exec(authority) ?? [];
  return {
    'http.request.method': isKnown ? method : '_OTHER',
    ...(!isKnown && { 'http.request.method_original': method }),
    'url.path': path,
    ...(query !== undefined && { 'url.query': query }),
    'url.scheme': scheme,
    'server.address': host,
    ...(hostPort !== undefined && { 'server.port': Number(hostPort) }),
    'client.address': address,
    ...(port !== undefined && { 'client.port': Number(port) }),
    ...(agent !== undefined && { 'user_agent.original': agent }),
  };
}
