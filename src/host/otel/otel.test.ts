// What guests record reaches a collector in the form of OTLP, and a collector that is not there, hangs or refuses costs
// records, not requests.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { within } from '../../../test/support/within.ts';
import type { Value } from '../../component/types/val-type.ts';
import { guestsOf, type TestApp } from '../guests-of.test-kit.ts';
import type { Environment } from './environment.ts';
import { createOtelService } from './service.ts';

const tracing = 'wasi:otel/tracing@0.2.0-rc.2';
const metrics = 'wasi:otel/metrics@0.2.0-rc.2';
const logs = 'wasi:otel/logs@0.2.0-rc.2';
const options = { timeout: 30_000 };

interface Taken {
  readonly url: string | undefined;
  readonly key: string | string[] | undefined;
  readonly body: Record<string, never>;
}

const accept = (response: ServerResponse): void => void response.end('{}');

async function collect(
  answer: (response: ServerResponse) => void,
  work: (app: TestApp<unknown>, taken: Taken[]) => Promise<void>,
  more: Environment = {},
): Promise<void> {
  const taken: Taken[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const { url, headers } = request;
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>).catch(() => [])).toString();
    if (text !== '') taken.push({ url, key: headers['x-key'], body: JSON.parse(text) });
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b', ...more };
  const app = await guestsOf(createOtelService({ environment }));
  try {
    await work(app, taken);
  } finally {
    await app.close();
    server.closeAllConnections();
    server.close();
  }
}

const context = (spanId: string): Value => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId,
  traceFlags: { sampled: true },
  isRemote: false,
  traceState: [['a', 'b']],
});
const scope = { name: 'guest', version: '1', schemaUrl: undefined, attributes: [] };
const time = { seconds: 1_700_000_000n, nanoseconds: 5 };
const attributes = [
  { key: 'text', value: '"ä"' },
  { key: 'whole', value: '7' },
  { key: 'part', value: '0.5' },
  { key: 'yes', value: 'true' },
  { key: 'list', value: '["x"]' },
  { key: 'none', value: 'no JSON' },
];
const otlpAttributes = [
  { key: 'text', value: { stringValue: 'ä' } },
  { key: 'whole', value: { intValue: '7' } },
  { key: 'part', value: { doubleValue: 0.5 } },
  { key: 'yes', value: { boolValue: true } },
  { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }] } } },
  { key: 'none', value: { stringValue: 'no JSON' } },
];
const span = (spanId: string): Value => ({
  spanContext: context(spanId),
  parentSpanId: '00f067aa0ba902b7',
  spanKind: 'client',
  name: 'a span',
  startTime: time,
  endTime: time,
  attributes,
  events: [{ name: 'event', time, attributes: [] }],
  links: [{ spanContext: context('00f067aa0ba902b7'), attributes: [] }],
  status: { tag: 'error', val: 'broken' },
  instrumentationScope: scope,
  droppedAttributes: 1,
  droppedEvents: 2,
  droppedLinks: 3,
});
const ID = 'b7ad6b7169203331';

