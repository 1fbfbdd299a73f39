// Who records traces, as those see it who have something to record. The names of spans and attributes are those of Spin and
// of OpenTelemetry's semantic conventions (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
import type { Propagation } from './trace-context.ts';
import type { FinishedRequest } from './usage.ts';

export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a request is when it comes. */
export type BegunRequest = Pick<FinishedRequest, 'method' | 'scheme' | 'authority' | 'target' | 'headers'> & {
  readonly clientAddress: string;
};

export interface Tracer {
  /** Begins the span of a request, below the one that its headers name. */
  request(request: BegunRequest): RequestSpan;
  /** Begins the span of what a guest has its host do for it. Undefined where nobody records its trace. */
  call(name: string, parent: Propagation | undefined, options?: CallOptions): CallSpan | undefined;
}

export interface CallOptions {
  /** Whether the span is a request to another server. */
  readonly isClient?: boolean;
  readonly attributes?: SpanAttributes;
}

export interface RequestSpan {
  /** What the guest's own requests hand on, and what is below it. */
  readonly propagation: Propagation;
  /** Says that a guest begins to serve the request. */
  executes(component: string): void;
  /** Says that the guest has ended. */
  executed(error: unknown): void;
  end(request: FinishedRequest): void;
}

export interface CallSpan {
  readonly propagation: Propagation;
  end(outcome?: { readonly attributes?: SpanAttributes; readonly error?: unknown }): void;
}
