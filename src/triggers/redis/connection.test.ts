// A subscription ends when its server is gone, hangs or refuses it, and says why.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { redisMissing, startRedis } from '../../../test/support/servers/redis.ts';
import { certificate, key } from '../../host/outbound-http/certificate.fixture.ts';
import { subscribe } from './connection.ts';

const limit = { timeout: 15_000 };
const real = { ...limit, skip: redisMissing() };
const times = { connectMs: 300, pingMs: 100 };
const never = new AbortController().signal;
const listeners = new Map([['a', () => {}]]);

async function server(t: TestContext) {
  const redis = await startRedis();
  t.after(() => redis.close());
  return redis;
}

test('a server that answers is left alone; one that hangs is lost', real, async (t) => {
  const redis = await server(t);
  const { lost } = await subscribe(redis.url, listeners, never, times);
  const first = await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, 500, 'alive'))]);
  assert.equal(first, 'alive');
  redis.freeze();
  assert.equal(await lost, 'the server does not answer');
  redis.thaw();
});

test('one that is gone is lost, and one that was never there is an error', real, async (t) => {
  const redis = await server(t);
  const { lost } = await subscribe(redis.url, listeners, never, times);
  await redis.stop();
  assert.match(await lost, /closed/);
  await assert.rejects(subscribe(redis.url, listeners, never, times), /ECONNREFUSED/);
});

test('a close and a signal end it', real, async (t) => {
  const redis = await server(t);
  const stop = new AbortController();
  const [one, two] = [
    await subscribe(redis.url, listeners, never, times),
    await subscribe(redis.url, listeners, stop.signal, times),
  ];
  one.close();
  stop.abort();
  assert.deepEqual([await one.lost, await two.lost], ['closed', 'closed']);
});

test('user, password and database of the address are what the server is told first', limit, async (t) => {
  const told: string[] = [];
  const listening = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const words = bytes
        .toString()
        .split('\r\n')
        .filter((word) => word !== '' && !/^[*$]\d/.test(word));
      told.push(words.join(' '));
      socket.write(
        words.includes('SUBSCRIBE') ? '+OK\r\n'.repeat(words.length < 4 ? 0 : words.includes('SELECT') ? 2 : 1) : '',
      );
      socket.write('*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n');
    });
  }).listen(0, '127.0.0.1');
  t.after(() => listening.close());
  await new Promise((resolve) => listening.once('listening', resolve));
  const { port } = listening.address() as { port: number };
  for (const [place, expected] of [
    ['', 'SUBSCRIBE a'],
    [':secret@', 'AUTH secret SUBSCRIBE a'],
    ['me:secret@', 'AUTH me secret SUBSCRIBE a'],
  ] as const) {
    const { close, lost } = await subscribe(`redis://${place}127.0.0.1:${port}`, listeners, never, {
      connectMs: 3_000,
      pingMs: 60_000,
    });
    assert.equal(told.at(-1), expected);
    close();
    await lost;
  }
  const { close, lost } = await subscribe(`redis://:p@127.0.0.1:${port}/3`, listeners, never, {
    connectMs: 3_000,
    pingMs: 60_000,
  });
  assert.equal(told.at(-1), 'AUTH p SELECT 3 SUBSCRIBE a');
  close();
  await lost;
});

test('a server that accepts and says nothing is given up', limit, async (t) => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  t.after(() => silent.close());
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { port: number };
  await assert.rejects(subscribe(`redis://127.0.0.1:${port}`, listeners, never, times), /does not answer/);
});

test('each answer at the start has its time, which is two times that of connecting', limit, async (t) => {
  const slow = createServer((socket) => {
    socket.on('error', () => {});
    const answer = '*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n';
    socket.once('data', () => {
      setTimeout(() => socket.write(answer), 1_500);
      setTimeout(() => socket.write(answer), 3_000);
    });
  }).listen(0, '127.0.0.1');
  t.after(() => slow.close());
  await new Promise((resolve) => slow.once('listening', resolve));
  const { port } = slow.address() as { port: number };
  const two = new Map([...listeners, ['b', () => {}]] as const);
  const found = await subscribe(`redis://127.0.0.1:${port}`, two, never, { connectMs: 1_000, pingMs: 60_000 });
  found.close();
  assert.equal(await found.lost, 'closed');
});

test('a server that talks nonsense is an error, and is lost when it does so later', limit, async (t) => {
  let later: Socket | undefined;
  const nonsense = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      if (!later) socket.write('?!\r\n');
      else if (bytes.toString().includes('subscribe')) socket.write('*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n');
      else socket.write('+OK\r\n'.repeat(bytes.toString().split('*').length - 1));
    });
    later &&= socket;
  }).listen(0, '127.0.0.1');
  t.after(() => nonsense.close());
  await new Promise((resolve) => nonsense.once('listening', resolve));
  const url = `redis://127.0.0.1:${(nonsense.address() as { port: number }).port}`;
  await assert.rejects(subscribe(url, listeners, never, times), Error);
  later = {} as Socket;
  const { lost, close } = await subscribe(url, listeners, never, { connectMs: 300, pingMs: 5_000 });
  later.write('?!\r\n');
  assert.match(await lost, /./);
  close();
});

test('a server that wants a password says so', real, async (t) => {
  const redis = await server(t);
  const wrong = redis.url.replace('redis://', 'redis://nobody:wrong@');
  await assert.rejects(subscribe(wrong, listeners, never, times), /WRONGPASS|AUTH/);
});

test('a message that is too long ends the connection before it is kept', limit, async (t) => {
  const { url, send } = await subscribing(t);
  for (const bytes of ['$134217729\r\n', `*1000\r\n${'*-1\r\n'.repeat(1000)}`.repeat(1100)]) {
    const { lost } = await subscribe(url, listeners, never, { connectMs: 3_000, pingMs: 5_000 });
    send(`*3\r\n$7\r\nmessage\r\n$1\r\na\r\n${bytes.startsWith('$') ? bytes : `*2000000\r\n${bytes}`}`);
    assert.match(await lost, /exceeds limit of 134217728 bytes/);
  }
});

/** A server that answers each command with one reply, and lets a test send to who came last. */
async function subscribing(t: TestContext) {
  let last: Socket | undefined;
  const server = createServer((socket) => {
    last = socket;
    socket.on('error', () => {});
    socket.on('data', () => socket.write('*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n'));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  t.after(() => last?.destroy());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return { url: `redis://127.0.0.1:${port}`, send: (bytes: string) => last?.write(bytes) };
}

test(
  'over TLS a certificate that nobody vouches for is refused, unless the address says that it need not be',
  limit,
  async (t) => {
    const secure = createTlsServer({ key, cert: certificate }, (socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.write('*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n'));
    }).listen(0, '127.0.0.1');
    t.after(() => secure.close());
    await new Promise((resolve) => secure.once('listening', resolve));
    const url = `rediss://127.0.0.1:${(secure.address() as { port: number }).port}`;
    const patient = { connectMs: 3_000, pingMs: 60_000 };
    await assert.rejects(subscribe(url, listeners, never, patient), /self-signed/);
    const { close, lost } = await subscribe(`${url}#insecure`, listeners, never, patient);
    close();
    assert.equal(await lost, 'closed');
  },
);