test('spans and lines of a log, with the names that the operator gives', options, async () => {
  const names = { OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'zone=north, service.name=other' };
  await collect(
    accept,
    async (app, taken) => {
      const guest = app.request();
      await guest.call(`${tracing} on-start`, context(ID));
      await guest.call(`${tracing} on-end`, span(ID));
      const nothing = ['observedTimestamp', 'attributes', 'resource', 'traceId', 'spanId', 'traceFlags', 'eventName'];
      await guest.call(`${logs} on-emit`, {
        ...Object.fromEntries(nothing.map((key) => [key, undefined])),
        timestamp: time,
        severityText: 'INFO',
        severityNumber: 9,
        body: '"a line"',
        instrumentationScope: scope,
      });
      assert.deepEqual(await guest.call(`${tracing} outer-span-context`), {
        traceId: '0'.repeat(32),
        spanId: '0'.repeat(16),
        traceFlags: { sampled: false },
        isRemote: false,
        traceState: [],
      });
      await app.close();
      const resource = {
        attributes: [
          { key: 'service.name', value: { stringValue: 'shop' } },
          { key: 'zone', value: { stringValue: 'north' } },
        ],
      };
      const otlpScope = { name: 'guest', version: '1', attributes: [] };
      const otlpContext = { traceId: '0af7651916cd43dd8448eb211c80319c', traceState: 'a=b', flags: 1 };
      const nanoseconds = '1700000000000000005';
      const byUrl = Object.fromEntries(taken.map(({ url, body }) => [url, body]));
      assert.ok(taken.every(({ key }) => key === 'a b'));
      assert.deepEqual(byUrl['/v1/traces'], {
        resourceSpans: [
          {
            resource,
            scopeSpans: [
              {
                scope: otlpScope,
                spans: [
                  {
                    ...otlpContext,
                    spanId: ID,
                    parentSpanId: '00f067aa0ba902b7',
                    name: 'a span',
                    kind: 3,
                    startTimeUnixNano: nanoseconds,
                    endTimeUnixNano: nanoseconds,
                    attributes: otlpAttributes,
                    droppedAttributesCount: 1,
                    events: [{ name: 'event', timeUnixNano: nanoseconds, attributes: [] }],
                    droppedEventsCount: 2,
                    links: [{ ...otlpContext, spanId: '00f067aa0ba902b7', attributes: [] }],
                    droppedLinksCount: 3,
                    status: { code: 2, message: 'broken' },
                  },
                ],
              },
            ],
          },
        ],
      });
      const line = {
        timeUnixNano: nanoseconds,
        severityText: 'INFO',
        severityNumber: 9,
        body: { stringValue: 'a line' },
        attributes: [],
      };
      assert.deepEqual(byUrl['/v1/logs'], {
        resourceLogs: [{ resource, scopeLogs: [{ scope: otlpScope, logRecords: [line] }] }],
      });
    },
    names,
  );
});

const int = (val: bigint) => ({ tag: val < 0n ? 's64' : 'u64', val });
const point = { attributes: [], exemplars: [] };
const exemplar = { filteredAttributes: [], time, value: { tag: 'f64', val: Number.NaN }, spanId: ID, traceId: 'aa' };
const distribution = { ...point, count: 3n, min: undefined, max: { tag: 'f64', val: 1.5 }, sum: int(7n) };
const whole = { startTime: time, time, temporality: 'delta', isMonotonic: true };
const metric = (tag: string, dataPoint: object) => ({
  name: tag,
  description: '',
  unit: '1',
  data: { tag, val: { ...whole, dataPoints: [dataPoint] } },
});

test('metrics of every kind', options, async () => {
  await collect(accept, async (app, taken) => {
    const guest = app.request();
    const given = {
      resource: { attributes, schemaUrl: undefined },
      scopeMetrics: [
        {
          scope,
          metrics: [
            metric('u64-gauge', { ...point, value: int(2n ** 64n - 1n), exemplars: [exemplar] }),
            metric('s64-sum', { ...point, value: int(-(2n ** 63n)) }),
            metric('f64-histogram', {
              ...distribution,
              bounds: Float64Array.of(1, Number.POSITIVE_INFINITY),
              bucketCounts: BigUint64Array.of(1n, 2n),
            }),
            metric('u64-exponential-histogram', {
              ...distribution,
              scale: -1,
              zeroCount: 4n,
              zeroThreshold: 0,
              positiveBucket: { offset: -2, counts: BigUint64Array.of(5n) },
              negativeBucket: { offset: 0, counts: new BigUint64Array() },
            }),
          ],
        },
      ],
    };
    assert.equal(await guest.ok(`${metrics} export`, given), undefined);
    assert.equal(guest.hostBytes.bytes, 0);
    assert.equal(taken[0]?.url, '/v1/metrics');
    const times = { startTimeUnixNano: '1700000000000000005', timeUnixNano: '1700000000000000005' };
    const base = { ...times, attributes: [], exemplars: [] };
    const exemplars = [
      { filteredAttributes: [], timeUnixNano: times.timeUnixNano, spanId: ID, traceId: 'aa', asDouble: 'NaN' },
    ];
    const sums = { count: '3', sum: 7, max: 1.5 };
    const parts = { description: '', unit: '1' };
    assert.deepEqual(taken[0]?.body, {
      resourceMetrics: [
        {
          resource: { attributes: otlpAttributes },
          scopeMetrics: [
            {
              scope: { name: 'guest', version: '1', attributes: [] },
              metrics: [
                {
                  name: 'u64-gauge',
                  ...parts,
                  gauge: { dataPoints: [{ ...base, exemplars, asDouble: 2 ** 64 }] },
                },
                {
                  name: 's64-sum',
                  ...parts,
                  sum: {
                    dataPoints: [{ ...base, asInt: '-9223372036854775808' }],
                    aggregationTemporality: 1,
                    isMonotonic: true,
                  },
                },
                {
                  name: 'f64-histogram',
                  ...parts,
                  histogram: {
                    dataPoints: [{ ...base, ...sums, explicitBounds: [1, 'Infinity'], bucketCounts: ['1', '2'] }],
                    aggregationTemporality: 1,
                  },
                },
                {
                  name: 'u64-exponential-histogram',
                  ...parts,
                  exponentialHistogram: {
                    dataPoints: [
                      {
                        ...base,
                        ...sums,
                        scale: -1,
                        zeroCount: '4',
                        zeroThreshold: 0,
                        positive: { offset: -2, bucketCounts: ['5'] },
                        negative: { offset: 0, bucketCounts: [] },
                      },
                    ],
                    aggregationTemporality: 1,
                  },
                },
              ],
            },
          ],
        },
      ],
    });
  });
});

