// Whatever a guest gives becomes printable text of a bounded size before it is logged.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guardedLog, loggedError } from './guarded-log.ts';
import type { Logger } from './log.ts';
import { clip, printable, printableLines } from './printable.ts';

test('what is no text becomes a visible sign', () => {
  assert.equal(printable('plain\ttext — ünï 😀'), 'plain\ttext — ünï 😀');
  assert.equal(printable('\0\x07\b\n\r\x1b\x7f'), '␀␇␈␊␍␛␡');
  assert.equal(printable('\u0085\u009b\u2028\u202e\u2066\u200f'), '\\u0085\\u009b\\u2028\\u202e\\u2066\\u200f');
  assert.equal(printableLines('a\r\n\x1bb\n c'), 'a\n␛b\n c');
});

test('long text is cut, between characters, and says so', () => {
  assert.equal(clip('abc', 3), 'abc');
  assert.equal(clip('abcd', 3), 'abc… (1 more characters)');
  assert.ok(clip('😀😀', 1).isWellFormed());
  assert.ok(printable('x'.repeat(1_000_000)).length < 17_000);
  assert.ok(printableLines(`${'x'.repeat(1000)}\n`.repeat(1000)).length < 25_000);
});

test('an error is logged with its causes, in a bounded size', () => {
  const error = new TypeError(`\x1b${'m'.repeat(50_000)}`, { cause: new Error('below', { cause: 'text' }) });
  error.stack = `TypeError\n${'    at frame (file)\n'.repeat(100_000)}`;
  const { type, message, stack } = loggedError(error) as { type: string; message: string; stack: string };
  assert.equal(type, 'TypeError');
  assert.match(message, /^␛mmm/);
  assert.match(stack, /caused by: Error: below/);
  assert.ok(JSON.stringify({ message, stack }).length < 50_000);
  assert.equal(loggedError('a\rb'), 'a␍b');
});

test('a guarded log passes on what it is given, made printable, and so do its children', () => {
  const seen: unknown[][] = [];
  const plain = (bindings: object): Logger => {
    const level = (...args: unknown[]): void => void seen.push([bindings, ...args]);
    return { debug: level, info: level, warn: level, error: level, child: plain } as unknown as Logger;
  };
  const log = guardedLog(plain({}));
  log.info('a\rb');
  log.child({ component: '\x1b' }).warn({ ms: 1, deep: { list: ['\n'] } }, 'c');
  log.error(new Error('d'));
  assert.deepEqual(seen.slice(0, 2), [
    [{}, 'a␍b'],
    [{ component: '␛' }, { ms: 1, deep: { list: ['␊'] } }, 'c'],
  ]);
  assert.equal((seen.at(2)?.at(1) as { err?: { message: string } } | undefined)?.err?.message, 'd');
});

test('of causes without end eight are told', () => {
  const one = new Error('one');
  const two = new Error('two', { cause: one });
  one.cause = two;
  const { stack } = loggedError(two) as { stack: string };
  assert.equal(stack.split('caused by: ').length, 8);
});

test('fields that are null, and arguments that are, pass', () => {
  const written: unknown[][] = [];
  const plain = { info: (...given: unknown[]) => written.push(given) } as unknown as Logger;
  const log = guardedLog(plain);
  log.info({ none: null, list: [null], deep: { none: null } }, 'text');
  log.info(null, 'text');
  assert.deepEqual(written, [
    [{ none: null, list: [null], deep: { none: null } }, 'text'],
    [null, 'text'],
  ]);
});
