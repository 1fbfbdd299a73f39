// Where telemetry of guests goes: the variables of OpenTelemetry, as Spin reads them.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
import type { Target } from './exporter.ts';
import type { KeyValue } from './records.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type Signal = 'traces' | 'metrics' | 'logs';

/** Undefined when nothing says where the telemetry of this kind goes, or it is no address. */
export function targetOf(environment: Environment, signal: Signal): Target | undefined {
  const name = signal.toUpperCase();
  const own = environment[`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`];
  const common = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url = own || (common && `${common.replace(/\/+$/, '')}/v1/${signal}`);
  if (!url || !['http:', 'https:'].includes(URL.parse(url)?.protocol ?? '')) return undefined;
  const headers = environment[`OTEL_EXPORTER_OTLP_${name}_HEADERS`] ?? environment.OTEL_EXPORTER_OTLP_HEADERS;
  return { url, headers: Object.fromEntries(pairsOf(headers)) };
}

/** The attributes of what records: the service's name, and what the operator says beside it. */
export function resourceAttributes(
  { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES }: Environment,
  app: string,
): KeyValue[] {
  const attributes = new Map([['service.name', app], ...pairsOf(OTEL_RESOURCE_ATTRIBUTES)]);
  if (OTEL_SERVICE_NAME) attributes.set('service.name', OTEL_SERVICE_NAME);
  return [...attributes].map(([key, value]) => ({ key, value: JSON.stringify(value) }));
}

/** Pairs as in `key=value,other=a%20b`. */
function pairsOf(text = ''): [string, string][] {
  return text.split(',').flatMap((pair): [string, string][] => {
    const [, key, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    return key === undefined || value === undefined ? [] : [[key, decoded(value)]];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
