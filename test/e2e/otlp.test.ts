// What a collector of OpenTelemetry gets of `mayfly up`: one trace for a request through two components, a store and another
// server; metrics and lines of the log; nothing where no collector is named, and no request is lost with one that is down.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type Served, up } from '../support/up.ts';
import { mayfly } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-otlp-'));
const servers: Server[] = [];
after(() => {
  rmSync(folder, { recursive: true });
  for (const server of servers) server.close();
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

interface Received {
  readonly path: string;
  readonly type: string | undefined;
  readonly body: Buffer;
}

/** Serves until the test ends, at the latest. */
async function serve(t: TestContext, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Served> {
  const served = await up(args, env);
  t.after(() => served.process.kill('SIGKILL'));
  return served;
}

async function collector(): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    received.push({ path: request.url ?? '', type: request.headers['content-type'], body });
    response.setHeader('content-type', 'application/json').end('{}');
  });
  return { url: await listening(server), received };
}

/** What of the JSON of OTLP is looked at. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
}
interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** All elements of a list that may stand anywhere in what came. */
function elements<Element>(received: readonly Received[], name: string): Element[] {
  const found: Element[] = [];
  const look = (value: unknown): void => {
    for (const [key, inner] of Object.entries(Object(value))) {
      if (key === name) found.push(...(inner as Element[]));
      else if (typeof inner === 'object') look(inner);
    }
  };
  for (const { body } of received) look(JSON.parse(body.toString()));
  return found;
}

const attributeOf = ({ attributes }: { readonly attributes: readonly Attribute[] }, wanted: string): unknown =>
  Object.values(attributes.find(({ key }) => key === wanted)?.value ?? {})[0];

let upstream = '';
const seen: IncomingMessage['headers'][] = [];
const manifest = join(folder, 'spin.toml');
before(async () => {
  upstream = await listening(
    createServer((request, response) => {
      seen.push(request.headers);
      response.end('from afar');
    }),
  );
  writeFileSync(
    join(folder, 'front.ts'),
    `export default { async fetch() {
  console.log('on the way');
  const near = await fetch('http://back.spin.internal/near');
  const far = await fetch('${upstream}/far?a=b');
  return new Response(await near.text() + (await far.text()));
} };\n`,
  );
  writeFileSync(
    join(folder, 'back.ts'),
    `import { keyValue } from 'mayfly/sdk';
export default { fetch() {
  keyValue.open('default').set('a', 'b');
  return new Response('from near, ');
} };\n`,
  );
  writeFileSync(
    manifest,
    `spin_manifest_version = 2
application = { name = "traced" }
[[trigger.http]]
route = "/front/:id"
component = "front"
[[trigger.http]]
route = { private = true }
component = "back"
[component.front]
source = "front.ts"
allowed_outbound_hosts = ["http://back.spin.internal", "${upstream}"]
[component.back]
source = "back.ts"
key_value_stores = ["default"]
`,
  );
});

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parent = 'b7ad6b7169203331';
const headers = { traceparent: `00-${traceId}-${parent}-01`, tracestate: 'a=1', baggage: 'user=x' };

