// An event becomes one readable line for people, with its code, its component and the fields that the text lacks.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { MayflyError } from '../errors.ts';
import { logEvent } from '../telemetry/events.ts';
import { createLog, type LogOptions } from './log.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-log-'));
after(() => rmSync(folder, { recursive: true }));

function logTo(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const paint = (_: string, text: string) => text;
  return { lines, log: createLog({ verbose: false, quiet: false, directory: undefined, write, paint, ...options }) };
}

it('writes one readable line for an event', () => {
  const { log, lines } = logTo();
  log.child({ component: 'hello' }).warn({ ms: 12, path: '/a b' }, 'Slow');
  log.info('Plain');
  log.debug('Not shown');
  assert.deepEqual(lines, ['warn hello: Slow (ms=12 path="/a b")', 'info: Plain']);
});

it('shows debug events when asked to', () => {
  const { log, lines } = logTo({ verbose: true });
  log.debug('Shown');
  assert.deepEqual(lines, ['debug: Shown']);
});

it('indents the stack of an error below its line, without repeating the message', () => {
  const { log, lines } = logTo();
  const err = new Error('unreachable');
  err.stack = 'Error: unreachable\n    at divide\n    at handle';
  log.error({ err }, 'GET / failed: unreachable');
  log.error({ err }, 'GET / failed');
  assert.deepEqual(lines, [
    'error: GET / failed: unreachable\n  at divide\n  at handle',
    'error: GET / failed\n  Error: unreachable\n  at divide\n  at handle',
  ]);
});

it('shows of an error that a guest returned what it says, and no stack of the host', () => {
  const { log, lines } = logTo({ verbose: true });
  const err = Object.assign(new Error('the guest says no'), { name: 'HttpError' });
  log.error({ err }, 'GET / failed');
  log.error({ err }, 'GET / failed: the guest says no');
  log.error({ err: new MayflyError('guest-error', 'The handler returned an error') }, 'cron x failed');
  assert.deepEqual(lines, [
    'error: GET / failed\n  HttpError: the guest says no',
    'error: GET / failed: the guest says no',
    'error: cron x failed\n  MayflyError: The handler returned an error',
  ]);
});

it('shows the stack of an error of our own only when asked to', () => {
  const err = new MayflyError('guest-trap', 'Divided by zero');
  const [short, long] = [logTo(), logTo({ verbose: true })];
  short.log.error({ err }, 'GET / failed');
  short.log.error({ err }, 'GET / failed: Divided by zero');
  assert.deepEqual(short.lines, ['error: GET / failed\n  Divided by zero', 'error: GET / failed: Divided by zero']);
  long.log.error({ err }, 'GET / failed');
  assert.match(long.lines[0]!, /\n {2}at /);
});

it('shows the code, the component once, and of the fields those that the text does not say', () => {
  const { log, lines } = logTo();
  const err = new MayflyError('guest-cpu-limit', 'The guest was stopped. Limit reached: cpu (50 ms)', {
    limit: { name: 'cpu', value: 50 },
  });
  const fields = { component: 'slow', method: 'GET', path: '/a', status: 504, err };
  logEvent(log, 'request-failed', fields, 'GET /a failed');
  logEvent(log.child({ component: 'b' }), 'guest-exited', { exitCode: 3 }, 'The command exited with code 3');
  logEvent(log, 'reload-failed', { err: new Error('13') }, 'The workers serve on as before: 13');
  const exited = { worker: 1, pid: 45, exitCode: null, signal: 'SIGKILL', reason: 'stuck', delayMs: 1500 };
  logEvent(log, 'worker-died', exited, 'Worker 1 (process 456) died: stuck');
  assert.deepEqual(
    lines.map((line) => line.split('\n  at ')[0]),
    [
      'error[guest-cpu-limit] slow: GET /a failed (status=504)\n  The guest was stopped. Limit reached: cpu (50 ms)',
      'warn b: The command exited with code 3',
      'error[internal]: The workers serve on as before: 13',
      'error: Worker 1 (process 456) died: stuck (pid=45 signal=SIGKILL delayMs=1500)',
    ],
  );
});

it('is not held up by a long value that nearly stands in the text', () => {
  const { log, lines } = logTo();
  const start = performance.now();
  log.warn({ path: `${'a'.repeat(30_000)}!`, status: 500 }, `${'a'.repeat(60_000)}${'x500'.repeat(15_000)}`);
  assert.ok(performance.now() - start < 2000);
  assert.match(lines[0] ?? '', /status=500/);
});

