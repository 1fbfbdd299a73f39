import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { MayflyError } from '../errors.ts';
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

it('shows the stack of an error of our own only when asked to', () => {
  const err = new MayflyError('guest-trap', 'Divided by zero');
  const [short, long] = [logTo(), logTo({ verbose: true })];
  short.log.error({ err }, 'GET / failed');
  short.log.error({ err }, 'GET / failed: Divided by zero');
  assert.deepEqual(short.lines, ['error: GET / failed\n  Divided by zero', 'error: GET / failed: Divided by zero']);
  long.log.error({ err }, 'GET / failed');
  assert.match(long.lines[0]!, /\n {2}at /);
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
