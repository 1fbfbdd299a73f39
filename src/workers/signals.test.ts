// SIGINT and SIGTERM drain the workers, and SIGHUP reloads them.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { testLog } from '../telemetry/log.test-kit.ts';
import { followSignals } from './signals.ts';

function bench(reload: () => Promise<void> = async () => undefined) {
  const process = new EventEmitter();
  const calls: string[] = [];
  const stopped = Promise.withResolvers<void>();
  const pool = {
    stop: () => {
      calls.push('stop');
      return stopped.promise;
    },
    kill: () => void calls.push('kill'),
    reload: () => {
      calls.push('reload');
      return reload();
    },
  };
  const { log, messages } = testLog();
  const followed = followSignals(pool, log, process);
  return { process, calls, errors: () => messages('error'), stopped, followed };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} drains, and every further one ends the workers at once`, async () => {
    const one = bench();
    one.process.emit(signal);
    assert.deepEqual(one.calls, ['stop']);
    one.process.emit(signal);
    one.process.emit(signal === 'SIGINT' ? 'SIGTERM' : 'SIGINT');
    assert.deepEqual(one.calls, ['stop', 'kill', 'kill']);
    one.stopped.resolve();
    await one.followed;
  });
}

test('it is done when the workers are gone, and then signals have their usual meaning', async () => {
  const one = bench();
  let isDone = false;
  void one.followed.then(() => {
    isDone = true;
  });
  one.process.emit('SIGTERM');
  await settle();
  assert.equal(isDone, false);
  one.stopped.resolve();
  await settle();
  assert.equal(isDone, true);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) assert.equal(one.process.listenerCount(signal), 0, signal);
});

test('SIGHUP reloads, and a reload that fails is logged', async () => {
  const one = bench();
  one.process.emit('SIGHUP');
  one.process.emit('SIGHUP');
  await settle();
  assert.deepEqual([one.calls, one.errors()], [['reload', 'reload'], []]);
  const failing = bench(async () => {
    throw new Error('no manifest');
  });
  failing.process.emit('SIGHUP');
  await settle();
  assert.deepEqual(failing.errors(), ['The workers serve on as before: no manifest']);
});