test('a span ends once, after it has started, and a guest has so many at once', options, async () => {
  await collect(accept, async (app) => {
    const guest = app.request();
    await assert.rejects(guest.call(`${tracing} on-end`, span(ID)), {
      message: 'Trying to end a span that was not started',
    });
    await assert.rejects(guest.call(`${tracing} on-start`, context('x'.repeat(1000))), { name: 'Trap' });
    const start = (number: number) => guest.call(`${tracing} on-start`, context(number.toString(16).padStart(16, '0')));
    for (let count = 0; count < 4096; count++) await start(count);
    await assert.rejects(start(4096), { name: 'Trap' });
  });
});

test('without a collector nothing is kept, and the log says why', options, async () => {
  const app = await guestsOf(createOtelService({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'file:///etc' } }));
  const guest = app.request();
  await guest.call(`${tracing} on-end`, span(ID));
  await guest.ok(`${metrics} export`, { resource: { attributes: [] }, scopeMetrics: [] });
  assert.equal(
    app.lines[0]?.message,
    'Telemetry of guests goes nowhere: no OTEL_EXPORTER_* environment variables were found',
  );
  await app.close();
});

test('a collector that refuses', options, async () => {
  await collect(
    (response) => void response.writeHead(503).end(),
    async (app) => {
      const guest = app.request();
      const refused = await guest.call(`${metrics} export`, { resource: { attributes: [] }, scopeMetrics: [] });
      assert.deepEqual(refused, { tag: 'err', val: 'Internal failure.' });
      await guest.call(`${tracing} on-start`, context(ID));
      await guest.call(`${tracing} on-end`, span(ID));
      await app.close();
      const message = 'Telemetry of guests is lost: the collector answered with the status 503';
      assert.deepEqual(
        app.lines.map((line) => line.message),
        [message],
      );
    },
  );
});

test('a collector that hangs costs its own request, and records beyond a bound', options, async () => {
  const answers: ServerResponse[] = [];
  await collect(
    (response) => void answers.push(response),
    async (app) => {
      const guest = app.request();
      const waiting = guest.call(`${metrics} export`, { resource: { attributes: [] }, scopeMetrics: [] });
      setTimeout(() => guest.abort(), 20);
      await assert.rejects(within(waiting, 'the end of the request'), { message: 'the request is over' });
      const talkative = app.request();
      const large = { key: 'large', value: 'x'.repeat(1_000_000) };
      for (let count = 0; count < 10; count++) {
        await talkative.call(`${tracing} on-start`, context(ID));
        await talkative.call(`${tracing} on-end`, { ...(span(ID) as object), attributes: [large] });
      }
      const message = 'Telemetry of guests is lost: the collector takes less than guests record';
      assert.deepEqual(
        app.lines.map((line) => line.message),
        [message],
      );
      const closing = app.close();
      for (let tries = 0; answers.length < 2 && tries < 200; tries++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      for (const response of answers) response.end('{}');
      await within(closing, 'the end of the app');
    },
  );
});

test('a record whose attributes would make far more of themselves is lost before it is made', options, async () => {
  await collect(accept, async (app, taken) => {
    const guest = app.request();
    const value = `[${'[],'.repeat(200_000)}0]`;
    await guest.call(`${tracing} on-start`, context(ID));
    await guest.call(`${tracing} on-end`, { ...(span(ID) as object), attributes: [{ key: 'many', value }] } as Value);
    await guest.call(`${tracing} on-start`, context(ID));
    await guest.call(`${tracing} on-end`, span(ID));
    await app.close();
    assert.equal(taken.length, 1);
    assert.equal(JSON.stringify(taken[0]?.body).includes('many'), false);
  });
});