it('tells what guests print from the log, hides it and keeps it in files', () => {
  const shown = logTo();
  shown.log.child({ component: 'a' }).info({ stream: 'stdout' }, 'hi');
  assert.deepEqual(shown.lines, ['a | hi']);

  const kept = logTo({ quiet: true, directory: join(folder, 'deep', 'logs') });
  const log = kept.log.child({ component: 'a' });
  log.info({ stream: 'stdout' }, 'one');
  log.info({ stream: 'stderr' }, 'two');
  log.info({ stream: 'stdout' }, 'three');
  assert.deepEqual(kept.lines, []);
  assert.equal(readFileSync(join(folder, 'deep', 'logs', 'a_stdout.txt'), 'utf8'), 'one\nthree\n');
  assert.equal(readFileSync(join(folder, 'deep', 'logs', 'a_stderr.txt'), 'utf8'), 'two\n');
});

it('shows no control characters, and of long values their start', () => {
  const { log, lines } = logTo();
  const err = new Error(`\x1b[2J${'m'.repeat(100_000)}`);
  log.child({ component: 'a\r' }).warn({ url: `http://x/\x1b]0;${'y'.repeat(100_000)}`, err }, 'one\ntwo\u009b');
  log.info({ stream: 'stdout', component: 'a' }, '\x1b[31m\rred\u202e');
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /^warn a␍: one␊two\\u009b \(url=http:\/\/x\/␛\]0;y{100}/);
  assert.ok((lines[0] ?? '').length < 10_000, `${lines[0]?.length}`);
  assert.equal(lines[1], 'a | ␛[31m␍red\\u202e');
  for (const line of lines) assert.doesNotMatch(line, /(?!\n)\p{Cc}/u);
});

it('goes on when a file of the folder cannot be written, and says so once', () => {
  const directory = join(folder, 'blocked');
  const { log, lines } = logTo({ quiet: true, directory });
  mkdirSync(join(directory, 'a_stdout.txt'));
  symlinkSync('elsewhere', join(directory, 'b_stdout.txt'));
  for (const component of ['a', 'b', 'a', 'b', 'c']) log.info({ stream: 'stdout', component }, 'x');
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /^warn: Cannot write a_stdout\.txt/);
  assert.match(lines[1] ?? '', /^warn: Cannot write b_stdout\.txt/);
  assert.deepEqual(readdirSync(directory).sort(), ['a_stdout.txt', 'b_stdout.txt', 'c_stdout.txt']);
});

it('writes an object a line for programs, from which a terminal has nothing to obey', () => {
  const { log, lines } = logTo({ format: 'json' });
  const request = log.child({ component: 'a' }).child({ requestId: 'r-1', traceId: 't' });
  logEvent(request, 'guest-output', { stream: 'stderr' }, 'x\x1b[31m\x9b31m\u202e"\u2028ä');
  logEvent(
    request,
    'request-failed',
    { method: 'GET', path: '/', status: 500, err: new MayflyError('guest-trap', 'boo') },
    'GET / failed',
  );
  for (const line of lines) assert.match(line, /^[\x20-\x7eä]+$/);
  const [output, failed] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const { time, ...rest } = output ?? {};
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 5000);
  assert.deepEqual(rest, {
    level: 'info',
    component: 'a',
    requestId: 'r-1',
    traceId: 't',
    event: 'guest-output',
    stream: 'stderr',
    msg: 'x\x1b[31m\x9b31m\u202e"\u2028ä',
  });
  assert.deepEqual(
    [failed?.level, failed?.code, failed?.requestId, Object(failed?.err).message],
    ['error', 'guest-trap', 'r-1', 'boo'],
  );
});

it('shows ids of requests to people only when asked to', () => {
  const [short, long] = [logTo(), logTo({ verbose: true })];
  for (const { log } of [short, long]) log.child({ requestId: 'r-1' }).warn('Slow');
  assert.deepEqual([short.lines, long.lines], [['warn: Slow'], ['warn: Slow (requestId=r-1)']]);
});

it('shows what to do about an error below its message', () => {
  const { log, lines } = logTo();
  const limit = { name: 'cpu', value: 50 };
  const hint = 'To allow more: --limit cpu=100ms';
  const err = new MayflyError('guest-cpu-limit', 'Limit reached: cpu (50 ms)', { limit, hint });
  logEvent(log, 'request-failed', { method: 'GET', path: '/', status: 504, err }, 'GET / failed');
  logEvent(log, 'guest-failed', { err }, 'Limit reached: cpu (50 ms)');
  assert.deepEqual(lines, [
    `error[guest-cpu-limit]: GET / failed (status=504)\n  Limit reached: cpu (50 ms)\n  ${hint}`,
    `error[guest-cpu-limit]: Limit reached: cpu (50 ms)\n  ${hint}`,
  ]);
});
