// The environment variables of OpenTelemetry that its libraries leave to their user; where telemetry goes, its headers,
// certificates and time-outs, the exporters read themselves.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { MayflyError } from '../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const signals = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof signals)[number];

const protocols = ['http/protobuf', 'http/json'] as const;
export type Protocol = (typeof protocols)[number];

/**
 * How each signal goes to its collector: the signals go somewhere whose endpoint is named, as in Spin. Throws `usage`.
 */
export function protocolsOf(environment: Environment): ReadonlyMap<Signal, Protocol> {
  const found = signals.map((signal) => [signal, protocolOf(environment, signal)] as const);
  return new Map(found.filter((one): one is [Signal, Protocol] => one[1] !== undefined));
}

function protocolOf(environment: Environment, signal: Signal): Protocol | undefined {
  const name = signal.toUpperCase();
  const endpoint = environment[`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`] || environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint || environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return undefined;
  const exporter = environment[`OTEL_${name}_EXPORTER`] || 'otlp';
  if (exporter === 'none') return undefined;
  if (exporter !== 'otlp') throw wrong(`OTEL_${name}_EXPORTER`, exporter, "'otlp' and 'none'");
  const own = `OTEL_EXPORTER_OTLP_${name}_PROTOCOL`;
  const variable = environment[own] ? own : 'OTEL_EXPORTER_OTLP_PROTOCOL';
  const wanted = environment[variable] || 'http/protobuf';
  const protocol = protocols.find((one) => one === wanted);
  if (!protocol) throw wrong(variable, wanted, "'http/protobuf' and 'http/json'");
  return protocol;
}

function wrong(variable: string, value: string, known: string): MayflyError {
  return new MayflyError('usage', `The environment variable ${variable} is "${value}"; Mayfly knows ${known}`);
}

/** `OTEL_TRACES_SAMPLER`: by default all traces that the sender of the request records, and all that begin here. */
export function samplerOf({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG }: Environment): Sampler {
  const name = OTEL_TRACES_SAMPLER || 'parentbased_always_on';
  const [, below, root = ''] = /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(name) ?? [];
  if (root === '') {
    throw wrong(
      'OTEL_TRACES_SAMPLER',
      name,
      "'always_on', 'always_off', 'traceidratio', and these behind 'parentbased_'",
    );
  }
  const sampler = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratioOf(OTEL_TRACES_SAMPLER_ARG)),
  }[root as 'always_on']();
  return below ? new ParentBasedSampler({ root: sampler }) : sampler;
}

function ratioOf(text = '1'): number {
  const ratio = Number(text);
  if (text.trim() !== '' && ratio >= 0 && ratio <= 1) return ratio;
  throw wrong('OTEL_TRACES_SAMPLER_ARG', text, 'numbers from 0 to 1');
}

/** A number of milliseconds or of records; undefined leaves it to the library. */
export function numberOf(environment: Environment, variable: string): number | undefined {
  const text = environment[variable];
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw wrong(variable, text, 'whole numbers');
}
