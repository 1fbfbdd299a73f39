// Publishing by MQTT through each version of its interface, at a real broker: permissions, qualities of service, errors,
// and what requests share.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { connectAsync } from 'mqtt';
import { type MqttBroker, mosquittoMissing, startMosquitto } from '../../../test/support/servers/brokers.ts';
import { within } from '../../../test/support/within.ts';
import { defaultRuntimeConfig, type RuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import { guestsOf, type TestGuest } from '../guests-of.test-kit.ts';
import { createMqttService } from './service.ts';

const two = 'fermyon:spin/mqtt@2.0.0';
const three = 'spin:mqtt/mqtt@3.0.0';
const versions = [two, three];

const skip = mosquittoMissing();
const options = { skip, timeout: 30_000 };
const PASSWORD = 'a secret';
let broker: MqttBroker | undefined;
const running = (): MqttBroker => broker ?? assert.fail('no broker');
before(async () => {
  if (!skip) broker = await startMosquitto({ password: PASSWORD });
});
after(() => broker?.close());

const app = (hosts: readonly string[] = ['mqtt://127.0.0.1:*'], runtimeConfig: Partial<RuntimeConfig> = {}) =>
  guestsOf(createMqttService(), { component: { allowedOutboundHosts: hosts }, runtimeConfig });

interface Opening {
  readonly version?: string;
  readonly address?: string;
  readonly user?: string;
  readonly password?: string;
  readonly keepAlive?: bigint;
}
const address = (id: string, { url } = running()): string => `${url}?client_id=${id}`;
const opening = (guest: TestGuest, given: Opening = {}): Promise<unknown> => {
  const { version = two, user = 'guest', password = PASSWORD, keepAlive = 30n } = given;
  return guest.call(`${version} [static]connection.open`, given.address ?? address('test'), user, password, keepAlive);
};
const open = async (guest: TestGuest, given: Opening = {}): Promise<unknown> => {
  const { tag, val } = (await opening(guest, given)) as { tag: string; val: unknown };
  assert.equal(tag, 'ok', JSON.stringify(val));
  return val;
};
const publish = (
  guest: TestGuest,
  one: unknown,
  text: string,
  { topic = 'topic', qos = 'at-least-once', version = two } = {},
) =>
  within(guest.call(`${version} [method]connection.publish`, one, topic, Buffer.from(text), qos), `publishing ${text}`);

const done = { tag: 'ok', val: undefined };
const err = (tag: string, val?: string) => ({ tag: 'err', val: val === undefined ? { tag } : { tag, val } });

/** What the broker hands on under a topic. */
async function listen(topic: string): Promise<{ next(): Promise<string>; close(): Promise<void> }> {
  const client = await connectAsync(running().url, { username: 'guest', password: PASSWORD });
  await client.subscribeAsync(topic, { qos: 2 });
  const texts: string[] = [];
  client.on('message', (_topic, payload, { qos }) => void texts.push(`${payload.toString()} at ${qos}`));
  return {
    async next() {
      for (let tries = 0; texts.length === 0 && tries < 500; tries++) await new Promise((one) => setTimeout(one, 10));
      return texts.shift() ?? assert.fail('no message came');
    },
    close: () => client.endAsync(),
  };
}

test('every version and quality of service', options, async () => {
  const at = await app();
  const messages = await listen('a/b');
  for (const version of versions) {
    const guest = at.request();
    const one = await open(guest, { version, address: address('all') });
    for (const [level, qos] of ['at-most-once', 'at-least-once', 'exactly-once'].entries()) {
      assert.deepEqual(await publish(guest, one, `${version} ä`, { topic: 'a/b', qos, version }), done);
      assert.equal(await messages.next(), `${version} ä at ${level}`);
    }
    guest.drop(version, 'connection', one);
  }
  const guest = at.request();
  assert.deepEqual(await publish(guest, await open(guest), '', { topic: 'a/b' }), done);
  assert.equal(await messages.next(), ' at 1');
  await messages.close();
  await at.close();
});

test('requests share a connection, so that one client id serves all of them at once', options, async () => {
  const at = await app();
  const all = await Promise.all(
    Array.from({ length: 50 }, async (_, number) => {
      const guest = at.request();
      return publish(guest, await open(guest), String(number), { qos: 'exactly-once' });
    }),
  );
  assert.deepEqual(new Set(all.map((result) => JSON.stringify(result))), new Set([JSON.stringify(done)]));
  assert.equal(at.kept.size, 1);
  await at.close();
  assert.equal(at.kept.size, 0);
});

test('where a component may not connect', options, async () => {
  const { port } = running();
  const at = await app(['mqtt://127.0.0.1:1', `redis://127.0.0.1:${port}`]);
  for (const version of versions) {
    const guest = at.request();
    for (const given of [address('x'), `mqtts://127.0.0.1:1?client_id=x`, `127.0.0.1:${port}`, '', 'mqtt://[']) {
      const denied = err('connection-failed', `address ${given} is not permitted`);
      assert.deepEqual(await opening(guest, { version, address: given }), denied);
    }
  }
  const entry = `mqtt://127.0.0.1:${port}`;
  assert.equal(
    at.lines[0]?.message,
    `It may not connect to ${entry}. To allow it, add to [component.guest]: allowed_outbound_hosts = ["${entry}"]`,
  );
  await at.close();
});

test('what is no address of a broker', options, async () => {
  const at = await app(['*://127.0.0.1:*']);
  const guest = at.request();
  const { port } = running();
  const bad = [`mqtt://127.0.0.1:${port}`, `http://127.0.0.1:${port}?client_id=x`, `127.0.0.1:${port}?client_id=x`];
  for (const given of [...bad, `mqtt://127.0.0.1:${port}?client_id=x&foo=1`, `${address('x')}&clean_session=maybe`]) {
    assert.deepEqual(await opening(guest, { address: given }), err('invalid-address'), given);
  }
  await at.close();
});

test('a broker that is not there, or refuses the user: at the first message, as in Spin', options, async () => {
  const at = await app();
  const guest = at.request();
  const nobody = await open(guest, { address: 'mqtt://127.0.0.1:1?client_id=x' });
  assert.deepEqual(
    await publish(guest, nobody, 'x'),
    err('connection-failed', 'I/O: Connection refused (os error 111)'),
  );
  const stranger = await open(guest, { password: 'wrong' });
  assert.deepEqual(
    await publish(guest, stranger, 'x'),
    err('connection-failed', 'Connection refused, return code: `NotAuthorized`'),
  );
  assert.equal(at.kept.size, 0);
  assert.ok(!JSON.stringify(at.lines).includes('wrong'));
  await at.close();
});

test('topics and users that a broker would hang up for', options, async () => {
  const at = await app();
  const guest = at.request();
  const one = await open(guest);
  for (const topic of ['', 'a/#', '+', 'a\0b', 'x'.repeat(65_536)]) {
    const refused = err('other', 'Failed to send mqtt requests to eventloop');
    assert.deepEqual(await publish(guest, one, 'x', { topic }), refused);
  }
  for (const user of ['a\0b', 'x'.repeat(65_536)]) {
    const refused = err('other', 'a user or a password holds a NUL, or more than 65535 bytes');
    assert.deepEqual(await opening(guest, { user }), refused);
    assert.deepEqual(await opening(guest, { password: user }), refused);
  }
  assert.deepEqual(await publish(guest, one, 'x'), done);
  await at.close();
});

test('large messages, and the limit of the runtime configuration', options, async () => {
  const at = await app(undefined, { mqttMaxPayloadBytes: 1_000_000 });
  const guest = at.request();
  const one = await open(guest);
  assert.deepEqual(await publish(guest, one, 'x'.repeat(1_000_000)), done);
  assert.deepEqual(
    await publish(guest, one, 'x'.repeat(1_000_001)),
    err('other', 'payload size 1000001 exceeds the maximum allowed size of 1000000 bytes'),
  );
  await at.close();
});

test('a sandbox has so many connections, and gets room when it drops one', options, async () => {
  const at = await app();
  const guest = at.request();
  const all: unknown[] = [];
  for (let count = 0; count < 128; count++) all.push(await open(guest));
  assert.deepEqual(await opening(guest), err('too-many-connections'));
  guest.drop(two, 'connection', all.pop());
  await open(guest);
  await at.close();
});

const counted = {
  max_connections: { maxConnections: { ...defaultRuntimeConfig().maxConnections, mqtt: 2 } },
  max_total_connections: {
    outboundNetworking: { ...defaultRuntimeConfig().outboundNetworking, maxTotalConnections: 2 },
  },
};

for (const [key, config] of Object.entries(counted)) {
  test(`${key}: connections that nobody uses go first`, options, async () => {
    const at = await app(undefined, config);
    const guest = at.request();
    for (let count = 0; count < 5; count++) {
      const one = await open(guest, { address: address(`client-${count}`) });
      assert.deepEqual(await publish(guest, one, String(count)), done);
      assert.ok(at.kept.size <= 2);
    }
    await at.close();
  });
}

test('a broker that dies and comes back gets messages again, of the same handle, too', options, async () => {
  const own = await startMosquitto();
  const at = await app();
  const guest = at.request();
  const one = await open(guest, { address: address('x', own) });
  assert.deepEqual(await publish(guest, one, 'before'), done);
  await own.stop();
  assert.equal(((await publish(guest, one, 'meanwhile')) as { tag: string }).tag, 'err');
  await own.start();
  assert.deepEqual(await publish(guest, one, 'after'), done);
  await at.close();
  await own.close();
});

test('a broker that hangs costs the requests that wait for it', options, async () => {
  const own = await startMosquitto();
  const at = await app();
  const guest = at.request();
  const one = await open(guest, { address: address('x', own) });
  assert.deepEqual(await publish(guest, one, 'before'), done);
  own.freeze();
  const waiting = publish(guest, one, 'x'.repeat(2_000_000));
  setTimeout(() => guest.abort(), 20);
  await assert.rejects(waiting, { message: 'the request is over' });
  own.thaw();
  const next = at.request();
  assert.deepEqual(await publish(next, await open(next, { address: address('x', own) }), 'after'), done);
  await at.close();
  await own.close();
});

/** Runs `work` with the port of a broker that answers each piece that it gets with `bytes`. */
async function fake(
  bytes: Uint8Array | ((connection: number, piece: Buffer) => Uint8Array | undefined) | undefined,
  work: (port: number) => Promise<void>,
  onClose: () => void = () => undefined,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const number = sockets.size;
    socket
      .on('error', () => undefined)
      .on('close', onClose)
      .on('data', (piece: Buffer) => {
        const answer = typeof bytes === 'function' ? bytes(number, piece) : bytes;
        if (answer) socket.write(answer);
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await work((server.address() as { port: number }).port);
  for (const socket of sockets) socket.destroy();
  server.close();
}

/** CONNACK, and what no publisher gets: a message, a packet of 256 MiB, more than an acknowledgement has. */
const hostile = { message: '3003000161', endless: '50ffffff7f', long: '4003000100', reserved: '0000' };

for (const [name, hex] of Object.entries(hostile)) {
  test(`a broker that sends packets of another kind is left: ${name}`, options, async () => {
    await fake(Buffer.from(`20020000${hex}`, 'hex'), async (port) => {
      const at = await app();
      const guest = at.request();
      const one = await open(guest, { address: `mqtt://127.0.0.1:${port}?client_id=x` });
      const { tag, val } = (await publish(guest, one, 'x')) as { tag: string; val: { tag: string; val: string } };
      assert.equal(tag, 'err');
      assert.equal(val.tag, 'connection-failed');
      assert.equal(at.kept.size, 0);
      await at.close();
    });
  });
}

test('a broker that takes the connection and says nothing is waited for as long as in Spin', options, async () => {
  await fake(undefined, async (port) => {
    const at = await app();
    const guest = at.request();
    const one = await open(guest, { address: `mqtt://127.0.0.1:${port}?client_id=x` });
    assert.deepEqual(await publish(guest, one, 'x'), err('connection-failed', 'Network timeout'));
    await at.close();
  });
});

test('a broker that took nothing for a while gets a new connection with the next request', options, async () => {
  /** The first connection gets no answer but CONNACK; later ones have each message acknowledged. */
  const answer = (connection: number, piece: Buffer): Uint8Array | undefined => {
    if (piece[0] === 0x10) return Buffer.from('20020000', 'hex');
    const id = 2 + 2 + (piece[3] ?? 0);
    return connection === 1 ? undefined : Buffer.concat([Buffer.from('4002', 'hex'), piece.subarray(id, id + 2)]);
  };
  await fake(answer, async (port) => {
    const at = await app();
    const guest = at.request();
    const one = await open(guest, { address: `mqtt://127.0.0.1:${port}?client_id=x` });
    const waiting = publish(guest, one, 'x');
    setTimeout(() => guest.abort(), 2100);
    await assert.rejects(waiting, { message: 'the request is over' });
    const next = at.request();
    const other = await open(next, { address: `mqtt://127.0.0.1:${port}?client_id=x` });
    assert.deepEqual(await publish(next, other, 'y'), done);
    await at.close();
  });
});

test('what a connection keeps of a user and a password is counted, and given back with its handle', {
  timeout: 30_000,
}, async () => {
  const at = await app();
  const guest = at.request(1_000_000);
  const [given, text] = ['mqtt://127.0.0.1:1?client_id=x', 'x'.repeat(60_000)];
  const all: unknown[] = [];
  const openAll = async (): Promise<void> => {
    for (;;) all.push(await open(guest, { address: given, user: text, password: text }));
  };
  await assert.rejects(openAll(), { message: 'Limit reached: held (1000000 bytes)' });
  assert.ok(all.length < 17, `${all.length} connections`);
  for (const one of all) guest.drop(two, 'connection', one);
  assert.equal(guest.hostBytes.bytes, 0);
  await open(guest, { address: given, user: text });
  const long = `${given}&${'x'.repeat(1_000_000)}`;
  assert.deepEqual(
    await opening(guest, { address: long }),
    err('connection-failed', `address ${long} is not permitted`),
  );
  await at.close();
});

test('messages without a payload that requests leave behind count, too', { timeout: 30_000 }, async () => {
  const connack = Uint8Array.of(0x20, 2, 0, 0);
  let closed = 0;
  const answer = (_connection: number, piece: Buffer): Uint8Array | undefined =>
    piece[0] === 0x10 ? connack : undefined;
  await fake(
    answer,
    async (port) => {
      const at = await app();
      for (let round = 0; round < 40 && closed === 0; round++) {
        const guest = at.request();
        const one = await open(guest, { address: `mqtt://127.0.0.1:${port}?client_id=x` });
        const waiting = publish(guest, one, '', { topic: 'x'.repeat(60_000) });
        setTimeout(() => guest.abort(), 5);
        await assert.rejects(waiting);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.notEqual(closed, 0, 'the connection is kept with 2.4 MB of messages of requests that are over');
      await at.close();
    },
    () => {
      closed += 1;
    },
  );
});
