// Loads as clients see them, against servers that answer, stall, fail and are not there.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { drive } from './drive.ts';
import { Latencies } from './latencies.ts';
import { failuresOf, type Load, type Second } from './load.ts';

async function serverOf(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function loadOf(url: string, more: Partial<Load> = {}): Load {
  return { url, connections: 2, milliseconds: 10_000, method: 'GET', headers: [], timeoutMs: 5_000, ...more };
}

test('so many requests are sent, on so many connections, with their method, headers and body', async (t) => {
  const seen = new Set<string>();
  const sockets = new Set<unknown>();
  const url = await serverOf(t, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    sockets.add(request.socket);
    seen.add([request.method, request.url, request.headers['x-one'], body].join(' '));
    response.end('answer');
  });
  const load = loadOf(`${url}/a?b=1`, {
    requests: 101,
    connections: 4,
    method: 'POST',
    headers: [['x-one', 'yes']],
    body: 'text',
  });
  const result = await drive(load);
  assert.deepEqual([...seen], ['POST /a?b=1 yes text']);
  assert.equal(sockets.size, 4);
  assert.deepEqual([result.requests, result.bytes, result.statuses], [101, 606, { 200: 101 }]);
  assert.deepEqual([result.errors, result.unsent, failuresOf(result)], [{}, 0, 0]);
  assert.equal(Latencies.of(result.latencies).total, 101);
  assert.ok(result.generatorCpuUs > 0);
});

test('statuses other than 2xx and 3xx count as failures', async (t) => {
  let number = 0;
  const url = await serverOf(t, (_, response) => {
    response.statusCode = [200, 302, 404, 503][number++ % 4] as number;
    response.end();
  });
  const result = await drive(loadOf(url, { requests: 40 }));
  assert.deepEqual(result.statuses, { 200: 10, 302: 10, 404: 10, 503: 10 });
  assert.equal(failuresOf(result), 20);
});

test('a load ends when its time is up, and each second is told', async (t) => {
  const url = await serverOf(t, (_, response) => response.end());
  const told: Second[] = [];
  const result = await drive(loadOf(url, { milliseconds: 1_500 }), (second) => told.push(second));
  assert.ok(result.milliseconds > 1_490 && result.milliseconds < 3_000, `${result.milliseconds} ms`);
  assert.deepEqual(told, result.seconds);
  assert.equal(
    told.reduce((sum, { requests }) => sum + requests, 0),
    result.requests,
  );
});

test('a load that is called off gives what there was of it', async (t) => {
  const url = await serverOf(t, (_, response) => response.end());
  const stop = new AbortController();
  const running = drive(loadOf(url, { milliseconds: 60_000 }), undefined, stop.signal);
  await pause(200);
  stop.abort();
  const result = await running;
  assert.ok(result.requests > 0 && result.milliseconds < 5_000);
});

test('what goes wrong is counted by its reason', async (t) => {
  const handlers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    '/closed': (request) => request.socket.destroy(),
    '/silent': () => {},
    '/half': (_, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half', () => response.destroy());
    },
  };
  const url = await serverOf(t, (request, response) => handlers[request.url as string]?.(request, response));
  const reasons = async (path: string, more: Partial<Load> = {}): Promise<object> => {
    const { errors, requests } = await drive(loadOf(url + path, { requests: 3, connections: 1, ...more }));
    assert.equal(requests, 0, path);
    return errors;
  };
  assert.deepEqual(await reasons('/closed'), { 'the connection was closed': 3 });
  assert.deepEqual(await reasons('/half'), { 'the connection was closed': 3 });
  assert.deepEqual(await reasons('/silent', { requests: 1, timeoutMs: 300 }), { 'no answer in time': 1 });
  const nowhere = await drive(loadOf('http://127.0.0.1:1', { requests: 2 }));
  assert.deepEqual(nowhere.errors, { 'connection refused': 2 });
});

test('what has no answer when the load is over counts as without one', { timeout: 20_000 }, async (t) => {
  const url = await serverOf(t, () => {});
  const result = await drive(loadOf(url, { connections: 3, milliseconds: 200, timeoutMs: 60_000 }));
  assert.deepEqual([result.requests, result.errors], [0, { 'no answer when time was up': 3 }]);
  assert.equal(failuresOf(result), 3);
});

test('at a rate so many are sent a second, whether or not others have their answers', async (t) => {
  const url = await serverOf(t, (_, response) => response.end());
  const result = await drive(loadOf(url, { rate: 200, milliseconds: 1_000, connections: 8 }));
  assert.ok(Math.abs(result.requests - 200) <= 20, `${result.requests} requests`);
  const counted = await drive(loadOf(url, { rate: 500, requests: 60, connections: 8 }));
  assert.equal(counted.requests, 60);
});

test('at a rate the time that a server stalls is that of all requests which were due in it', async (t) => {
  let stalled = false;
  const url = await serverOf(t, async (_, response) => {
    if (!stalled) {
      stalled = true;
      await pause(500);
    }
    response.end();
  });
  const slow = (latencies: Latencies): number => 1 - shareBelow(latencies, 100_000);
  const one = { connections: 1, milliseconds: 1_000 };
  const open = Latencies.of((await drive(loadOf(url, { ...one, rate: 100 }))).latencies);
  assert.ok(slow(open) > 0.25, `${slow(open)} of the requests waited`);
  stalled = false;
  const closed = Latencies.of((await drive(loadOf(url, one))).latencies);
  assert.ok(slow(closed) < 0.1, `${slow(closed)} waited where each waits for the one before`);
});

test('at a rate that a server cannot keep, what was due and not sent is told', async (t) => {
  const url = await serverOf(t, async (_, response) => {
    await pause(100);
    response.end();
  });
  const result = await drive(loadOf(url, { connections: 1, rate: 100, milliseconds: 1_000 }));
  assert.ok(result.requests <= 12 && result.unsent >= 80, `${result.requests} sent, ${result.unsent} not`);
});

/** The share of the values that are below. */
function shareBelow(latencies: Latencies, microseconds: number): number {
  for (let percent = 100; percent > 0; percent--) {
    if (latencies.percentile(percent / 100) < microseconds) return percent / 100;
  }
  return 0;
}
