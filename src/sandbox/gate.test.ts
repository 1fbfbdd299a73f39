// The gate gives out as many places as there are, in the order in which they were asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gate, MOST_BUSY, type Waiter } from './gate.ts';

/** Takes `places` when it is served, and waits again when they are not free. */
function waiter(gate: Gate, name: string, served: string[], places = 1): Waiter {
  const one: Waiter = {
    serve() {
      served.push(name);
      if (!gate.enter(places)) gate.wait(one);
    },
  };
  return one;
}

test('as many places as the limit says, and not one more', () => {
  const gate = new Gate(3);
  assert.deepEqual([gate.limit, gate.busy], [3, 0]);
  assert.deepEqual([gate.enter(), gate.enter(), gate.enter(), gate.enter()], [true, true, true, false]);
  assert.equal(gate.busy, 3);
  gate.leave();
  assert.equal(gate.busy, 2);
  assert.equal(gate.enter(), true);
  assert.equal(gate.enter(), false);
});

test('several places at once are all there or none is taken', () => {
  const gate = new Gate(3);
  assert.equal(gate.enter(2), true);
  assert.equal(gate.enter(2), false);
  assert.equal(gate.busy, 2);
  assert.equal(gate.enter(1), true);
  gate.leave(2);
  assert.equal(gate.busy, 1);
  assert.equal(gate.enter(2), true);
});

test('who needs more than there are is let in alone', () => {
  const gate = new Gate(3);
  gate.enter();
  assert.equal(gate.enter(5), false);
  gate.leave();
  assert.equal(gate.enter(5), true);
  assert.equal(gate.enter(1), false);
  gate.leave(5);
  assert.equal(gate.busy, 0);
});

test('those who wait are served in the order in which they came, until it is full', () => {
  const gate = new Gate(2);
  const served: string[] = [];
  gate.enter(2);
  for (const name of ['a', 'b', 'c', 'd']) gate.wait(waiter(gate, name, served));
  assert.deepEqual(served, []);
  gate.leave();
  assert.deepEqual(served, ['a']);
  gate.leave(2);
  assert.deepEqual(served, ['a', 'b', 'c']);
  gate.leave();
  assert.deepEqual(served, ['a', 'b', 'c', 'd']);
  gate.leave(2);
  assert.equal(served.length, 4);
});

test('each is asked once; who gets too little waits on behind those that came later', () => {
  const gate = new Gate(3);
  const served: string[] = [];
  gate.enter(3);
  gate.wait(waiter(gate, 'heavy', served, 3));
  gate.wait(waiter(gate, 'light', served));
  gate.leave();
  assert.deepEqual(served, ['heavy', 'light']);
  assert.equal(gate.busy, 3);
  served.length = 0;
  gate.wait(waiter(gate, 'later', served));
  gate.leave(3);
  assert.deepEqual(served, ['heavy']);
  assert.equal(gate.busy, 3);
});

test('who waits twice is served once, and who is forgotten is not', () => {
  const gate = new Gate(1);
  const served: string[] = [];
  const [one, two] = [waiter(gate, 'one', served), waiter(gate, 'two', served)];
  gate.enter();
  for (const each of [one, two, one]) gate.wait(each);
  gate.forget(one);
  gate.leave();
  assert.deepEqual(served, ['two']);
  gate.leave();
  assert.deepEqual(served, ['two']);
});

test('who leaves while others are being served makes no second round', () => {
  const gate = new Gate(2);
  const served: string[] = [];
  let depth = 0;
  const brief: Waiter = {
    serve() {
      assert.equal(depth++, 0, 'served within serving');
      served.push('brief');
      gate.enter();
      gate.leave();
      depth--;
    },
  };
  gate.enter(2);
  gate.wait(brief);
  gate.wait(waiter(gate, 'next', served));
  gate.leave();
  assert.deepEqual(served, ['brief', 'next']);
  // And after that it serves as before.
  gate.wait(waiter(gate, 'last', served));
  gate.leave();
  assert.deepEqual(served, ['brief', 'next', 'last']);
});

test('the limit of a process where none is given', () => {
  assert.equal(new Gate().limit, MOST_BUSY);
  assert.equal(MOST_BUSY, 10_000);
});
