// The lines of the access log: their forms, what clients cannot do to them, and how many there are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../errors.ts';
import { finishedRequest as finished } from '../telemetry/usage.test-kit.ts';
import type { FinishedRequest } from '../telemetry/usage.ts';
import { type AccessLogOptions, createAccessLog } from './access-log.ts';

async function linesOf(options: Partial<AccessLogOptions>, ...requests: Partial<FinishedRequest>[]): Promise<string[]> {
  const lines: string[] = [];
  const write = (text: string): void => void lines.push(...text.split('\n'));
  const log = createAccessLog({ format: 'short', paint: (_, text) => text, write, ...options });
  for (const request of requests) log({ ...finished, ...request });
  await new Promise((resolve) => setTimeout(resolve, 50));
  return lines;
}

test('short, for people: without queries', async () => {
  const lines = await linesOf(
    {},
    {},
    { component: undefined, usage: undefined, status: 404, totalMs: 0.5 },
    { isBroken: true, usage: undefined, status: 500 },
  );
  assert.deepEqual(lines, [
    'GET /a 200 12 ms hello (0.40 ms CPU, 2.0 MiB, 7 host calls, new sandbox)',
    'GET /a 404 0.50 ms',
    'GET /a 500 12 ms, broken off hello',
  ]);
});

test('JSON, for programs', async () => {
  const error = new MayflyError('guest-trap', 'it fell');
  const lines = await linesOf({ format: 'json' }, {}, { error, usage: undefined, isBroken: true });
  const [plain, failed] = lines.map((line) => JSON.parse(line));
  const { time, ...fields } = plain;
  assert.match(time, /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.deepEqual(fields, {
    level: 'info',
    event: 'request-answered',
    component: 'hello',
    requestId: 'r1',
    client: '192.0.2.1:5000',
    protocol: 'HTTP/1.1',
    method: 'GET',
    path: '/a',
    route: '/a',
    status: 200,
    ms: 12.346,
    headMs: 1.235,
    receivedBytes: 0,
    sentBytes: 5,
    cpuMs: 0.4,
    wallMs: 12,
    hostCalls: 7,
    memoryBytes: 2 ** 21,
    sandbox: 'new',
    discarded: true,
  });
  assert.deepEqual([failed.code, failed.broken, failed.sandbox], ['guest-trap', true, undefined]);
});

test('Combined Log Format', async () => {
  const lines = await linesOf(
    { format: 'combined' },
    {},
    { clientAddress: '[2001:db8::1]:80', headers: [], sentBytes: 0, protocol: 'HTTP/1.0' },
  );
  assert.deepEqual(lines, [
    '192.0.2.1 - - [09/Oct/2026:13:55:36 +0000] "GET /a?secret=1 HTTP/1.1" 200 5 "http://x/" "curl/8"',
    '2001:db8::1 - - [09/Oct/2026:13:55:36 +0000] "GET /a?secret=1 HTTP/1.0" 200 - "-" "-"',
  ]);
});

test('no client makes a line of its own, moves a terminal, or ends a quoted field', async () => {
  const nasty = 'x"\\\n\u001b[2J\u00ff';
  const headers = [['user-agent', nasty]] as const;
  for (const format of ['short', 'json', 'combined'] as const) {
    const [line = '', ...more] = await linesOf({ format }, { target: `/${nasty}`, headers });
    assert.deepEqual(more, []);
    assert.ok(!/\p{Cc}/u.test(line), line);
    if (format === 'combined') assert.ok(line.endsWith(' "x\\"\\\\\\x0a\\x1b[2J\\xff"'), line);
  }
  const [long = ''] = await linesOf({ format: 'combined' }, { headers: [['user-agent', 'y'.repeat(60_000)]] });
  assert.ok(long.length < 2000);
});

test('requests between components have no lines', async () => {
  assert.deepEqual(await linesOf({}, { isChained: true }), []);
});

test('beyond so many lines in a second only their number is told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const lines: string[] = [];
  const log = createAccessLog({
    format: 'short',
    paint: (_, text) => text,
    write: (text) => void lines.push(...text.split('\n')),
    mostLines: 2,
  });
  for (let count = 0; count < 5; count++) log(finished);
  t.mock.timers.tick(1000);
  log({ ...finished, status: 201 });
  t.mock.timers.tick(1000);
  assert.equal(lines.length, 4);
  assert.equal(lines[2], '… and 3 more requests in this second');
  assert.match(lines[3] ?? '', / 201 /);
});
