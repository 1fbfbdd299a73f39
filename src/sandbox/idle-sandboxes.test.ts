// Idle sandboxes are few in a process of many apps: those that were used longest ago go first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IdlePool, IdleSandboxes, type IdleShare } from './idle-sandboxes.ts';

class Fake implements IdlePool {
  idle = 0;
  readonly share: IdleShare;
  constructor(all: IdleSandboxes) {
    this.share = all.shareOf(this);
  }
  dropIdle(): boolean {
    if (this.idle === 0) return false;
    this.idle--;
    return true;
  }
  add(count = 1): this {
    for (let i = 0; i < count; i++) {
      this.idle++;
      this.share.added();
    }
    return this;
  }
  take(): void {
    this.idle--;
    this.share.removed();
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
  one.share.removed();
  assert.equal(all.count, 0);
});

test('a pool whose sandboxes were all taken, and that has some again, is among them once', () => {
  let now = 0;
  const all = new IdleSandboxes(() => now);
  const [one, other] = [new Fake(all).add(1), new Fake(all).add(1)];
  now = 1;
  one.take();
  one.add();
  other.add(94);
  assert.deepEqual([one.idle, other.idle, all.count], [1, 95, 96]);
  now = 2;
  other.add(2);
  assert.deepEqual([one.idle, other.idle, all.count], [0, 96, 96]);
});

test('while more are idle than may stay, they are looked at every fifteen seconds', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  const all = new IdleSandboxes(() => now);
  const old = new Fake(all).add(30);
  const one = new Fake(all).add(3);
  now = 59_999;
  t.mock.timers.tick(15_000);
  assert.equal(all.count, 33, 'not yet a minute');
  now = 60_000;
  t.mock.timers.tick(14_999);
  assert.equal(all.count, 33);
  t.mock.timers.tick(1);
  assert.deepEqual([old.idle, one.idle], [29, 3]);
  // With as many as may stay nobody looks any more, until there are more again.
  now = 200_000;
  t.mock.timers.tick(100_000);
  one.add(1);
  now = 300_000;
  t.mock.timers.tick(15_000);
  assert.equal(all.count, 32);
});
