// The switch for wasi:otel: with it what a component records reaches the collector of the environment, without it a call
// ends the component.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import { up } from '../support/up.ts';
import { within } from '../support/within.ts';

test('a line of a log goes to the collector', { timeout: 120_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-otel-'));
  t.after(() => rm(folder, { recursive: true }));
  const manifest = join(folder, 'spin.toml');
  await writeFile(
    manifest,
    `spin_manifest_version = 2
application.name = "recorded"
[[trigger.http]]
route = "/..."
component = "a"
[component.a]
source = ${JSON.stringify(await guestPath('services-c'))}
`,
  );
  const taken = Promise.withResolvers<unknown>();
  const collector = createServer(async (request, response) => {
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    // What the host tells of itself comes in Protocol Buffers.
    const isOfGuest = request.headers['content-type'] === 'application/json';
    if (isOfGuest) taken.resolve({ url: request.url, body: JSON.parse(text) });
    response.end(isOfGuest ? '{}' : undefined);
  }).listen(0, '127.0.0.1');
  t.after(() => collector.close());
  await once(collector, 'listening');
  const { port } = collector.address() as { port: number };
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };

  const recording = await up(['-f', manifest, '--state-dir', '', '--experimental-wasi-otel'], environment);
  assert.equal(await (await fetch(`${recording.url}/log?text=hello`)).text(), 'handed over');
  assert.deepEqual(await within(taken.promise, 'the record'), {
    url: '/v1/logs',
    body: {
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'recorded' } }] },
          scopeLogs: [{ logRecords: [{ body: { stringValue: 'hello' }, attributes: [] }] }],
        },
      ],
    },
  });
  assert.equal(await recording.stop(), 0);

  const silent = await up(['-f', manifest, '--state-dir', ''], environment);
  const response = await fetch(`${silent.url}/log?text=hello`);
  assert.equal(response.status, 500);
  assert.match(silent.output(), /wasi:otel\/logs@0\.2\.0-rc\.2 on-emit/);
  assert.match(silent.output(), /'--experimental-wasi-otel' adds wasi:otel/);
  assert.equal(await silent.stop(), 0);
});
