// What the environment says of telemetry: where it goes, what of it, and what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, SamplingDecision, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { type Environment, numberOf, protocolsOf, samplerOf } from './settings.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const sent = (environment: Environment): unknown => Object.fromEntries(protocolsOf(environment));
const usage = (variable: string) => ({ code: 'usage', message: new RegExp(`variable ${variable} is`) });

test('a signal goes where its endpoint is named, and nowhere else', () => {
  assert.deepEqual(sent({}), {});
  const all = { traces: 'http/protobuf', metrics: 'http/protobuf', logs: 'http/protobuf' };
  assert.deepEqual(sent(endpoint), all);
  assert.deepEqual(sent({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://x' }), { logs: 'http/protobuf' });
  assert.deepEqual(sent({ ...endpoint, OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'otlp' }), {
    traces: 'http/protobuf',
    logs: 'http/protobuf',
  });
  assert.deepEqual(sent({ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }), {});
});

test('protocols, in general and of one signal', () => {
  const mixed = {
    ...endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf',
  };
  assert.deepEqual(sent(mixed), { traces: 'http/json', metrics: 'http/json', logs: 'http/protobuf' });
  const variables = ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'];
  for (const name of variables) assert.throws(() => sent({ ...endpoint, [name]: 'grpc' }), usage(name));
  assert.throws(() => sent({ ...endpoint, OTEL_TRACES_EXPORTER: 'zipkin' }), usage('OTEL_TRACES_EXPORTER'));
});

test('samplers', () => {
  const samples = (environment: Environment, parent?: boolean): boolean => {
    const traceFlags = parent ? TraceFlags.SAMPLED : TraceFlags.NONE;
    const spanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags };
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContext);
    const { decision } = samplerOf(environment).shouldSample(context, 'f'.repeat(32), 'x', SpanKind.SERVER, {}, []);
    return decision === SamplingDecision.RECORD_AND_SAMPLED;
  };
  const named = (name: string, argument?: string): Environment => ({
    OTEL_TRACES_SAMPLER: name,
    OTEL_TRACES_SAMPLER_ARG: argument,
  });
  assert.deepEqual([samples({}), samples({}, false), samples({}, true)], [true, false, true]);
  assert.equal(samples(named('always_on'), false), true);
  assert.equal(samples(named('always_off'), true), false);
  assert.equal(samples(named('parentbased_always_off'), true), true);
  assert.equal(samples(named('traceidratio', '0')), false);
  assert.equal(samples(named('parentbased_traceidratio', '1')), true);
  assert.throws(() => samplerOf(named('jaeger_remote')), usage('OTEL_TRACES_SAMPLER'));
  for (const ratio of ['2', '-1', 'half', ' ']) {
    assert.throws(() => samplerOf(named('traceidratio', ratio)), usage('OTEL_TRACES_SAMPLER_ARG'), ratio);
  }
});

test('numbers', () => {
  assert.equal(numberOf({}, 'OTEL_BSP_SCHEDULE_DELAY'), undefined);
  assert.equal(numberOf({ OTEL_BSP_SCHEDULE_DELAY: '250' }, 'OTEL_BSP_SCHEDULE_DELAY'), 250);
  for (const text of ['-1', '1.5', '1s']) {
    assert.throws(
      () => numberOf({ OTEL_BSP_SCHEDULE_DELAY: text }, 'OTEL_BSP_SCHEDULE_DELAY'),
      usage('OTEL_BSP_SCHEDULE_DELAY'),
    );
  }
});
