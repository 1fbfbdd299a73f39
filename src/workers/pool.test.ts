// Workers under load: what is lost when one is killed, reloaded or stuck. Each test has a pool of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { within } from '../../test/support/within.ts';
import { testLog } from '../telemetry/log.test-kit.ts';
import { runWorkers } from './pool.ts';
import type { WorkerPool, WorkerPoolOptions } from './pool-options.ts';

const entry = fileURLToPath(new URL('./hello.fixture.ts', import.meta.url));
const listen = { host: '127.0.0.1', port: 0 };

async function pool(t: TestContext, options: Partial<WorkerPoolOptions> = {}): Promise<WorkerPool> {
  const running = await within(runWorkers({ count: 2, entry, listen, ...options }), 'the workers to listen');
  t.after(() => running.kill());
  const [reload, stop] = [running.reload.bind(running), running.stop.bind(running)];
  running.reload = () => within(reload(), 'a reload');
  running.stop = () => within(stop(), 'the workers to drain and end');
  return running;
}

function fetchText(url: string, agent: Agent | false = false): Promise<string> {
  return within(fetchSlowly(url, agent), `an answer from ${url}`);
}

function fetchSlowly(url: string, agent: Agent | false): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: agent || new Agent({ keepAlive: false }) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(text)).on('error', reject);
    });
    request.on('error', reject);
  });
}

/** Some clients that ask one request after the other until `stop`. */
function load(url: string, clients: number, keepAlive: boolean) {
  const agent = keepAlive ? new Agent({ keepAlive: true, maxSockets: clients }) : false;
  const result = { answers: new Map<string, number>(), failures: [] as string[] };
  let isStopped = false;
  const client = async (): Promise<void> => {
    while (!isStopped) {
      try {
        const pid = await fetchText(`${url}/?ms=2`, agent);
        result.answers.set(pid, (result.answers.get(pid) ?? 0) + 1);
      } catch (error) {
        result.failures.push(String(error));
      }
    }
  };
  const all = Array.from({ length: clients }, client);
  return {
    result,
    async stop() {
      isStopped = true;
      await Promise.all(all);
      if (agent) agent.destroy();
      return result;
    },
  };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 500) assert.fail(`waited in vain: ${what}`);
    await sleep(20);
  }
}

