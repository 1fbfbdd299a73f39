// What is logged is what the table of events says: every line of the code goes through it, and none of it is unused.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pino } from 'pino';
import { MayflyError } from '../errors.ts';
import { eventFields, events, logEvent } from './events.ts';

const sources = globSync('src/**/*.ts').filter(
  (file) => !/(\.test|test-support|\.fixture)\.ts$/.test(file) && !/(^|\/)test-[^/]*$/.test(file),
);

function matches(pattern: RegExp): string[] {
  return sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, found]) => found as string),
  );
}

test('every event that is logged is in the table, and every event of the table is logged', () => {
  const logged = matches(/\blogEvent\(\s*[\w.#]+,\s*'([^']*)'/g);
  assert.equal(matches(/\blogEvent(\()/g).length, logged.length, 'each call names its event');
  assert.deepEqual([...new Set(logged)].sort(), Object.keys(events).sort());
});

test('nothing is logged but events', () => {
  const direct = sources.filter(
    (file) =>
      !file.startsWith('src/telemetry/') && /[lL]og\.(debug|info|warn|error)\(/.test(readFileSync(file, 'utf8')),
  );
  assert.deepEqual(direct, []);
});

test('every field of an event says what it is, and none is explained that no event has', () => {
  const used = new Set(Object.values(events).flatMap(({ fields }) => [...fields]));
  assert.deepEqual([...used].sort(), Object.keys(eventFields).sort());
});

test('an event has its name, its level, its fields, and what its error tells', () => {
  const lines: unknown[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line));
  const log = pino({ level: 'debug', base: null, timestamp: false, serializers: { err: () => 'e' } }, { write });
  const limit = { name: 'held', value: 7 };
  const failed = { component: 'a', method: 'GET', path: '/', status: 500 };
  logEvent(log, 'request-failed', { ...failed, err: new MayflyError('guest-trap', 'x', { limit }) }, 'one');
  logEvent(log, 'reload-failed', { err: Object.assign(new Error('y'), { code: 'EMFILE' }) }, 'two');
  logEvent(log, 'reload-failed', { err: new Error('z') }, 'three');
  logEvent(log.child({ component: 'b' }), 'guest-output', { stream: 'stdout' }, 'four');
  assert.deepEqual(lines, [
    {
      level: 50,
      event: 'request-failed',
      code: 'guest-trap',
      limit: 'held',
      value: 7,
      ...failed,
      err: 'e',
      msg: 'one',
    },
    { level: 50, event: 'reload-failed', code: 'EMFILE', err: 'e', msg: 'two' },
    { level: 50, event: 'reload-failed', code: 'internal', err: 'e', msg: 'three' },
    { level: 30, component: 'b', event: 'guest-output', stream: 'stdout', msg: 'four' },
  ]);
});
