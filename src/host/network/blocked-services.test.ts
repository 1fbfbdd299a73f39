// Servers that guests name by address lie in no network that the runtime configuration blocks, by whatever name.
import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { defaultRuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import { guestsOf } from '../guests-of.test-kit.ts';
import { createMqttService } from '../mqtt/service.ts';
import { createMysqlService } from '../mysql/service.ts';
import { createPostgresService } from '../postgres/service.ts';
import { createRedisService } from '../redis/service.ts';
import type { HostService } from '../service.ts';

let connections = 0;
const server = createServer((socket) => {
  connections++;
  socket.destroy();
});
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => server.close());

const { outboundNetworking } = defaultRuntimeConfig();
const runtimeConfig = { outboundNetworking: { ...outboundNetworking, blockNetworks: ['private'] } };
const component = { allowedOutboundHosts: ['*://*:*'] };
const hosts = ['127.0.0.1', 'localhost', '0x7f.1', '[::ffff:127.0.0.1]'];
const port = (): number => (server.address() as AddressInfo).port;

test('redis', { timeout: 20_000 }, async () => {
  for (const host of hosts) {
    const app = await guestsOf(createRedisService(), { component, runtimeConfig });
    const guest = app.request();
    const answer = await guest.call('fermyon:spin/redis get', `redis://${host}:${port()}`, 'key');
    assert.match(JSON.stringify(answer), /"err"/, host);
    await app.close();
  }
  assert.equal(connections, 0);
});

test('mqtt', { timeout: 20_000 }, async () => {
  for (const host of hosts) {
    const app = await guestsOf(createMqttService(), { component, runtimeConfig });
    const guest = app.request();
    const open = 'fermyon:spin/mqtt@2.0.0 [static]connection.open';
    const connection = await guest.ok(open, `mqtt://${host}:${port()}?client_id=x`, 'u', 'p', 5n);
    const publish = 'fermyon:spin/mqtt@2.0.0 [method]connection.publish';
    const answer = await guest.call(publish, connection, 'topic', new Uint8Array(1), 'at-most-once');
    assert.match(JSON.stringify(answer), /block_networks/, host);
    await app.close();
  }
  assert.equal(connections, 0);
});

async function refused<App, Configured, State>(
  name: string,
  service: HostService<App, Configured, State>,
): Promise<void> {
  for (const host of hosts) {
    const app = await guestsOf(service, { component, runtimeConfig });
    const guest = app.request();
    const address = `${name}://u:p@${host}:${port()}/d`;
    const answer = await guest.call(`fermyon:spin/${name}@2.0.0 [static]connection.open`, address);
    assert.match(JSON.stringify(answer), /block_networks/, host);
    await app.close();
  }
  assert.equal(connections, 0);
}

test('postgres', { timeout: 20_000 }, () => refused('postgres', createPostgresService()));

test('mysql', { timeout: 20_000 }, () => refused('mysql', createMysqlService()));
