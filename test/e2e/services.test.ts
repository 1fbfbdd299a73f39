// Redis, MQTT and language models as a component meets them: one C guest, with real servers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connectAsync } from 'mqtt';
import { type App, load } from '../../src/index.ts';
import { guestPath } from '../guests/build.ts';
import { type MqttBroker, mosquittoMissing, startMosquitto } from '../support/servers/brokers.ts';
import { type RedisServer, redisMissing, startRedis } from '../support/servers/redis.ts';
import { within } from '../support/within.ts';

const noRedis = redisMissing();
const noBroker = mosquittoMissing();
let folder: string;
let app: App;
let redis: RedisServer | undefined;
let broker: MqttBroker | undefined;
let models: Server;
const asked: unknown[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-services-'));
  const source = JSON.stringify(await guestPath('services-c'));
  if (!noRedis) redis = await startRedis();
  if (!noBroker) broker = await startMosquitto();
  models = createServer(async (request, response) => {
    asked.push(JSON.parse(Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()));
    response.end(JSON.stringify({ text: 'hello', usage: { promptTokenCount: 2, generatedTokenCount: 1 } }));
  }).listen(0, '127.0.0.1');
  await once(models, 'listening');
  await writeFile(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2
application.name = "services"
[[trigger.http]]
route = "/..."
component = "a"
[component.a]
source = ${source}
allowed_outbound_hosts = ["redis://127.0.0.1:*", "mqtt://127.0.0.1:*"]
ai_models = ["llama2-chat"]
[component.a.tool.mayfly.limits]
wall = "2s"
[[trigger.http]]
route = "/none/..."
component = "none"
[component.none]
source = ${source}
`,
  );
  const { port } = models.address() as { port: number };
  const runtimeConfig = join(folder, 'runtime-config.toml');
  await writeFile(
    runtimeConfig,
    `[llm_compute]\ntype = "remote_http"\nurl = "http://127.0.0.1:${port}"\nauth_token = "secret"\n`,
  );
  app = await load(join(folder, 'spin.toml'), { runtimeConfig });
});
after(async () => {
  await app.close();
  await redis?.close();
  await broker?.close();
  models.closeAllConnections();
  models.close();
  await rm(folder, { recursive: true });
});

async function ask(path: string, query: Record<string, string> = {}): Promise<string> {
  const response = await app.fetch(new Request(`http://localhost${path}?${new URLSearchParams(query)}`));
  return response.ok ? response.text() : String(response.status);
}

test('commands to Redis, and what they give', { skip: noRedis, timeout: 30_000 }, async () => {
  const address = redis?.url ?? '';
  const run = (command: string, first?: string, second?: string): Promise<string> =>
    ask('/redis', {
      address,
      command,
      ...(first === undefined ? {} : { first }),
      ...(second === undefined ? {} : { second }),
    });
  assert.equal(await run('SET', 'n', '9223372036854775806'), '1 status OK');
  assert.equal(await run('INCR', 'n'), '1 int 9223372036854775807');
  assert.equal(await run('MGET', 'n', 'none'), '2 bytes 9223372036854775807 nil');
  assert.equal(
    await run('LPUSH', 'n', 'x'),
    'error 3 WRONGTYPE: Operation against a key holding the wrong kind of value',
  );
  assert.equal(await run('SELECT', '5'), '1 status OK');
  assert.equal(await run('GET', 'n'), '1 bytes 9223372036854775807');
  const counts = await Promise.all(Array.from({ length: 20 }, () => run('INCR', 'count')));
  assert.equal(new Set(counts).size, 20);
  assert.equal(await within(run('BLPOP', 'nothing', '0'), 'the limit of the request'), '504');
  assert.equal(await ask('/none/redis', { address }), 'error 0 ');
});

test('messages by MQTT', { skip: noBroker, timeout: 30_000 }, async () => {
  const url = broker?.url ?? '';
  const client = await connectAsync(url);
  await client.subscribeAsync('news', { qos: 1 });
  const message = new Promise<[string, Buffer]>((resolve) =>
    client.once('message', (topic, payload) => resolve([topic, payload])),
  );
  const address = `${url}?client_id=guest`;
  assert.equal(await ask('/mqtt', { address, topic: 'news', payload: 'ä & b' }), 'published');
  const [topic, payload] = await within(message, 'the message');
  assert.deepEqual([topic, payload.toString()], ['news', 'ä & b']);
  await client.endAsync();
  assert.equal(await ask('/none/mqtt', { address }), `error 2 address ${address} is not permitted`);
});

test('a language model', { timeout: 30_000 }, async () => {
  assert.equal(await ask('/llm', { model: 'llama2-chat', prompt: 'Say' }), 'hello 2 1');
  assert.deepEqual(asked, [
    {
      model: 'llama2-chat',
      prompt: 'Say',
      options: {
        max_tokens: 5,
        repeat_penalty: 1.25,
        repeat_penalty_last_n_token_count: 6,
        temperature: 0.5,
        top_k: 7,
        top_p: 0.75,
      },
    },
  ]);
  assert.match(
    await ask('/none/llm', { model: 'llama2-chat' }),
    /^error 2 The component does not have access to use 'llama2-chat'/,
  );
});
