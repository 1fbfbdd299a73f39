// Idle sandboxes are few in a process of many apps: those that were used longest ago go first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IdlePool, IdleSandboxes } from './idle-sandboxes.ts';

class Fake implements IdlePool {
  idle = 0;
  readonly #all: IdleSandboxes;
  constructor(all: IdleSandboxes) {
    this.#all = all;
  }
  dropIdle(): boolean {
    if (this.idle === 0) return false;
    this.idle--;
    return true;
  }
  add(count = 1): this {
    for (let i = 0; i < count; i++) {
      this.idle++;
      this.#all.added(this);
    }
    return this;
  }
  take(): void {
    this.idle--;
    this.#all.removed(this);
  }
}

test('beyond 96 the pool that was used longest ago gives one back', () => {
  const all = new IdleSandboxes();
  const [first, second, third] = [new Fake(all).add(2), new Fake(all).add(93), new Fake(all).add()];
  assert.equal(all.count, 96);
  third.add();
  assert.deepEqual([first.idle, second.idle, third.idle, all.count], [1, 93, 2, 96]);
  // A use makes a pool the last to give back.
  first.take();
  first.add();
  third.add();
  assert.deepEqual([first.idle, second.idle, third.idle], [1, 92, 3]);
});

test('one pool alone gives its own back', () => {
  const all = new IdleSandboxes();
  const one = new Fake(all).add(200);
  assert.deepEqual([one.idle, all.count], [96, 96]);
});

test('after a minute without a request pools give all back but 32 of the process', () => {
  let now = 0;
  const all = new IdleSandboxes(() => now);
  const [old, older] = [new Fake(all), new Fake(all)];
  older.add(30);
  now = 1000;
  old.add(30);
  now = 60_500;
  const fresh = new Fake(all).add(10);
  all.dropUnused();
  assert.deepEqual([older.idle, old.idle, fresh.idle], [0, 30, 10], 'the one of which the minute is over');
  now = 61_000;
  all.dropUnused();
  assert.deepEqual([old.idle, fresh.idle, all.count], [22, 10, 32]);
  now = 1_000_000;
  all.dropUnused();
  assert.equal(all.count, 32);
});

test('few stay for ever', () => {
  let now = 0;
  const all = new IdleSandboxes(() => now);
  const one = new Fake(all).add(5);
  now = 1e9;
  all.dropUnused();
  assert.equal(one.idle, 5);
});

test('pools that have none are not remembered, and what is taken counts no more', () => {
  const all = new IdleSandboxes();
  const one = new Fake(all).add(2);
  one.take();
  one.take();
  assert.equal(all.count, 0);
  all.removed(one);
  assert.equal(all.count, 0);
});