test('several workers share one port', async (t) => {
  const running = await pool(t);
  assert.match(running.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(new Set(running.pids).size, 2);
  const answers = await Promise.all(Array.from({ length: 60 }, () => fetchText(running.url)));
  assert.deepEqual(new Set(answers), new Set(running.pids.map(String)));
  await running.stop();
  await assert.rejects(fetchText(running.url), { code: 'ECONNREFUSED' });
});

for (const keepAlive of [false, true]) {
  test(`a reload loses no request, ${keepAlive ? 'kept' : 'new'} connections`, async (t) => {
    const running = await pool(t);
    const clients = load(running.url, 8, keepAlive);
    const seen = new Set(running.pids);
    for (let round = 0; round < 3; round++) {
      await running.reload();
      for (const pid of running.pids) seen.add(pid);
    }
    await sleep(50);
    const { answers, failures } = await clients.stop();
    assert.deepEqual(failures, []);
    assert.equal(seen.size, 8);
    const last = running.pids.map(String);
    assert.ok(last.some((pid) => (answers.get(pid) ?? 0) > 0));
    await running.stop();
  });
}

test('a worker that is killed loses only the requests that it held', async (t) => {
  const running = await pool(t);
  const clients = load(running.url, 8, false);
  await sleep(100);
  const [victim] = running.pids;
  process.kill(victim!, 'SIGKILL');
  await until(() => running.pids[0] !== undefined && running.pids[0] !== victim, 'a new worker');
  const before = clients.result.failures.length;
  await sleep(200);
  const { failures } = await clients.stop();
  assert.ok(before <= 8, `${before} failures: ${failures[0]}`);
  assert.equal(failures.length, before);
  await running.stop();
});

test('connections that nobody has accepted wait for the next worker', async (t) => {
  const running = await pool(t, { count: 1 });
  const [victim] = running.pids;
  const held = fetchText(`${running.url}/block?ms=20000`).catch((error) => error);
  await sleep(100);
  const waiting = Array.from({ length: 20 }, () => fetchText(running.url));
  await sleep(100);
  process.kill(victim!, 'SIGKILL');
  assert.ok((await held) instanceof Error);
  const answers = await Promise.all(waiting);
  assert.deepEqual(new Set(answers), new Set([String(running.pids[0])]));
  assert.notEqual(running.pids[0], victim);
  await running.stop();
});

test('a worker whose event loop is stuck is killed and replaced', async (t) => {
  const running = await pool(t, { count: 1, limits: { heartbeatMs: 50, missedHeartbeats: 4 } });
  const [stuck] = running.pids;
  await assert.rejects(fetchText(`${running.url}/block?ms=60000`), { code: 'ECONNRESET' });
  assert.equal(await fetchText(running.url), String(running.pids[0]));
  assert.notEqual(running.pids[0], stuck);
  await running.stop();
});

test('a worker is not taken for stuck while a guest may have its time', async (t) => {
  const limits = { heartbeatMs: 50, missedHeartbeats: 4 };
  const running = await pool(t, { count: 1, limits, env: { SILENT_MS: '3000' } });
  const [busy] = running.pids;
  assert.equal(await fetchText(`${running.url}/block?ms=1500`), String(busy));
  await assert.rejects(fetchText(`${running.url}/block?ms=60000`), { code: 'ECONNRESET' });
  assert.equal(await fetchText(running.url), String(running.pids[0]));
  assert.notEqual(running.pids[0], busy);
  await running.stop();
});

test('a worker that keeps dying comes back more and more slowly, and the log says so', async (t) => {
  const backOff = { firstMs: 50, mostMs: 2000, wellAfterMs: 60_000 };
  const { log, messages } = testLog();
  const running = await pool(t, { count: 1, backOff, log });
  const pids = new Set(running.pids);
  for (let round = 0; round < 3; round++) {
    await assert.rejects(fetchText(`${running.url}/exit`));
    await until(() => running.pids[0] !== undefined && !pids.has(running.pids[0]), 'a new worker');
    pids.add(running.pids[0]);
  }
  assert.equal(pids.size, 4);
  const delays = messages('error').map((line) => line.replace(/\d{2,}/, 'N'));
  assert.deepEqual(
    delays,
    ['at once', 'in 0.05 s', 'in 0.1 s'].map(
      (when) => `Worker 1 (process N) died: exited with 3. A new one starts ${when}`,
    ),
  );
  assert.equal(await fetchText(running.url), String(running.pids[0]));
  await running.stop();
});

test('stopping waits for the requests in flight, and kills when they take too long', async (t) => {
  const running = await pool(t);
  const slow = fetchText(`${running.url}/?ms=600`);
  await sleep(100);
  await Promise.all([running.stop(), running.stop()]);
  assert.match(await slow, /^\d+$/);
  const hasty = await pool(t, { limits: { drainMs: 200 } });
  const never = fetchText(`${hasty.url}/?ms=60000`).catch((error) => error);
  await sleep(100);
  await hasty.stop();
  assert.ok((await never) instanceof Error);
});

test("a worker that cannot start is reported with the worker's own error", async (t) => {
  const file = flagFile(t);
  writeFileSync(file, '');
  await assert.rejects(runWorkers({ count: 2, entry, listen, args: [file] }), {
    code: 'manifest-invalid',
    hint: 'Remove the file',
  });
});

test('a worker that never gets ready, and one that is no worker', async (t) => {
  const idle = `${flagFile(t)}.mjs`;
  writeFileSync(idle, 'setInterval(() => {}, 1000)');
  const limits = { startMs: 300 };
  await assert.rejects(runWorkers({ count: 1, entry: idle, listen, limits }), {
    code: 'worker-failed',
    message: /did not listen within 0\.3 s/,
  });
  writeFileSync(idle, 'process.exitCode = 7');
  await assert.rejects(runWorkers({ count: 1, entry: idle, listen }), { message: /exited with 7/ });
});

test('while a worker stays away for long, new connections go to the others', async (t) => {
  const backOff = { firstMs: 60_000, mostMs: 60_000, wellAfterMs: 60_000 };
  const running = await pool(t, { backOff });
  const [first, second] = running.pids;
  process.kill(first!, 'SIGKILL');
  await until(() => running.pids[0] !== undefined && running.pids[0] !== first, 'the first restart');
  process.kill(running.pids[0]!, 'SIGKILL');
  await until(() => running.pids[0] === undefined, 'the worker to be gone');
  const answers = await Promise.all(Array.from({ length: 40 }, () => fetchText(running.url)));
  assert.deepEqual(new Set(answers), new Set([String(second)]));
  await running.reload();
  assert.equal(new Set(running.pids).size, 2);
  const later = await Promise.all(Array.from({ length: 60 }, () => fetchText(running.url)));
  assert.deepEqual(new Set(later), new Set(running.pids.map(String)));
  await running.stop();
});

test('when a reload fails the old workers serve on', async (t) => {
  const file = flagFile(t);
  const running = await pool(t, { args: [file] });
  const before = [...running.pids];
  writeFileSync(file, '');
  await assert.rejects(running.reload(), { code: 'manifest-invalid' });
  assert.deepEqual(running.pids, before);
  assert.ok(before.map(String).includes(await fetchText(running.url)));
  rmSync(file);
  await running.reload();
  assert.notDeepEqual(running.pids, before);
  await running.stop();
});

test('a port that is taken, and a number of workers that is none', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  const taken = { host: '127.0.0.1', port };
  await assert.rejects(runWorkers({ count: 1, entry, listen: taken }), { code: 'listen-failed' });
  const running = await pool(t, { count: 1 });
  const same = { host: '127.0.0.1', port: running.port };
  await assert.rejects(runWorkers({ count: 1, entry, listen: same }), { code: 'listen-failed', message: /in use/ });
  await assert.rejects(runWorkers({ count: 0, entry, listen }), { code: 'usage' });
  await running.stop();
});

