// Guests that pass on what they got, and upstreams that answer what they like: no visitor gets what is another's.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type App, load } from '../../src/index.ts';
import { guestPath } from '../guests/build.ts';

const short = { timeout: 20_000 };

let app: App;
let folder: string;
const servers: Server[] = [];
const sockets = new Set<Socket>();

/** Two components of the same code; the second reads no more than eight headers of a response. */
function manifest(source: string): string {
  const component = (id: string, more = ''): string => `[[trigger.http]]
route = "/${id}/..."
component = "${id}"
[component.${id}]
source = ${JSON.stringify(source)}
allowed_outbound_hosts = ["http://127.0.0.1:*", "http://one.spin.internal", "http://self"]
${more}`;
  return `spin_manifest_version = 2
[application]
name = "outbound"
${component('one')}
${component('two', '[component.two.tool.mayfly.limits]\nheader_count = 8\n')}`;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-outbound-'));
  await writeFile(join(folder, 'spin.toml'), manifest(await guestPath('web-js')));
  app = await load(join(folder, 'spin.toml'));
  // The engine of JavaScript is compiled at its first request, which takes seconds on a busy machine.
  await app.fetch(new Request('http://localhost/one/unread'));
});

after(async () => {
  await app.close();
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
  await rm(folder, { recursive: true });
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: RequestListener): Promise<string> => listen(createServer(listener));

async function ask(path: string, url: string, init?: RequestInit): Promise<string> {
  const query = `?url=${encodeURIComponent(url)}`;
  const response = await app.fetch(new Request(`http://localhost${path}${query}`, init));
  return `${response.status} ${await response.text()}`;
}

test(
  'a gateway that passes on a content-length without a body: nobody gets the next request of another',
  short,
  async () => {
    const seen: string[] = [];
    const url = await serve(async (req: IncomingMessage, res) => {
      res.end(`ok ${req.url}`);
      let body = '';
      for await (const chunk of req) body += chunk;
      seen.push(`${req.url} ${JSON.stringify(body)} ${req.headers.cookie}`);
    });
    const first = { method: 'POST', body: 'x'.repeat(60), headers: { 'content-length': '60', cookie: 'first' } };
    assert.equal(await ask('/one/gateway', `${url}/one`, first), '502 failed: TypeError');
    assert.equal(await ask('/one/gateway', `${url}/two`, { headers: { cookie: 'second' } }), '200 200 ok /two');
    assert.deepEqual(seen, ['/two "" second']);
  },
);

test('a URL with a user is an error, and does not lead to the app itself', short, async () => {
  const port = new URL(await serve((_, res) => res.end('upstream'))).port;
  assert.equal(await ask('/one/gateway', `http://user:secret@127.0.0.1:${port}/one/unread`), '502 failed: Error');
  assert.match(await ask('/one/gateway', 'http://self.alt/one/unread'), /^200 413 no more/);
});

test('an upstream that answers before it has read the body: the guest gets the answer at once', short, async () => {
  const url = await listen(
    createTcpServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig');
        socket.pause();
      });
    }),
  );
  assert.equal(await ask('/one/upload', url), '200 413 big');
});

test('so does a component that answers without reading the body', short, async () => {
  assert.match(await ask('/one/upload', 'http://one.spin.internal/unread'), /^200 413 no more/);
});

test('an upstream that is not there is an error that a guest in the middle of its body can catch', short, async () => {
  const url = await serve(() => {});
  const gone = servers.pop();
  gone?.close();
  await once(gone as Server, 'close');
  assert.equal(await ask('/one/upload', url), '502 failed: TypeError');
});

test('an upstream that switches to another protocol is an error at once', short, async () => {
  const url = await listen(
    createTcpServer((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
      ),
    ),
  );
  assert.equal(await ask('/one/gateway', url), '502 failed: TypeError');
});

test('components share no connections, each has its own limits, and all are closed with the app', short, async () => {
  const ports = new Set<number | undefined>();
  const url = await serve((req, res) => {
    ports.add(req.socket.remotePort);
    if (req.url === '/many') for (let at = 0; at < 10; at++) res.setHeader(`x-${at}`, 'y');
    res.end('ok');
  });
  const own = await load(join(folder, 'spin.toml'));
  const to = async (path: string, target: string): Promise<string> => {
    const response = await own.fetch(new Request(`http://localhost${path}?url=${encodeURIComponent(target)}`));
    return `${response.status} ${await response.text()}`;
  };
  for (const path of ['/one/gateway', '/two/gateway', '/one/gateway']) {
    assert.equal(await to(path, `${url}/few`), '200 200 ok');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(ports.size, 2);
  assert.equal(await to('/one/gateway', `${url}/many`), '200 200 ok');
  assert.equal(await to('/two/gateway', `${url}/many`), '502 failed: TypeError', 'header_count of the component');
  const open = [...sockets].filter(({ remotePort }) => ports.has(remotePort));
  assert.notEqual(open.length, 0);
  const closed = Promise.all(open.map((socket) => socket.destroyed || once(socket, 'close')));
  await own.close();
  await closed;
});
