// Those who wait for the thread get it by the time that their components have had.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lane, Line, type Waiting } from './line.ts';

interface Named extends Waiting {
  readonly name: string;
}

const waiting = (lane: Lane, name: string, usedMs = 0): Named => ({ lane, name, usedMs, go: () => undefined });

/** A lane whose guests have taken so long lately. */
function laneOf(ms: number): Lane {
  const lane = new Lane();
  for (let index = 0; index < 100; index++) lane.served(ms);
  lane.servedMs = 0;
  return lane;
}

/** Takes the next; its guest uses so much. */
function takeOne(line: Line, ms: number): string {
  const next = line.next() as Named;
  next.lane.served(ms);
  return next.name;
}

test('quick guests are let in in the order in which they came', () => {
  const line = new Line();
  const lane = laneOf(1);
  for (let index = 0; index < 300; index++) line.add(waiting(lane, String(index)));
  for (let index = 0; index < 300; index++) assert.equal(takeOne(line, 1), String(index));
  assert.equal(line.next(), undefined);
  assert.equal(line.size, 0);
});

test('a component with a thousand runaways counts once: its neighbour is next, whenever it comes', () => {
  const line = new Line();
  const evil = laneOf(2000);
  const good = laneOf(1);
  for (let index = 0; index < 1000; index++) line.add(waiting(evil, 'evil'));
  for (let round = 0; round < 100; round++) {
    assert.equal(takeOne(line, 2000), 'evil');
    line.add(waiting(good, 'good'));
    assert.equal(takeOne(line, 1), 'good');
  }
});

test('runaways of twenty components: a neighbour of which more is known is next', () => {
  const line = new Line();
  const good = laneOf(1);
  for (let index = 0; index < 20; index++) line.add(waiting(new Lane(), 'evil'));
  for (let index = 0; index < 20; index++) {
    assert.equal(takeOne(line, 2000), 'evil');
    line.add(waiting(good, 'good'));
    assert.equal(takeOne(line, 1), 'good');
  }
});

test('a component that was busy for long before anybody waited has no disadvantage from it', () => {
  const line = new Line();
  const [busy, idle] = [laneOf(1), laneOf(2000)];
  for (let index = 0; index < 10_000; index++) {
    line.began(busy);
    busy.served(1);
  }
  for (let index = 0; index < 3; index++) line.add(waiting(idle, 'evil'));
  assert.equal(takeOne(line, 2000), 'evil');
  line.add(waiting(busy, 'busy'));
  assert.equal(takeOne(line, 1), 'busy');
});

test('quick guests do not keep slow ones out for good', () => {
  const line = new Line();
  const [quick, slow] = [laneOf(1), laneOf(100)];
  line.add(waiting(slow, 'slow'));
  let before = 0;
  for (line.add(waiting(quick, 'quick')); takeOne(line, 1) === 'quick'; line.add(waiting(quick, 'quick'))) before++;
  assert.ok(before > 50 && before < 150, `after ${before} quick ones`);
});

test('components of the same kind share the thread by time', () => {
  const line = new Line();
  const [short, long] = [laneOf(10), laneOf(40)];
  const had = { short: 0, long: 0 };
  for (let index = 0; index < 1000; index++) {
    line.add(waiting(short, 'short'));
    line.add(waiting(long, 'long'));
  }
  while (had.short + had.long < 10_000) {
    const next = line.next() as Named;
    const ms = next.name === 'short' ? 10 : 40;
    next.lane.served(ms);
    had[next.name as keyof typeof had] += ms;
  }
  assert.ok(Math.abs(had.short - had.long) < 100, JSON.stringify(had));
});

test('among runaways of its own component a newcomer is let in after one more of them', () => {
  const line = new Line();
  const lane = laneOf(2000);
  for (let index = 0; index < 500; index++) line.add(waiting(lane, String(index)));
  takeOne(line, 2000);
  for (let round = 0; round < 10; round++) {
    line.add(waiting(lane, 'newcomer'));
    const next = [takeOne(line, 2000), takeOne(line, 2000)];
    assert.ok(next.includes('newcomer'), next.join());
  }
});

test('who has used much of the thread stands behind those of the component who have not', () => {
  const line = new Line();
  const lane = laneOf(2000);
  for (let index = 0; index < 20; index++) line.add(waiting(lane, 'used', 1000));
  line.add(waiting(lane, 'fresh'));
  assert.ok([takeOne(line, 1), takeOne(line, 1)].includes('fresh'));
  for (let index = 0; index < 5; index++) line.add(waiting(lane, 'fresh'));
  const next = Array.from({ length: 6 }, () => takeOne(line, 1));
  assert.ok(next.includes('used'), 'but it is not kept out');
});