test('SIGTERM drains all and exits with 0, SIGHUP reloads', async () => {
  const parent = spawn(process.execPath, [fileURLToPath(new URL('./parent.fixture.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await within(once(parent.stdout, 'data'), 'the parent to say its URL');
  const { url, pids } = JSON.parse(String(line));
  assert.ok(pids.map(String).includes(await fetchText(url)));
  parent.kill('SIGHUP');
  const old = new Set(pids.map(String));
  let pid = '';
  for (let tries = 0; tries < 200 && (pid === '' || old.has(pid)); tries++) {
    await sleep(20);
    pid = await fetchText(url);
  }
  assert.equal(old.has(pid), false);
  const slow = fetchText(`${url}/?ms=500`);
  await sleep(100);
  parent.kill('SIGTERM');
  const [code, signal] = await within(once(parent, 'exit'), 'the parent to exit');
  assert.deepEqual([code, signal], [0, null]);
  assert.match(await slow, /^\d+$/);
});

test('workers do not outlive a parent that is killed', async () => {
  const parent = spawn(process.execPath, [fileURLToPath(new URL('./parent.fixture.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await within(once(parent.stdout, 'data'), 'the parent to say its URL');
  const { pids } = JSON.parse(String(line)) as { pids: number[] };
  parent.kill('SIGKILL');
  await until(() => pids.every((pid) => !exists(pid)), 'the workers to end');
});

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The path of a file that does not exist yet. */
function flagFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-workers-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'fail');
}