test('a request through two components, a store and another server is one trace', async (t) => {
  const { url, received } = await collector();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
  const served = await serve(t, ['-f', manifest], {
    ...env,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
  seen.length = 0;
  assert.equal(await (await fetch(`${served.url}/front/7?q`, { headers })).text(), 'from near, from afar');
  assert.equal(await served.stop(), 0);

  const spans = elements<Span>(received, 'spans');
  assert.deepEqual(new Set(spans.map((span) => span.traceId)), new Set([traceId]));
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  /** The names of a span and of those above it, the lowest first. */
  const path = (span: Span): string[] => {
    const above = byId.get(span.parentSpanId ?? '');
    return [span.name, ...(above ? path(above) : [span.parentSpanId ?? ''])];
  };
  const front = ['spin_trigger_http.execute_wasm', 'GET /front/:id', parent];
  const sent = ['spin_outbound_http.send_request', ...front];
  const back = ['spin_trigger_http.execute_wasm', 'GET /...', ...sent];
  assert.deepEqual(
    spans.map(path).map(String).sort(),
    [
      front,
      front.slice(1),
      sent,
      sent,
      back,
      back.slice(1),
      ['spin_key_value.open', ...back],
      ['spin_key_value.set', ...back],
    ]
      .map(String)
      .sort(),
  );
  const server = spans.find(({ name }) => name === 'GET /front/:id') as Span;
  assert.equal(server.kind, 2);
  for (const [key, value] of Object.entries({
    'http.request.method': 'GET',
    'url.path': '/front/7',
    'url.query': 'q',
    'http.route': '/front/:id',
    'http.response.status_code': 200,
    'client.address': '127.0.0.1',
  })) {
    assert.equal(attributeOf(server, key), value, key);
  }
  const far = spans.find((span) => String(attributeOf(span, 'url.full')).endsWith('/far?a=b')) as Span;
  assert.deepEqual([far.kind, attributeOf(far, 'http.response.status_code')], [3, 200]);
  assert.equal(seen[0]?.traceparent, `00-${traceId}-${far.spanId}-01`);
  assert.deepEqual([seen[0]?.tracestate, seen[0]?.baggage], ['a=1', 'user=x']);

  const resources = elements<Attribute>(received.slice(0, 1), 'attributes');
  const named = new Map(resources.map(({ key, value }) => [key, value.stringValue]));
  assert.equal(named.get('service.name'), 'traced');
  assert.equal(named.get('deployment.environment.name'), 'test');

  const metrics = elements<{ readonly name: string }>(received, 'metrics').map(({ name }) => name);
  assert.deepEqual([...new Set(metrics)].sort(), [
    'spin.component_cpu_time',
    'spin.component_memory_used',
    'spin.request_count',
  ]);
  const lines = elements<Span & { readonly body: { readonly stringValue: string } }>(received, 'logRecords');
  const line = lines.find(({ body }) => body.stringValue === 'on the way');
  assert.deepEqual([line?.traceId, byId.get(line?.spanId ?? '')?.name], [traceId, 'spin_trigger_http.execute_wasm']);
});

test('what failed is an error, and workers tell as well', async (t) => {
  const { url, received } = await collector();
  writeFileSync(join(folder, 'fails.ts'), "export default { fetch() { throw new Error('it fell'); } };\n");
  const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces`, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
  const served = await serve(t, [join(folder, 'fails.ts'), '--workers', '2'], env);
  assert.equal((await fetch(served.url)).status, 500);
  assert.equal(await served.stop(), 0);
  const span = elements<Span>(received, 'spans').find(({ kind }) => kind === 2) as Span;
  assert.equal(span.status.code, 2);
  assert.ok(attributeOf(span, 'error.type'));
  assert.deepEqual(new Set(received.map(({ path }) => path)), new Set(['/v1/traces']));
});

test('by default in Protocol Buffers', async (t) => {
  const { url, received } = await collector();
  const served = await serve(t, ['-f', manifest], { OTEL_EXPORTER_OTLP_ENDPOINT: url });
  await (await fetch(`${served.url}/front/7`)).text();
  assert.equal(await served.stop(), 0);
  const traces = received.find(({ path }) => path === '/v1/traces');
  assert.equal(traces?.type, 'application/x-protobuf');
  // A message of one field, 1: the spans of a resource, which is a message again.
  assert.equal(traces?.body[0], 0x0a);
  for (const name of ['GET /front/:id', 'spin_key_value.set', 'service.name', 'traced']) {
    assert.ok(traces?.body.includes(name), name);
  }
});

test('a collector that is down costs no request, and is told of once', async (t) => {
  const down = await listening(createServer());
  servers.pop()?.close();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: down, OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_EXPORTER_OTLP_TIMEOUT: '500' };
  const served = await serve(t, ['-f', manifest], env);
  for (let count = 0; count < 3; count++) assert.equal((await fetch(`${served.url}/front/7`)).status, 200);
  await served.printed(/Telemetry is lost: /);
  assert.equal(await served.stop(), 0);
  assert.equal(served.output().match(/Telemetry is lost/g)?.length, 1);
});

test('without a collector what came is passed on as it came', async (t) => {
  const served = await serve(t, ['-f', manifest]);
  seen.length = 0;
  await (await fetch(`${served.url}/front/7`, { headers })).text();
  await (await fetch(`${served.url}/front/7`)).text();
  assert.equal(await served.stop(), 0);
  const traced = seen.map(({ traceparent, tracestate, baggage }) => ({ traceparent, tracestate, baggage }));
  assert.deepEqual(traced, [headers, { traceparent: undefined, tracestate: undefined, baggage: undefined }]);
});

test('what Mayfly does not know is refused before anything is served', () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  const { code, stderr } = mayfly(['up', '-f', manifest, '--listen', '127.0.0.1:0'], folder, env);
  assert.notEqual(code, 0);
  assert.match(stderr, /OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; Mayfly knows 'http\/protobuf' and 'http\/json'/);
});
