// Of several workers one alone runs the triggers that get every event: each event is handled once, also when that worker
// dies. An app without HTTP opens no port.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { eventGuest } from '../support/event-guest.ts';
import { redisMissing, startRedis } from '../support/servers/redis.ts';
import { writeApp } from '../support/trigger-app.ts';

const notLinux = process.platform === 'linux' ? false : 'which process has which socket is read from /proc';
const limit = { timeout: 90_000, skip: notLinux };

interface Up {
  readonly child: ChildProcess;
  output(): string;
  count(text: string): number;
  until(what: string, isSo: () => boolean): Promise<void>;
}

async function up(t: TestContext, folder: string, ...more: string[]): Promise<Up> {
  const args = ['bin/mayfly.mjs', 'up', '--no-cache', '--listen', '127.0.0.1:0', '-f', folder, ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let text = '';
  const take = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return {
    child,
    output: () => text,
    count: (one) => text.split(one).length - 1,
    async until(what, isSo) {
      for (const start = Date.now(); !isSo(); await delay(20)) {
        if (Date.now() - start > 30_000) throw new Error(`Waited for ${what}; printed so far: ${text}`);
      }
    },
  };
}

/** The processes below a process that listen at some port. */
function listening(pids: readonly number[]): string[] {
  const lines = execFileSync('sh', ['-c', 'cat /proc/net/tcp /proc/net/tcp6']).toString().split('\n');
  const inodes = new Set(lines.filter((line) => / 0A /.test(line)).map((line) => line.trim().split(/\s+/)[9]));
  return pids.flatMap((pid) =>
    execFileSync('sh', ['-c', `ls -l /proc/${pid}/fd 2>/dev/null || true`])
      .toString()
      .split('\n')
      .filter((line) => inodes.has(/socket:\[(\d+)\]/.exec(line)?.[1])),
  );
}

function workersOf(parent: number): number[] {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

test('every worker knows that the one with the triggers has no connection', limit, async (t) => {
  const folder = await writeApp(t, {
    triggers: [
      '[[trigger.redis]]\ncomponent = "guest"\nchannel = "a"\naddress = "redis://127.0.0.1:1"',
      '[[trigger.http]]\nroute = "/..."\nstatic_response = { body = "there" }',
    ].join('\n'),
    guests: { guest: await eventGuest('redis-1') },
  });
  const running = await up(t, folder, '--workers', '3');
  await running.until('the lines', () => running.output().includes('/a: [guest]'));
  const [, url] = /Serving (http:\S+)/.exec(running.output()) ?? [];
  // Each request comes by a connection of its own, so that every worker is asked.
  const ask = async (): Promise<number> => {
    const response = await fetch(`${url}/.well-known/spin/health?ready`, { headers: { connection: 'close' } });
    if (response.status === 503) assert.match(await response.text(), /trigger redis: no connection to 127\.0\.0\.1:1/);
    return response.status;
  };
  let inRow = 0;
  for (const start = Date.now(); inRow < 30; inRow = (await ask()) === 503 ? inRow + 1 : 0) {
    assert.ok(Date.now() - start < 20_000, 'waited for every worker to know');
  }
});

test('each message is handled once; when the worker that had them dies, another one gets them', {
  ...limit,
  skip: notLinux || redisMissing(),
}, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.close());
  const client = createClient({ url: redis.url });
  client.on('error', () => {});
  await client.connect();
  t.after(() => client.isOpen && client.destroy());
  const folder = await writeApp(t, {
    triggers: [
      `[[trigger.redis]]\ncomponent = "guest"\nchannel = "a"\naddress = "${redis.url}"`,
      '[[trigger.http]]\nroute = "/..."\nstatic_response = { body = "there" }',
    ].join('\n'),
    guests: { guest: await eventGuest('redis-1') },
  });
  const running = await up(t, folder, '--workers', '2');
  await running.until('the lines', () => running.output().includes('/a: [guest]'));
  assert.match(running.output(), /Serving http:/);
  const publish = (message: string) => client.publish('a', message);
  assert.equal(await publish('first-message'), 1);
  await running.until('the first message', () => running.count('first-message') > 0);
  const clients = await client.sendCommand(['CLIENT', 'LIST', 'TYPE', 'PUBSUB']);
  assert.equal(String(clients).trim().split('\n').length, 1);
  // The leader is the worker with a connection to Redis.
  const workers = workersOf(Number(running.child.pid));
  assert.equal(workers.length, 2);
  const leader = workers.find((pid) => connectsTo(pid, redis.port));
  assert.ok(leader, 'one worker is connected');
  process.kill(leader, 'SIGKILL');
  await running.until('another connection', () => running.count('connected to') === 2);
  for (const start = Date.now(); (await publish('second-message')) === 0; await delay(20)) {
    assert.ok(Date.now() - start < 10_000, 'waited for another worker to subscribe');
  }
  await running.until('the second message', () => running.count('second-message') > 0);
  await running.until('the new worker', () => running.count('is back') === 1);
  assert.equal(await publish('next-message'), 1);
  await running.until('the third message', () => running.count('next-message') > 0);
  // SIGHUP replaces all workers; the new leader begins when the old one takes nothing more.
  running.child.kill('SIGHUP');
  await running.until('the third connection', () => running.count('connected to') === 3);
  await delay(300);
  assert.equal(await publish('fourth-message'), 1);
  await running.until('the fourth message', () => running.count('fourth-message') > 0);
  await delay(200);
  for (const text of ['first', 'second', 'next', 'fourth']) assert.equal(running.count(`${text}-message`), 1, text);
});

