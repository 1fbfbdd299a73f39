// wasi:otel: guests hand over spans, metrics and lines of a log. Where the operator has no collector they go nowhere.
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { Trap } from '../../errors.ts';
import { GuestCall } from '../guest-call.ts';
import { defineInterface, type SandboxContext, suspending } from '../service.ts';
import { type Exporter, send, type Target } from './exporter.ts';
import { scopeLogsOf, scopeSpansOf } from './otlp.ts';
import { metricsRequest } from './otlp-metrics.ts';
import { MOST_RECORD_BYTES, recordWeight } from './record-weight.ts';
import type { LogRecord, ResourceMetrics, SpanContext, SpanData } from './records.ts';
import signatures from './signatures.json' with { type: 'json' };

const SERVICE = 'otel';
const VERSION = '0.2.0-rc.2';
/** Spans of a guest that have started and not ended. */
const MOST_OPEN = 4096;

/** What the host has for an app. */
export interface Telemetry {
  readonly traces: Exporter | undefined;
  readonly logs: Exporter | undefined;
  readonly metrics: Target | undefined;
}

export interface OtelState {
  readonly telemetry: Telemetry;
  readonly sandbox: SandboxContext;
  /** Ids of spans that have started. */
  readonly open: Set<string>;
}

/** The context of no span. */
const none: SpanContext = {
  traceId: '0'.repeat(32),
  spanId: '0'.repeat(16),
  traceFlags: { sampled: false },
  isRemote: false,
  traceState: [],
};

/** The span below which a guest's own spans stand: the host's, or, where it records none, that of whoever sent the request. */
function outerSpan({ propagation }: SandboxContext): SpanContext {
  const { context, isLocal = false } = propagation ?? {};
  if (!context) return none;
  const { traceId, spanId, flags, state } = context;
  const members = state.split(',').map((member): [string, string] => {
    const [key = '', ...value] = member.split('=');
    return [key, value.join('=')];
  });
  return {
    traceId,
    spanId,
    traceFlags: { sampled: (Number.parseInt(flags, 16) & 1) === 1 },
    isRemote: !isLocal,
    traceState: state === '' ? [] : members,
  };
}

const tracing = defineInterface<OtelState>(SERVICE, 'wasi:otel/tracing', VERSION, {
  signatures: signatures['wasi:otel/tracing@0.2.0-rc.2'],
  functions: {
    'on-start': ({ telemetry, open }: OtelState, { spanId }: SpanContext) => {
      if (!telemetry.traces) return;
      if (open.size >= MOST_OPEN) throw new Trap(`it has started ${MOST_OPEN} spans and ended none of them`);
      if (!/^[0-9a-f]{16}$/i.test(spanId)) throw new Trap('it started a span whose id has not 16 hexadecimal digits');
      open.add(spanId);
    },
    'on-end': ({ telemetry, open }: OtelState, span: SpanData) => {
      if (!telemetry.traces) return;
      if (!open.delete(span.spanContext.spanId)) throw new Trap('Trying to end a span that was not started');
      add(telemetry.traces, span, scopeSpansOf);
    },
    'outer-span-context': ({ sandbox }: OtelState) => outerSpan(sandbox),
  },
});

const metrics = defineInterface<OtelState>(SERVICE, 'wasi:otel/metrics', VERSION, {
  signatures: signatures['wasi:otel/metrics@0.2.0-rc.2'],
  functions: {
    export: suspending(
      async ({ telemetry, sandbox }: OtelState, given: ResourceMetrics): Promise<Result<undefined, string>> => {
        if (!telemetry.metrics) return ok(undefined);
        const call = new GuestCall(sandbox);
        try {
          if (recordWeight(given) > MOST_RECORD_BYTES) return err('Metrics are too large.');
          const body = JSON.stringify(metricsRequest(given));
          call.keep(body.length);
          await send(telemetry.metrics, body, sandbox.signal);
          return ok(undefined);
        } catch (error) {
          if (error instanceof Trap) throw error;
          sandbox.signal.throwIfAborted();
          return err((error as Error).name === 'TimeoutError' ? 'Operation timed out.' : 'Internal failure.');
        } finally {
          call.release();
        }
      },
    ),
  },
});

const logs = defineInterface<OtelState>(SERVICE, 'wasi:otel/logs', VERSION, {
  signatures: signatures['wasi:otel/logs@0.2.0-rc.2'],
  functions: {
    'on-emit': ({ telemetry }: OtelState, record: LogRecord) => {
      if (telemetry.logs) add(telemetry.logs, record, scopeLogsOf);
    },
  },
});

function add<Given>(exporter: Exporter, record: Given, write: (record: Given) => unknown): void {
  if (recordWeight(record) > MOST_RECORD_BYTES) exporter.lose('a record of a guest is too large');
  else exporter.add(write(record));
}

export const otelInterfaces = [tracing, metrics, logs];
