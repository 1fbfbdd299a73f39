// The watchdog stops the guest whose time is over, in each of its ways, and no other.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { parse } from '@bytecodealliance/jco';
import { readCoreModule } from '../../component/rewrite/read-core-module.ts';
import { rewriteCoreModule } from '../../component/rewrite/rewrite-core-module.ts';
import { POLL_ADDRESS, processPollPages } from './poll-pages.ts';
import type { Outcome } from './watchdog.fixture.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';
import { FLAG, STOPPING } from './words.ts';

const guest = `(module (memory 160)
  (func $recurse (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (call $recurse (i32.sub (local.get 0) (i32.const 1))) (call $recurse (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 1))))
  (func (export "answer") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "loop") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if 0 (local.get 0))) (local.get 1))
  ;; Never end for even arguments; run often with odd ones first, so that the optimising compiler has had them.
  (func (export "optimised registers") (param i32) (result i32) (local i32)
    (loop (br_if 0 (i32.ne (local.tee 1 (i32.add (local.get 1) (i32.const 2))) (i32.add (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "optimised memory") (param i32) (result i32) (local i32)
    (loop (i32.store (i32.and (local.get 1) (i32.const 0xfffc)) (local.get 1))
      (br_if 0 (i32.ne (local.tee 1 (i32.add (local.get 1) (i32.const 2))) (i32.add (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "optimised while") (param i32) (result i32) (local i32)
    (block (loop (br_if 1 (i32.eq (local.get 1) (i32.add (local.get 0) (i32.const 1))))
      (local.set 1 (i32.add (local.get 1) (i32.const 2))) (br 0)))
    (local.get 1))
  (func (export "recursion") (param i32) (result i32) (call $recurse (i32.const 70)))
  (func (export "bulk") (param i32) (result i32)
    (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 10485760)) (br 0)) (unreachable)))`;

async function outcomes(pollAddress: number | undefined): Promise<Map<string, Outcome>> {
  const bytes = await parse(guest);
  const options = { importMemories: 'own', interrupt: { module: 'watch', name: 'flag', pollAddress } };
  const workerData = rewriteCoreModule(bytes, readCoreModule(bytes), options);
  const worker = new Worker(new URL('./watchdog.fixture.ts', import.meta.url), { workerData });
  const found = new Map<string, Outcome>();
  worker.on('message', (outcome: Outcome) => found.set(outcome.name, outcome));
  const timer = setTimeout(() => worker.terminate(), 30_000);
  await once(worker, 'exit');
  clearTimeout(timer);
  return found;
}

const polls = processPollPages();
const ways = {
  flag: { pollAddress: undefined, trap: 'unreachable', skip: false },
  polls: { pollAddress: POLL_ADDRESS, trap: 'memory access out of bounds', skip: typeof polls === 'string' && polls },
} as const;

for (const [way, { pollAddress, trap, skip }] of Object.entries(ways)) {
  test(`runaway guests are stopped by ${way}, and their neighbours go on`, { skip }, async (t) =>
    allAreStopped(t, await outcomes(pollAddress), trap),
  );
}

function allAreStopped(t: TestContext, found: ReadonlyMap<string, Outcome>, trap: string): void {
  assert.equal(found.get('answer')?.error, 'none');
  assert.equal(found.get('answer')?.stopped, false);
  assert.equal(found.get('spent')?.error, trap);
  assert.equal(found.get('spent')?.stopped, true);
  assert.equal(found.get('spent')?.neighbour, 42);
  const optimised = ['optimised registers', 'optimised memory', 'optimised while'];
  for (const name of ['loop', 'recursion', 'bulk', ...optimised]) {
    const outcome = found.get(name);
    assert.equal(outcome?.error, trap, name);
    assert.equal(outcome.stopped, true, name);
    assert.equal(outcome.flag, 0, name);
    assert.equal(outcome.neighbour, 42, name);
    t.diagnostic(`${name}: limit 100 ms, stopped after ${outcome.elapsedMs.toFixed(1)} ms`);
  }
}

/** Waits until the flag goes up. The thread sleeps meanwhile, as a guest would not. */
function waitForFlag({ flagMemory }: Watchdog): void {
  Atomics.wait(new Int32Array(flagMemory.buffer), 0, 0, 1); // nobody notifies this word
}
function isRaised(watchdog: Watchdog): boolean {
  const word = new Int32Array(watchdog.flagMemory.buffer);
  for (let turns = 0; turns < 20_000 && word[0] === 0; turns++) waitForFlag(watchdog);
  return word[0] !== 0;
}

