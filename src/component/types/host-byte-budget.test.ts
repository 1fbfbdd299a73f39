// What the host keeps for a guest counts to the byte, for its request and for the process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from '../../errors.ts';
import { bytesOfText, HeldBytes, HostByteBudget } from './host-byte-budget.ts';
import { HostMemory } from './host-memory.ts';

const overLimit = (error: unknown): boolean =>
  error instanceof Trap && error.message === 'Limit reached: held (100 bytes)';

test('up to the limit and not a byte beyond, and what is given back counts no more', () => {
  const budget = new HostByteBudget(100, new HostMemory(1000));
  budget.add(100);
  assert.throws(() => budget.add(1), overLimit);
  assert.equal(budget.tryAdd(1), false);
  assert.equal(budget.bytes, 100);
  budget.add(-51);
  budget.add(50);
  assert.equal(budget.tryAdd(1), true);
  assert.equal(budget.bytes, 100);
});

test('requests share what the process keeps for all guests, and give it back when they end', () => {
  const memory = new HostMemory(150);
  const [one, other] = [new HostByteBudget(100, memory), new HostByteBudget(100, memory)];
  one.add(100);
  other.add(50);
  assert.throws(() => other.add(1), { code: 'sandbox-exhausted' });
  assert.equal(other.tryAdd(1), false);
  one.close();
  one.close();
  assert.equal(memory.bytes, 50);
  other.add(50);
  assert.equal(memory.bytes, 100);
  other.close();
  assert.equal(memory.bytes, 0);
});

test('nothing is counted for a request that is over: what comes late neither fails nor takes', () => {
  const memory = new HostMemory(150);
  const budget = new HostByteBudget(100, memory);
  budget.add(60);
  budget.close();
  budget.add(1000);
  budget.add(-60);
  assert.equal(budget.tryAdd(1000), true);
  assert.equal(memory.bytes, 0);
});

test('one object that holds more and less: a number that does not fit leaves it as it was', () => {
  const budget = new HostByteBudget(100, new HostMemory(1000));
  const [one, other] = [new HeldBytes(budget), new HeldBytes(budget)];
  one.set(70);
  assert.throws(() => other.set(31), overLimit);
  assert.equal(other.trySet(31), false);
  assert.equal(other.bytes, 0);
  assert.equal(other.trySet(30), true);
  one.set(10);
  assert.equal(other.trySet(90), true);
  assert.equal(other.trySet(5), true);
  assert.equal(budget.bytes, 15);
  one.release();
  other.release();
  assert.equal(budget.bytes, 0);
});

test('a text takes a byte for each unit as long as all are Latin-1, else two', () => {
  assert.equal(bytesOfText(undefined), 0);
  assert.equal(bytesOfText('abcé\n\0'), 6);
  assert.equal(bytesOfText('abc€'), 8);
  assert.equal(bytesOfText('\u{1f600}'), 4);
});

test('the process gets back what a request has not used for long, and keeps a little for what comes next', () => {
  const memory = new HostMemory(1e9);
  const budget = new HostByteBudget(1e8, memory);
  budget.add(1_000_000);
  assert.equal(memory.bytes, 1_003_520);
  budget.add(-100_000);
  assert.equal(memory.bytes, 1_003_520);
  budget.add(-100_000);
  assert.equal(memory.bytes, 800_000);
  budget.add(1);
  assert.equal(memory.bytes, 804_096);
  budget.close();
  assert.equal(memory.bytes, 0);
});