function connectsTo(pid: number, port: number): boolean {
  const remote = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = execFileSync('sh', ['-c', `cat /proc/net/tcp`]).toString().split('\n');
  const inodes = new Set(
    lines.flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      return fields[2]?.endsWith(`:${remote}`) && fields[3] === '01' ? [fields[9]] : [];
    }),
  );
  const files = execFileSync('sh', ['-c', `ls -l /proc/${pid}/fd`])
    .toString()
    .split('\n');
  return files.some((line) => inodes.has(/socket:\[(\d+)\]/.exec(line)?.[1]));
}

test('a trigger that cannot start ends the start of the workers, with its reason', limit, async (t) => {
  const folder = await writeApp(t, {
    triggers: '[[trigger.redis]]\ncomponent = "guest"\nchannel = "a"\naddress = "http://u:secret@h"',
    guests: { guest: await eventGuest('redis-1') },
  });
  const running = await up(t, folder, '--workers', '2');
  await running.until('the end', () => running.child.exitCode !== null);
  assert.equal(running.child.exitCode, 1);
  assert.match(running.output(), /error\[trigger-start\]: The address of the redis trigger is no URL/);
  assert.doesNotMatch(running.output(), /secret/);
});

for (const workers of [[], ['--workers', '2']]) {
  test(`an app with cron alone opens no port, and ticks once a second ${workers.join(' ')}`, limit, async (t) => {
    const folder = await writeApp(t, {
      triggers: '[[trigger.cron]]\ncomponent = "guest"\ncron_expression = "* * * * * *"',
      guests: { guest: await eventGuest('cron') },
    });
    const running = await up(t, folder, ...workers);
    await running.until('the lines', () => running.output().includes('guest: * * * * * * (UTC)'));
    assert.doesNotMatch(running.output(), /Serving/);
    const ticks = (): number => running.output().match(/\btick$/gm)?.length ?? 0;
    await running.until('a tick', () => ticks() > 0);
    const before = ticks();
    const pids = [Number(running.child.pid), ...workersOf(Number(running.child.pid))];
    assert.deepEqual(listening(pids), []);
    await delay(3_000);
    const more = ticks() - before;
    assert.ok(more >= 2 && more <= 4, `${more} ticks in three seconds`);
  });
}
