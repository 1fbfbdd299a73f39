// The template of a chat: its page is served, people who are in it hear one another, its own test passes, and its types fit.
// It is also what `mayfly up` prints, and why several workers cannot serve it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { Client, refusalOf } from '../support/websocket-app.ts';
import { mayfly, serve } from './cli-process.ts';
import { appsFolder, made } from './template-app.ts';

const base = appsFolder();

test('websocket-ts is a chat', { timeout: 120_000 }, async (t) => {
  const { folder } = made(base, 'websocket-ts');
  const app = await serve([], folder);
  const url = app.url.replace('http', 'ws');
  assert.match(app.stdout, new RegExp(`my-websocket-ts: ${url}/chat$`, 'm'));
  assert.match(await (await fetch(app.url)).text(), /<title>my-websocket-ts<\/title>/);
  const enter = async (name: string): Promise<Client> => {
    const client = new Client(new WebSocket(`${url}/chat?name=${name}`));
    t.after(() => client.ws.terminate());
    await client.opened;
    return client;
  };
  const ann = await enter('Ann');
  assert.equal(await ann.next(), 'Ann came');
  const bob = await enter('Bob');
  assert.equal(await bob.next(), 'Bob came');
  assert.equal(await ann.next(), 'Bob came');
  bob.send('hello');
  assert.equal(await ann.next(), 'Bob: hello');
  bob.ws.close();
  assert.equal(await ann.next(), 'Bob left');
  assert.equal((await refusalOf(`${url}/chat`)).status, 403);
  app.kill('SIGINT');
  assert.equal((await ann.end()).code, 1001);
  const { code, stderr } = await app.ended;
  assert.equal(code, 0, stderr);

  const tested = mayfly(['test'], folder);
  assert.equal(tested.code, 0, tested.stdout + tested.stderr);
  const withWorkers = mayfly(['up', '--workers', '2', '--listen', '127.0.0.1:0'], folder);
  assert.equal(withWorkers.code, 2);
  assert.match(withWorkers.stderr, /An app with WebSockets runs in one process: leave '--workers' out/);
  const scaffold = ['kube', 'scaffold', '-f', 'registry.example.com/chat:1', '--app', folder];
  const manyPods = mayfly(scaffold, folder);
  assert.equal(manyPods.code, 2);
  assert.match(manyPods.stderr, /what one pod says to a topic does not reach those of another[\s\S]*--replicas 1/);
  const onePod = mayfly([...scaffold, '--replicas', '1'], folder);
  assert.equal(onePod.code, 0, onePod.stderr);
  assert.match(onePod.stdout, /replicas: 1/);
});
