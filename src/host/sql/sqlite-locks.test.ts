// A lock that somebody else holds is waited for, at growing intervals and for five seconds; any other error is told at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLocked, type Patience, patiently, sqliteCode } from './sqlite-locks.ts';

const failing = (errcode: unknown): Error => Object.assign(new Error(`code ${String(errcode)}`), { errcode });
const caller = { signal: new AbortController().signal };

/** The test's own time: to wait is to move it on. */
function time() {
  const waits: number[] = [];
  let now = 1000;
  const patience: Patience = {
    now: () => now,
    async wait(ms, signal) {
      signal.throwIfAborted();
      waits.push(ms);
      now += ms;
    },
  };
  return { waits, patience };
}

/** Fails with these errors first. */
function attempts(...errors: readonly Error[]) {
  let count = 0;
  const attempt = (): number => {
    const error = errors[count++];
    if (error) throw error;
    return count;
  };
  return { attempt, later: async () => attempt(), count: () => count };
}

test('what is done at once waits for nothing, and neither does an error that is none of a lock', async () => {
  const { patience, waits } = time();
  assert.equal(patiently(attempts().attempt, caller, patience), 1);
  for (const errcode of [1, 4, 7, undefined, '5', 0x500]) {
    const wrong = attempts(failing(errcode), failing(5));
    assert.throws(() => patiently(wrong.attempt, caller, patience), { message: `code ${errcode}` });
    const later = attempts(failing(errcode));
    await assert.rejects(async () => patiently(later.later, caller, patience), { message: `code ${errcode}` });
    assert.equal(wrong.count() + later.count(), 2);
  }
  assert.deepEqual(waits, []);
});

test('a lock is tried again after pauses that double up to the longest', async () => {
  for (const way of ['attempt', 'later'] as const) {
    const { patience, waits } = time();
    const locks = [5, 6, 261, 262, 517, 5, 5].map(failing);
    assert.equal(await patiently(attempts(...locks)[way], caller, patience), 8);
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 25, 25]);
  }
});

test('another error after a lock is told, and so is a lock that lasts for longer than five seconds', async () => {
  const wrong = attempts(failing(5), failing(5), failing(1), failing(5));
  await assert.rejects(async () => patiently(wrong.attempt, caller, time().patience), { message: 'code 1' });
  assert.equal(wrong.count(), 3);
  const { patience, waits } = time();
  const locked = (): never => {
    throw failing(5);
  };
  await assert.rejects(async () => patiently(locked, caller, patience), { message: 'code 5' });
  const waited = waits.reduce((sum, ms) => sum + ms, 0);
  assert.ok(waited > 5000 && waited - (waits.at(-1) ?? 0) <= 5000, `${waited} ms`);
  const just = time();
  let tries = 0;
  const freed = (): number => {
    if (just.patience.now() < 6000) throw failing(6);
    return ++tries;
  };
  assert.equal(await patiently(freed, caller, just.patience), 1);
});

test('who is gone waits no longer', async () => {
  const gone = new Error('gone');
  const locked = attempts(failing(5), failing(5));
  await assert.rejects(async () => patiently(locked.attempt, { signal: AbortSignal.abort(gone) }));
  assert.equal(locked.count(), 1);
});

test('the low byte of a code says what it is', () => {
  assert.deepEqual([failing(5), failing(0x105), failing('x'), undefined, null].map(sqliteCode), [
    5,
    5,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(
    [4, 5, 6, 7].map((code) => isLocked(failing(code))),
    [false, true, true, false],
  );
});
