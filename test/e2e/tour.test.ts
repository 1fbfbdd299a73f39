// The example app as people meet it: built, served by a process, every route asked through a real socket.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type Served, up } from '../support/up.ts';

let tour: Served;
let elsewhere: Server;
let elsewhereUrl: string;

before(async () => {
  elsewhere = createServer((_, response) => response.end('from elsewhere'));
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  elsewhereUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
  tour = await up(['-f', 'examples/tour', '--build']);
});
after(async () => {
  elsewhere.close();
  assert.equal(await tour.stop(), 0);
});

async function text(path: string): Promise<string> {
  const response = await fetch(tour.url + path);
  assert.equal(response.status, 200, path);
  return response.text();
}

test('every route is printed with its URL', () => {
  for (const path of ['hello', 'hello/:name', 'counter', 'echo', 'chain', 'fetch', 'slow', 'trap']) {
    assert.ok(tour.output().includes(`${tour.url}/${path}\n`), path);
  }
  assert.ok(tour.output().includes(`${tour.url}/files (wildcard)`));
});

test('/hello greets, by name when there is one', async () => {
  assert.match(await text('/hello'), /^Hello, world/);
  assert.match(await text('/hello/Ada'), /^Hello, Ada/);
});

test('/counter is always 1: 100 requests one after another, 100 of them 32 at a time', async () => {
  for (let index = 0; index < 100; index++) assert.equal((await text('/counter')).trim(), '1');
  const lane = async (): Promise<void> => {
    for (let index = 0; index < 4; index++) assert.equal((await text('/counter')).trim(), '1');
  };
  await Promise.all(Array.from({ length: 32 }, lane));
});

test('/echo streams: the first part comes back before the last was sent', async () => {
  const sending = request(`${tour.url}/echo`, { method: 'POST' });
  const answered = new Promise<AsyncIterable<Buffer>>((resolve) => sending.on('response', resolve));
  sending.write('first ');
  const chunks = (await answered)[Symbol.asyncIterator]();
  assert.equal((await chunks.next()).value.toString(), 'first ');
  sending.end('last');
  let rest = '';
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) rest += next.value;
  assert.equal(rest, 'last');
});

test('/echo passes 512 MB through without holding them', async () => {
  const memory = memoryOf(tour);
  const total = 512 * 1024 * 1024;
  const received = await echoBytes(total);
  assert.equal(received, total);
  // Buffers that wait for the collector count here: what matters is that it is far less than the body.
  assert.ok(memoryOf(tour) - memory < 160 * 1024 * 1024, 'memory grew with the body');
});

test('/chain calls another component', async () => {
  assert.match(await text('/chain'), /Hello, world/);
});

test('/fetch reaches allowed hosts only, and says which line to add', async () => {
  assert.match(await text(`/fetch?url=${elsewhereUrl}`), /from elsewhere/);
  const denied = await fetch(`${tour.url}/fetch?url=http://forbidden.example/`);
  assert.equal(denied.status, 403);
  assert.match(await denied.text(), /allowed_outbound_hosts = \["http:\/\/forbidden\.example"\]/);
  await tour.printed(/add to \[component\.fetch\]: allowed_outbound_hosts = \["http:\/\/forbidden\.example"\]/);
});

test('/files serves what is mounted, and nothing else', async () => {
  assert.ok((await text('/files/welcome.txt')).length > 0);
  for (const path of ['/files/missing.txt', '/files/..%2f..%2fspin.toml', '/files/%2e%2e/spin.toml']) {
    assert.equal((await fetch(tour.url + path)).status, 404, path);
  }
});

test('/slow: 1,000 at once take little longer than one', async () => {
  const start = performance.now();
  await Promise.all(Array.from({ length: 1000 }, () => text('/slow?ms=1000')));
  assert.ok(performance.now() - start < 30_000, 'they waited one after another');
});

test('/trap: 500, and the log names component, reason and functions', async () => {
  const response = await fetch(`${tour.url}/trap`);
  assert.equal(response.status, 500);
  assert.equal(await response.text(), '');
  await tour.printed(/The guest trapped: divide by zero in .*serve_dessert < cook_dinner/);
});

test('unknown paths are 404, the health endpoint answers', async () => {
  assert.equal((await fetch(`${tour.url}/nothing`)).status, 404);
  assert.equal(await text('/.well-known/spin/health'), 'OK');
});

function memoryOf({ process: { pid } }: Served): number {
  return residentBytes(pid as number);
}

function residentBytes(pid: number): number {
  const status = readStatus(pid);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

function readStatus(pid: number): string {
  return process.platform === 'linux' ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
}

function echoBytes(total: number): Promise<number> {
  const chunk = Buffer.alloc(256 * 1024, 'x');
  return new Promise((resolve, reject) => {
    let received = 0;
    const sending = request(`${tour.url}/echo`, { method: 'POST' }, (response) => {
      response.on('data', (data: Buffer) => {
        received += data.length;
      });
      response.on('end', () => resolve(received));
      response.on('error', reject);
    });
    sending.on('error', reject);
    let sent = 0;
    const send = (): void => {
      while (sent < total) {
        sent += chunk.length;
        if (!sending.write(chunk)) {
          sending.once('drain', send);
          return;
        }
      }
      sending.end();
    };
    send();
  });
}
