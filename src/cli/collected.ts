// The telemetry of a serving process for a collector of OpenTelemetry, where the environment names one, as in Spin. Nothing of
// it is loaded where none is named.
import type { LockedApp } from '../app/locked-app.ts';
import type { StartOptions } from '../runtime.ts';
import { both } from './listeners.ts';

const ENDPOINT = /^OTEL_EXPORTER_OTLP_(TRACES_|METRICS_|LOGS_)?ENDPOINT$/;

/** The options with what is told to a collector. Throws `usage`. */
export async function collected(start: StartOptions, { name, version }: LockedApp): Promise<StartOptions> {
  const { env } = process;
  if (!Object.keys(env).some((variable) => ENDPOINT.test(variable) && env[variable])) return start;
  const { openOtlp } = await import('../otlp/open.ts');
  const otlp = openOtlp({ app: name, version, environment: env, log: start.log });
  return {
    ...start,
    log: otlp.log,
    tracer: otlp.tracer,
    onRequest: both(start.onRequest, otlp.onRequest),
    onStopped: () => otlp.close(),
  };
}
