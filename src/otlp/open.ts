// The telemetry of the host for a collector, by OTLP: traces, metrics and logs, each where the environment names an endpoint
// for it. https://opentelemetry.io/docs/specs/otlp/
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import type { FinishedRequest } from '../telemetry/usage.ts';
import { collectedLog } from './logs.ts';
import { createRequestMetrics } from './metrics.ts';
import { type Environment, numberOf, type Protocol, protocolsOf, type Signal, samplerOf } from './settings.ts';
import { createTracer } from './tracer.ts';

const SCOPE = 'mayfly';
/** Milliseconds for what is left to be sent when the app stops. */
const CLOSE_MS = 5_000;

export interface OtlpOptions {
  /** The name of the app: it is the service's, unless the environment has another. */
  readonly app: string;
  readonly version: string | undefined;
  readonly environment: Environment;
  readonly log: Logger;
}

export interface Otlp {
  readonly tracer: Tracer | undefined;
  readonly onRequest: ((request: FinishedRequest) => void) | undefined;
  /** The log that was given, whose lines go to the collector as well. */
  readonly log: Logger;
  /** Sends what is left. Never rejects. */
  close(): Promise<void>;
}

interface Result {
  readonly code: number;
  readonly error?: Error;
}

interface Exporter<Items> {
  export(items: Items, done: (result: Result) => void): void;
}

/** Throws `usage` for what the environment says and Mayfly does not know. */
export function openOtlp({ app, version, environment, log }: OtlpOptions): Otlp {
  const protocols = protocolsOf(environment);
  const own = { 'service.name': app, 'service.version': version, 'process.pid': process.pid };
  const resource = defaultResource()
    .merge(resourceFromAttributes(own))
    .merge(detectResources({ detectors: [envDetector] }));
  const closers: { shutdown(): Promise<void> }[] = [];
  let isTold = false;
  /** Says once that a collector does not take what it is sent. */
  const watched = <Items, One extends Exporter<Items>>(exporter: One): One => {
    const send = exporter.export.bind(exporter);
    exporter.export = (items, done) =>
      send(items, (result) => {
        if (result.error && !isTold) {
          isTold = true;
          const reason = result.error.message;
          logEvent(log, 'otel-unsent', { reason }, `Telemetry is lost: ${reason}`);
        }
        done(result);
      });
    return exporter;
  };
  const opened = <Provider extends { shutdown(): Promise<void> }>(provider: Provider): Provider => {
    closers.push(provider);
    return provider;
  };
  const batches = (prefix: string) => ({
    maxExportBatchSize: numberOf(environment, `${prefix}_MAX_EXPORT_BATCH_SIZE`),
    maxQueueSize: numberOf(environment, `${prefix}_MAX_QUEUE_SIZE`),
    scheduledDelayMillis: numberOf(environment, `${prefix}_SCHEDULE_DELAY`),
    exportTimeoutMillis: numberOf(environment, `${prefix}_EXPORT_TIMEOUT`),
  });

  function traces(protocol: Protocol): Tracer {
    const exporter = watched(protocol === 'http/json' ? new JsonTraceExporter() : new OTLPTraceExporter());
    const spanProcessors = [new BatchSpanProcessor(withoutUnset({ exporter, ...batches('OTEL_BSP') }))];
    const provider = opened(new TracerProvider({ resource, spanProcessors, sampler: samplerOf(environment) }));
    return createTracer(provider.getTracer(SCOPE));
  }

  function metrics(protocol: Protocol): Otlp['onRequest'] {
    const exporter = watched(protocol === 'http/json' ? new JsonMetricExporter() : new OTLPMetricExporter());
    const exportIntervalMillis = numberOf(environment, 'OTEL_METRIC_EXPORT_INTERVAL');
    const exportTimeoutMillis = numberOf(environment, 'OTEL_METRIC_EXPORT_TIMEOUT');
    const reader = new PeriodicExportingMetricReader(
      withoutUnset({ exporter, exportIntervalMillis, exportTimeoutMillis }),
    );
    const provider = opened(new MeterProvider({ resource, readers: [reader] }));
    return createRequestMetrics(provider.getMeter(SCOPE), app);
  }

  function logs(protocol: Protocol): Logger {
    const exporter = watched(protocol === 'http/json' ? new JsonLogExporter() : new OTLPLogExporter());
    const processors = [new BatchLogRecordProcessor(withoutUnset({ exporter, ...batches('OTEL_BLRP') }))];
    return collectedLog(log, opened(new LoggerProvider({ resource, processors })).getLogger(SCOPE));
  }

  const opening = <Opened>(signal: Signal, make: (protocol: Protocol) => Opened): Opened | undefined => {
    const protocol = protocols.get(signal);
    return protocol && make(protocol);
  };
  return {
    tracer: opening('traces', traces),
    onRequest: opening('metrics', metrics),
    log: opening('logs', logs) ?? log,
    async close() {
      const sent = Promise.allSettled(closers.map((provider) => provider.shutdown()));
      await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
    },
  };
}

type Set<Options> = { [Key in keyof Options]: Exclude<Options[Key], undefined> };

/** The libraries take undefined for a value. */
function withoutUnset<Options extends object>(options: Options): Set<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Set<Options>;
}
