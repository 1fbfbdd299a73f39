// The host service 'otel', an experiment of Spin that has to be switched on: telemetry of guests goes to the collector that
// the environment names. bindings.ts has the WIT functions, otlp.ts and otlp-metrics.ts the form, exporter.ts the sending.
import { logEvent } from '../../telemetry/events.ts';
import type { AppContext, HostService } from '../service.ts';
import { type OtelState, otelInterfaces, type Telemetry } from './bindings.ts';
import { type Environment, resourceAttributes, targetOf } from './environment.ts';
import { Exporter } from './exporter.ts';
import { resourceOf } from './otlp.ts';

export interface OtelOptions {
  readonly environment: Environment;
}

export function createOtelService({ environment }: OtelOptions): HostService<Telemetry, Telemetry, OtelState> {
  return {
    name: 'otel',
    interfaces: otelInterfaces,
    configureApp: (context) => telemetryOf(context, environment),
    configureComponent: ({ log }, telemetry) => {
      if (!telemetry.traces && !telemetry.logs && !telemetry.metrics) {
        const reason = 'no OTEL_EXPORTER_* environment variables were found';
        logEvent(log, 'otel-unsent', { reason }, `Telemetry of guests goes nowhere: ${reason}`);
      }
      return telemetry;
    },
    prepare: (telemetry, sandbox) => ({ telemetry, sandbox, open: new Set() }),
    async closeApp({ traces, logs }) {
      await Promise.all([traces?.flush(), logs?.flush()]);
    },
  };
}

function telemetryOf({ app, log }: AppContext, environment: Environment): Telemetry {
  const attributes = resourceAttributes(environment, app.name);
  const resource = JSON.stringify(resourceOf({ attributes, schemaUrl: undefined }));
  let isTold = false;
  const tell = (reason: string): void => {
    if (!isTold) logEvent(log, 'otel-unsent', { reason }, `Telemetry of guests is lost: ${reason}`);
    isTold = true;
  };
  const exporter = (signal: 'traces' | 'logs', all: string, scoped: string): Exporter | undefined => {
    const target = targetOf(environment, signal);
    const wrap = (records: string): string => `{"${all}":[{"resource":${resource},"${scoped}":[${records}]}]}`;
    return target && new Exporter(target, wrap, tell);
  };
  return {
    traces: exporter('traces', 'resourceSpans', 'scopeSpans'),
    logs: exporter('logs', 'resourceLogs', 'scopeLogs'),
    metrics: targetOf(environment, 'metrics'),
  };
}
