// Requests with bytes changed, cut off, joined and sent in pieces: the server answers or closes, never anything that
// is no HTTP, and a neighbour is answered all the while.
import { connect } from 'node:net';
import { guestPath } from '../../guests/build.ts';
import { type Random, seeded } from '../../support/random.ts';
import { type AttackedServer, attackedServer } from '../attacked-server.ts';
import { startHeartbeat } from '../heartbeat.ts';
import { type HostileSuite, Tally } from '../suite.ts';

const AT_ONCE = 8;
/** The client goes away after this; servers may wait longer for the rest of a request. */
const PATIENCE_MS = 400;

const heads = [
  'GET /echo/ HTTP/1.1\r\nhost: a\r\n\r\n',
  'GET /hello/ HTTP/1.0\r\n\r\n',
  'POST /echo/ HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello',
  'POST /echo/ HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'POST /echo/ HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n',
  'POST /echo/ HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\nhello',
  'GET http://a/hello/ HTTP/1.1\r\nhost: b\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n',
  'HEAD /hello/ HTTP/1.1\r\nhost: a\r\n\r\n',
];
const pieces = [
  ...[
    '\r\n',
    '\n',
    '\r',
    ' ',
    '\t',
    '\0',
    ':',
    ',',
    'chunked',
    'transfer-encoding: chunked\r\n',
    'content-length: 0\r\n',
  ],
  ...[
    'content-length: 99999999999999999999\r\n',
    'connection: close\r\n',
    'host: b\r\n',
    'HTTP/2.0',
    'ffffffffffffffff\r\n',
  ],
];

export const requests: HostileSuite = {
  name: 'requests',
  promise: 'No bytes of a client break the server or reach the next one',
  async run({ seconds, seed, say }) {
    const tally = new Tally();
    const random = seeded(seed);
    const server = await attackedServer({
      echo: { source: await guestPath('echo-c') },
      hello: { source: await guestPath('hello-c') },
    });
    const heartbeat = startHeartbeat(`${server.url}/hello/`);
    const end = performance.now() + seconds * 1000;
    say('requests: changed at random');
    try {
      while (performance.now() < end) {
        await Promise.all(Array.from({ length: AT_ONCE }, () => attempt(server, random, tally)));
      }
      await tally.try('neighbours are answered', async () => void (await heartbeat.stop()));
    } finally {
      await tally.try('the process lives, and every reset was exact', () => server.stop());
    }
    return { counts: tally.counts, notes: [] };
  },
};

async function attempt({ url }: AttackedServer, random: Random, tally: Tally): Promise<void> {
  const bytes = Buffer.from(Array.from({ length: 1 + random.int(3) }, () => mangled(random)).join(''), 'latin1');
  const answer = await exchange(url, bytes, random);
  const wrong = answer !== '' && !/^HTTP\/1\.1 [1-5]\d\d /.test(answer);
  tally.add(
    'what comes back is HTTP, or nothing',
    wrong ? `${bytes.toString('base64')} got ${answer.slice(0, 80)}` : undefined,
  );
}

function mangled(random: Random): string {
  let text = random.pick(heads);
  for (let turn = random.int(4); turn > 0; turn--) {
    const at = random.int(text.length);
    const piece = random.once(3) ? String.fromCharCode(random.int(256)) : random.pick(pieces);
    text = text.slice(0, at) + piece + text.slice(at + random.int(4));
  }
  return text;
}

/** All that comes back until the server closes, or the client has waited long enough. */
function exchange(url: string, bytes: Buffer, random: Random): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      const cut = random.int(bytes.length + 1);
      socket.write(bytes.subarray(0, cut));
      setImmediate(() => socket.write(bytes.subarray(cut)));
    });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}
