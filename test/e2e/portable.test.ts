// The tour's components, byte for byte as `npm start` serves them, answer the same in another runtime.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { tourComponents } from '../support/tour.ts';

let jco: ChildProcess;
let origin = '';
let log = '';

before(async () => {
  const routes = [...(await tourComponents())].map(([id, path]) => `/${id}=${path}`);
  const program = join(import.meta.dirname, '../support/jco-server.ts');
  jco = spawn(process.execPath, [program, ...routes], { stdio: ['ignore', 'pipe', 'pipe'] });
  jco.stderr?.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  const port = await new Promise<string>((resolve, reject) => {
    jco.stdout?.on('data', (chunk: Buffer) => resolve(/listening on (\d+)/.exec(String(chunk))?.[1] ?? ''));
    jco.on('exit', () => reject(new Error(`jco ended: ${log}`)));
  });
  origin = `http://127.0.0.1:${port}`;
});

after(() => jco.kill());

async function text(path: string, init?: RequestInit): Promise<string> {
  const response = await fetch(origin + path, { signal: AbortSignal.timeout(30_000), ...init });
  return `${response.status} ${response.headers.get('content-type')} ${await response.text()}`;
}

test('the JavaScript component greets', async () => {
  assert.equal(await text('/hello'), '200 text/plain; charset=utf-8 Hello, world, from JavaScript\n');
  assert.equal(
    await text('/hello/x', { headers: { 'spin-path-match-name': 'J%C3%B6rg' } }),
    '200 text/plain; charset=utf-8 Hello, Jörg, from JavaScript\n',
  );
});

test('a C component counts', async () => {
  assert.equal(await text('/counter'), '200 text/plain 1\n');
});

test('a C component echoes a body of many chunks', async () => {
  const body = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251);
  const response = await fetch(`${origin}/echo`, { method: 'POST', body, headers: { 'content-type': 'image/png' } });
  assert.equal(response.headers.get('content-type'), 'image/png');
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), body);
});

test('a C component waits on a timer', async () => {
  assert.equal(await text('/slow?ms=20'), '200 text/plain Waited 20 ms\n');
});

test('a C component fetches, and reports what went wrong', async () => {
  const server = createServer((_request, response) => response.end('from the other side')).listen(0, '127.0.0.1');
  after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = encodeURIComponent(`http://127.0.0.1:${port}/some?thing`);
  assert.equal(await text(`/fetch?url=${url}`), '200 null from the other side');
  assert.match(await text('/fetch'), /^400 /);
  assert.match(await text('/fetch?url=ftp://x'), /^400 /);
  assert.match(await text('/fetch?url=http://127.0.0.1:1/'), /^502 .*connection-refused/);
});

test('a C component that finds no file says so', async () => {
  assert.match(await text('/files/no-such-file.txt'), /^404 .*no-entry/);
});

test('a trap names the C functions', async () => {
  await assert.rejects(text('/trap'));
  assert.match(log, /divide by zero[\s\S]*divide_the_pie[\s\S]*serve_dessert[\s\S]*cook_dinner[\s\S]*mayfly_handle/);
});