test('a slice that is over is not stopped, the next one has its own time', (t) => {
  const watchdog = createWatchdog();
  t.after(() => watchdog.close());
  for (let slice = 0; slice < 1000; slice++) {
    watchdog.enter(60_000);
    assert.equal(watchdog.leave(), false);
  }
  watchdog.enter(1);
  assert.ok(isRaised(watchdog));
  assert.equal(watchdog.leave(), true);
  watchdog.enter(60_000);
  assert.equal(new Int32Array(watchdog.flagMemory.buffer)[0], 0);
  assert.equal(watchdog.leave(), false);
});

test('without any time a guest is stopped before it begins, alone and inside another slice', (t) => {
  const watchdog = createWatchdog();
  t.after(() => watchdog.close());
  const word = new Int32Array(watchdog.flagMemory.buffer);
  for (const milliseconds of [0, -5]) {
    watchdog.enter(milliseconds);
    assert.notEqual(word[0], 0);
    assert.equal(watchdog.leave(), true);
    assert.equal(word[0], 0);
    watchdog.enter(60_000);
    watchdog.enter(milliseconds);
    assert.equal(watchdog.leave(), true);
    assert.equal(word[0], 0);
    assert.equal(watchdog.leave(), false);
  }
});

test('a shorter slice is stopped although the watchdog sleeps for a longer one', (t) => {
  const watchdog = createWatchdog();
  t.after(() => watchdog.close());
  watchdog.enter(1);
  assert.ok(isRaised(watchdog)); // the thread is up
  watchdog.leave();
  watchdog.enter(3_600_000);
  watchdog.leave();
  watchdog.enter(5);
  assert.ok(isRaised(watchdog));
  assert.equal(watchdog.leave(), true);
});

test('inside another slice the inner one is stopped alone, then the outer one has what it had left', (t) => {
  const watchdog = createWatchdog();
  t.after(() => watchdog.close());
  watchdog.enter(60_000);
  watchdog.enter(1);
  assert.ok(isRaised(watchdog));
  assert.equal(watchdog.leave(), true);
  assert.equal(new Int32Array(watchdog.flagMemory.buffer)[0], 0);
  assert.equal(watchdog.leave(), false);
  watchdog.enter(20);
  watchdog.enter(60_000);
  assert.equal(watchdog.leave(), false);
  assert.ok(isRaised(watchdog));
  assert.equal(watchdog.leave(), true);
  assert.equal(watchdog.leave(), false);
});

test('slices that end as their time ends are each told the truth', (t) => {
  const watchdog = createWatchdog();
  t.after(() => watchdog.close());
  const word = new Int32Array(watchdog.flagMemory.buffer);
  for (let slice = 0; slice < 300; slice++) {
    watchdog.enter(slice % 3);
    for (let turns = 0; turns < (slice % 7) * 20_000; turns++) Math.sqrt(turns);
    const stopped = watchdog.leave();
    assert.equal(word[0], 0, `the flag is down after slice ${slice}, which was stopped: ${stopped}`);
  }
});

test('while nothing is to be stopped the thread sleeps', (t) => {
  const watchdog = createWatchdog();
  t.after(() => watchdog.close());
  watchdog.enter(1);
  assert.ok(isRaised(watchdog)); // the thread is up
  watchdog.leave();
  const nobodyNotifies = new Int32Array(new SharedArrayBuffer(4));
  /** This thread sleeps, too: what the process takes of the processors is the other's. Compilers may have a bit left. */
  const isAsleep = (): boolean => {
    const before = process.cpuUsage();
    Atomics.wait(nobodyNotifies, 0, 0, 200);
    return process.cpuUsage(before).user + process.cpuUsage(before).system < 3_000;
  };
  const fallsAsleep = (): boolean => isAsleep() || isAsleep() || isAsleep() || isAsleep() || isAsleep();
  assert.ok(fallsAsleep(), 'no guest runs');
  watchdog.enter(60_000);
  assert.ok(fallsAsleep(), 'a guest runs that has a minute');
  watchdog.leave();
});

test('a guest whose watchdog was ended while it stopped it does not wait for ever', () => {
  const watchdog = createWatchdog();
  watchdog.enter(60_000);
  new Int32Array(watchdog.flagMemory.buffer)[FLAG] = STOPPING; // and then it says nothing more
  watchdog.close();
  assert.equal(watchdog.leave(), true);
  assert.equal(new Int32Array(watchdog.flagMemory.buffer)[FLAG], 0);
});
