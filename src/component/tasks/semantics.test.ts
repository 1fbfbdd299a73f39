// What guests are told: the codes and events of copies, subtasks, sets, threads and tasks, number by number.
// CanonicalABI.md, in its words: a result is `progress << 4 | code`, an event three numbers. One file, in the order of the
// specification, since all of it is written in the same few snippets of WebAssembly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AsyncGuest, type AsyncRun, lifts, settled, startAsync } from '../../../test/support/async-guest.ts';
import type { Store } from './store.ts';

const BLOCKED = 0xffff_ffff;
const [COMPLETED, DROPPED, CANCELLED] = [0, 1, 2];
const copied = (count: number, code = COMPLETED): number => (count << 4) | code;

/** Writes what the expressions give, one after the other, from 4096 on, and returns how many they are. */
function noting(before: string, expressions: readonly string[], locals = ''): string {
  const notes = expressions.map((one, index) =>
    one.startsWith(';') ? one.slice(1) : `(i32.store (i32.const ${4096 + 4 * index}) ${one})`,
  );
  return `(func (export "run") (result i32) (local $a i32) (local $b i32) (local $c i32) (local $e i64) ${locals}
    ${before} ${notes.join('\n')} (i32.const 0))`;
}

function memoryOf({ instance }: AsyncRun): DataView {
  const memory = instance.core.map((exports) => exports.memory).find((found) => found instanceof WebAssembly.Memory);
  return new DataView((memory as WebAssembly.Memory).buffer as ArrayBuffer);
}

function notes(one: AsyncRun, count: number): number[] {
  const memory = one.instance.core
    .map((exports) => exports.memory)
    .find((found) => found instanceof WebAssembly.Memory);
  const data = new DataView((memory as WebAssembly.Memory).buffer as ArrayBuffer);
  return Array.from({ length: count }, (_, index) => data.getUint32(4096 + 4 * index, true));
}

/** Runs a guest to its end and gives its notes; `;` in front of an expression notes nothing. */
async function noted(before: string, ...expressions: string[]): Promise<number[]> {
  const one = await startAsync({ body: noting(before, expressions) });
  await one.call();
  return notes(one, expressions.length).filter((_, index) => !expressions[index]?.startsWith(';'));
}

const ends = (kind: string): string =>
  `(local.set $e (call $${kind}-new)) (local.set $a (call $lo (local.get $e))) (local.set $b (call $hi (local.get $e)))`;
const read = (kind: string, at: number, count?: number): string =>
  `(call $${kind}-read (local.get $a) (i32.const ${at}) ${count === undefined ? '' : `(i32.const ${count})`})`;
const write = (kind: string, at: number, count?: number): string =>
  `(call $${kind}-write (local.get $b) (i32.const ${at}) ${count === undefined ? '' : `(i32.const ${count})`})`;
const set = '(local.set $c (call $set-new))';
const join = (one: string): string => `;(call $join (local.get ${one}) (local.get $c))`;
/** Polls, then notes the three numbers of the event. */
const poll = [
  '(call $set-poll (local.get $c) (i32.const 512))',
  '(i32.load (i32.const 512))',
  '(i32.load (i32.const 516))',
];
const bytes = (at: number, ...values: number[]): string =>
  values.map((value, index) => `(i32.store8 (i32.const ${at + index}) (i32.const ${value}))`).join(' ');

test('new ends: the readable one first, in the handle table of all', async () => {
  assert.deepEqual(await noted(`${set} ${ends('s')}`, '(local.get $a)', '(local.get $b)', '(local.get $c)'), [2, 3, 1]);
});

test('a read that waits, and a write that fills part of it: how much, and what came', async () => {
  const found = await noted(
    `${ends('s')} ${set} ${bytes(256, 7, 8, 9)}`,
    read('s', 1024, 5),
    join('$a'),
    ...poll,
    write('s', 256, 3),
    ...poll,
    ...poll,
    '(i32.load (i32.const 1024))',
  );
  assert.deepEqual(found.slice(0, 4), [BLOCKED, 0, 0, 0]);
  assert.equal(found[4], copied(3));
  assert.deepEqual(found.slice(5, 8), [2, 1, copied(3)]);
  assert.deepEqual(found.slice(8, 11), [0, 0, 0]);
  assert.equal(found[11], 0x090807);
});

test('a write that waits, and a read that takes part of it; the rest stays the writer’s', async () => {
  const found = await noted(
    `${ends('s')} ${set} ${bytes(256, 7, 8, 9)}`,
    write('s', 256, 3),
    join('$b'),
    read('s', 1024, 2),
    ...poll,
    '(i32.load16_u (i32.const 1024))',
    write('s', 258, 1),
    read('s', 1024, 4),
    '(i32.load8_u (i32.const 1024))',
  );
  assert.deepEqual(found, [BLOCKED, copied(2), 3, 2, copied(2), 0x0807, BLOCKED, copied(1), 9]);
});

test('several writes into one read that has not been told yet add up', async () => {
  const found = await noted(
    `${ends('s')} ${set} ${bytes(256, 1, 2, 3, 4)}`,
    read('s', 1024, 4),
    write('s', 256, 1),
    write('s', 257, 2),
    join('$a'),
    ...poll,
    '(i32.load (i32.const 1024))',
  );
  assert.deepEqual(found, [BLOCKED, copied(1), copied(2), 2, 1, copied(3), 0x030201]);
});

test('elements of two bytes lie at two bytes each', async () => {
  const found = await noted(
    `${ends('t')} (i32.store (i32.const 256) (i32.const 0x22221111)) (i32.store16 (i32.const 260) (i32.const 0x3333))`,
    write('t', 256, 3),
    read('t', 1024, 1),
    read('t', 1026, 9),
    '(i32.load (i32.const 1024))',
    '(i32.load (i32.const 1028))',
  );
  assert.deepEqual(found, [BLOCKED, copied(1), copied(2), 0x22221111, 0x3333]);
});

test('copies of nothing: both meet at once, and a read of nothing waits for a write', async () => {
  assert.deepEqual(await noted(ends('s'), read('s', 0, 0), write('s', 0, 0)), [BLOCKED, copied(0)]);
  const writeFirst = await noted(`${ends('s')} ${set}`, write('s', 0, 0), read('s', 1024, 4), join('$b'), ...poll);
  assert.deepEqual(writeFirst, [BLOCKED, BLOCKED, 3, 2, copied(0)]);
  const readFirst = await noted(`${ends('s')} ${set}`, read('s', 0, 0), write('s', 256, 2), join('$a'), ...poll);
  assert.deepEqual(readFirst, [BLOCKED, BLOCKED, 2, 1, copied(0)]);
});

test('the other end is dropped: who waits is told, with what was copied, and who comes later, too', async () => {
  const found = await noted(
    `${ends('s')} ${set}`,
    read('s', 1024, 5),
    write('s', 256, 2),
    ';(call $s-drop-w (local.get $b))',
    join('$a'),
    ...poll,
  );
  assert.deepEqual(found, [BLOCKED, copied(2), 2, 1, copied(2, DROPPED)]);
  const later = await noted(`${ends('s')} (call $s-drop-w (local.get $b))`, read('s', 1024, 5));
  assert.deepEqual(later, [copied(0, DROPPED)]);
  const writer = await noted(
    `${ends('s')} ${set}`,
    write('s', 256, 5),
    ';(call $s-drop-r (local.get $a))',
    join('$b'),
    ...poll,
  );
  assert.deepEqual(writer, [BLOCKED, 3, 2, copied(0, DROPPED)]);
});

test('a copy that is called off: with what was copied until then, and the end can be used again', async () => {
  const found = await noted(
    `${ends('s')}`,
    read('s', 1024, 5),
    '(call $s-stop-read (local.get $a))',
    read('s', 1024, 5),
    write('s', 256, 2),
    '(call $s-stop-read-a (local.get $a))',
    write('s', 256, 2),
    '(call $s-stop-write (local.get $b))',
    write('s', 256, 2),
    read('s', 1024, 1),
    '(call $s-stop-write-a (local.get $b))',
  );
  assert.deepEqual(found, [
    BLOCKED,
    copied(0, CANCELLED),
    BLOCKED,
    copied(2),
    copied(2, CANCELLED),
    BLOCKED,
    copied(0, CANCELLED),
    BLOCKED,
    copied(1),
    copied(1, CANCELLED),
  ]);
});

test('one that was complete when it was called off is complete', async () => {
  const found = await noted(
    `${ends('s')}`,
    read('s', 1024, 2),
    write('s', 256, 2),
    '(call $s-stop-read (local.get $a))',
  );
  assert.deepEqual(found, [BLOCKED, copied(2), copied(2)]);
});

test('futures: one value, then done', async () => {
  const readFirst = await noted(
    `${ends('f')} ${set} ${bytes(256, 77)}`,
    read('f', 1024),
    join('$a'),
    write('f', 256),
    ...poll,
    '(i32.load8_u (i32.const 1024))',
    ';(call $f-drop-w (local.get $b))',
    ';(call $f-drop-r (local.get $a))',
  );
  assert.deepEqual(readFirst, [BLOCKED, COMPLETED, 4, 1, COMPLETED, 77]);
  const writeFirst = await noted(`${ends('f')} ${set}`, write('f', 256), join('$b'), read('f', 1024), ...poll);
  assert.deepEqual(writeFirst, [BLOCKED, COMPLETED, 5, 2, COMPLETED]);
  const dropped = await noted(
    `${ends('f')} (call $f-drop-r (local.get $a))`,
    write('f', 256),
    ';(call $f-drop-w (local.get $b))',
  );
  assert.deepEqual(dropped, [DROPPED]);
  const off = await noted(
    ends('f'),
    read('f', 1024),
    '(call $f-stop-read (local.get $a))',
    write('f', 256),
    '(call $f-stop-write (local.get $b))',
    write('f', 256),
    read('f', 1024),
  );
  assert.deepEqual(off, [BLOCKED, CANCELLED, BLOCKED, CANCELLED, BLOCKED, COMPLETED]);
});

test('a set: events in the order in which they came, each once; what leaves it brings none', async () => {
  const two = `${ends('s')} ${set} (local.set $e (call $f-new))`;
  const found = await noted(
    two,
    read('s', 1024, 1),
    '(call $f-read (call $lo (local.get $e)) (i32.const 1025))',
    ';(call $join (call $lo (local.get $e)) (local.get $c))',
    join('$a'),
    '(call $f-write (call $hi (local.get $e)) (i32.const 256))',
    write('s', 256, 1),
    ...poll,
    ...poll,
    ...poll,
  );
  assert.deepEqual(found, [BLOCKED, BLOCKED, COMPLETED, copied(1), 4, 4, COMPLETED, 2, 1, copied(1), 0, 0, 0]);
  const left = await noted(
    `${ends('s')} ${set}`,
    read('s', 1024, 1),
    join('$a'),
    ';(call $join (local.get $a) (i32.const 0))',
    write('s', 256, 1),
    ...poll,
    ';(call $set-drop (local.get $c))',
    '(call $set-new)',
  );
  assert.deepEqual(left, [BLOCKED, copied(1), 0, 0, 0, 3]);
});

test('what moves to another set takes its event along', async () => {
  const found = await noted(
    `${ends('s')} ${set}`,
    read('s', 1024, 1),
    join('$a'),
    write('s', 256, 1),
    ';(call $join (local.get $a) (local.tee $b (call $set-new)))',
    ...poll,
    '(call $set-poll (local.get $b) (i32.const 512))',
    ';(call $set-drop (local.get $c))',
  );
  assert.deepEqual(found, [BLOCKED, copied(1), 0, 0, 0, 2]);
});

test('a wait answers with the event that is there, and writes it where it is told', async () => {
  const found = await noted(
    `${ends('s')} ${set}`,
    read('s', 1024, 1),
    join('$a'),
    write('s', 256, 1),
    '(call $set-wait (local.get $c) (i32.const 640))',
    '(i32.load (i32.const 640))',
    '(i32.load (i32.const 644))',
  );
  assert.deepEqual(found, [BLOCKED, copied(1), 2, 1, copied(1)]);
});

test('subtasks of the host: started with a handle, told when they have returned, with the result in memory', async () => {
  const one = await startAsync({
    body: noting(set, [
      ';(local.set $a (call $slow (i32.const 5) (i32.const 1024)))',
      '(local.get $a)',
      ';(local.set $a (i32.shr_u (local.get $a) (i32.const 4)))',
      join('$a'),
      '(call $set-wait (local.get $c) (i32.const 512))',
      '(i32.load (i32.const 512))',
      '(i32.load (i32.const 516))',
      '(i32.load (i32.const 1024))',
      ';(call $sub-drop (local.get $a))',
      '(call $set-new)',
    ]),
  });
  const call = one.call();
  await settled();
  assert.deepEqual(
    one.calls.map(({ x }) => x),
    [5],
  );
  assert.equal(one.instance.suspended, true);
  one.calls[0]?.answer.resolve(99);
  assert.equal(await call, 0);
  const [, started, , , code, handle, state, result, , next] = notes(one, 10);
  assert.deepEqual([started, code, handle, state, result, next], [(2 << 4) | 1, 1, 2, 2, 99, 2]);
  assert.equal(await (one.instance.store as Store).idle(), true);
  assert.equal(one.instance.suspended, false);
});

test('a subtask that is called off: the host is told once, and what it brings later is nothing', async () => {
  const one = await startAsync({
    body: noting('', [
      ';(local.set $a (i32.shr_u (call $slow (i32.const 5) (i32.const 1024)) (i32.const 4)))',
      '(call $sub-cancel (local.get $a))',
      ';(call $sub-drop (local.get $a))',
      ';(local.set $a (i32.shr_u (call $slow (i32.const 6) (i32.const 1024)) (i32.const 4)))',
      '(call $sub-cancel-a (local.get $a))',
      ';(call $sub-drop (local.get $a))',
    ]),
  });
  assert.equal(await one.call(), 0);
  assert.deepEqual([notes(one, 5)[1], notes(one, 5)[4]], [4, 4]);
  assert.deepEqual(
    one.calls.map(({ cancelled }) => cancelled),
    [1, 1],
  );
  for (const { answer } of one.calls) answer.resolve(99);
  await settled();
  assert.equal(one.instance.suspended, false);
  assert.equal(memoryOf(one).getUint32(1024), 0);
  assert.equal((one.instance.store as Store).hostWork, 0);
});

test('a subtask that has returned and is not told yet, called off: it has returned', async () => {
  const one = await startAsync({
    body: noting('', [
      ';(local.set $a (i32.shr_u (call $slow (i32.const 5) (i32.const 1024)) (i32.const 4)))',
      ';(drop (call $slow-s (i32.const 6)))',
      '(call $sub-cancel (local.get $a))',
      '(i32.load (i32.const 1024))',
    ]),
  });
  const call = one.call();
  await settled();
  one.calls[0]?.answer.resolve(98);
  await settled();
  one.calls[1]?.answer.resolve(1);
  await call;
  assert.deepEqual(notes(one, 4).slice(2), [2, 98]);
  assert.equal(one.calls[0]?.cancelled, 0);
});

test('a call of the host that waits gives the result itself', async () => {
  const one = await startAsync({ body: noting('', ['(call $slow-s (i32.const 6))']) });
  const call = one.call();
  await settled();
  one.calls[0]?.answer.resolve(55);
  await call;
  assert.deepEqual(notes(one, 1), [55]);
});

test('error contexts: the message comes back, where realloc puts it', async () => {
  const found = await noted(
    `${bytes(256, ...Buffer.from('broken'))} (local.set $a (call $ec-new (i32.const 256) (i32.const 6)))`,
    ';(call $ec-text (local.get $a) (i32.const 600))',
    '(i32.load (i32.const 600))',
    '(i32.load (i32.const 604))',
    '(i32.load (i32.load (i32.const 600)))',
    ';(call $ec-drop (local.get $a))',
    '(call $set-new)',
  );
  assert.deepEqual(found, [8192, 6, Buffer.from('brok').readUInt32LE(), 1]);
});

test('each thread has its own context, two slots of it, and realloc runs in none of them', async () => {
  const one = await startAsync({
    realloc: '(func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8192))',
    body: `(func $thread (param i32)
        (i32.store (i32.const 4112) (call $ctx-get)) (call $ctx-set (local.get 0)) (i32.store (i32.const 4116) (call $ctx-get)))
      (elem (i32.const 0) func $thread)
      ${noting('', [
        '(call $ctx-get)',
        ';(call $ctx-set (i32.const 11))',
        ';(call $ctx-set-1 (i32.const 12))',
        ';(drop (call $yield-to (call $spawn (i32.const 0) (i32.const 33))))',
        ';',
        ';',
        '(call $ctx-get)',
        '(call $ctx-get-1)',
      ])}`,
  });
  await one.call();
  assert.deepEqual(notes(one, 8), [0, 0, 0, 0, 0, 33, 11, 12]);
});

test('threads: the index, switching, resuming later, and the task ends with the last of them', async () => {
  const order = (value: number): string => `(call $note (i32.const ${value}))`;
  const note = `(global $at (mut i32) (i32.const 4096))
    (func $note (param i32) (i32.store (global.get $at) (local.get 0))
      (global.set $at (i32.add (global.get $at) (i32.const 4))))`;
  const one = await startAsync({
    body: `${note}
      (func $first (param i32) (call $note (local.get 0)) (drop (call $yield)) ${order(102)})
      (func $second (param i32) (call $note (local.get 0)) (drop (call $suspend)) ${order(202)})
      (elem (i32.const 0) func $first $second)
      (func (export "run") (result i32) (local $a i32) (local $b i32)
        (call $note (call $index))
        (local.set $a (call $spawn (i32.const 0) (i32.const 101)))
        (local.set $b (call $spawn (i32.const 1) (i32.const 201)))
        (call $note (local.get $a)) (call $note (local.get $b))
        (call $later (local.get $a))
        (drop (call $yield-to (local.get $b)))
        ${order(1)}
        (call $later (local.get $b))
        (drop (call $yield))
        ${order(2)}
        (i32.const 0))`,
  });
  assert.equal(await one.call(), 0);
  assert.equal(await (one.instance.store as Store).idle(), true);
  const found = notes(one, 10);
  assert.deepEqual(found.slice(0, 4), [1, 2, 3, 201]);
  assert.deepEqual(
    found
      .slice(4)
      .filter((value) => value > 0)
      .sort((a, b) => a - b),
    [1, 2, 101, 102, 202],
  );
  assert.equal(one.instance.suspended, false);
});

test('promoting: a thread that is ready goes first, one that is not leaves all as it was', async () => {
  const one = await startAsync({
    body: `(global $at (mut i32) (i32.const 4096))
      (func $note (param i32) (i32.store (global.get $at) (local.get 0))
        (global.set $at (i32.add (global.get $at) (i32.const 4))))
      (func $t (param i32) (call $note (local.get 0)))
      (elem (i32.const 0) func $t)
      (func (export "run") (result i32) (local $a i32) (local $b i32) (local $c i32)
        (local.set $a (call $spawn (i32.const 0) (i32.const 10)))
        (local.set $b (call $spawn (i32.const 0) (i32.const 20)))
        (local.set $c (call $spawn (i32.const 0) (i32.const 30)))
        (call $later (local.get $a)) (call $later (local.get $b))
        (drop (call $yield-promote (local.get $b)))
        (call $note (i32.const 1))
        (drop (call $yield-promote (local.get $c)))
        (call $note (i32.const 2))
        (drop (call $yield-to (local.get $c)))
        (call $note (i32.const 3))
        (i32.const 0))`,
  });
  await one.call();
  const found = notes(one, 6);
  assert.equal(found[0], 20);
  assert.ok(found.indexOf(30) > found.indexOf(2), String(found));
  assert.deepEqual(
    [...found].sort((a, b) => a - b),
    [1, 2, 3, 10, 20, 30],
  );
});

const callback = (run: string, cb: string): AsyncGuest => ({
  lift: lifts.callback,
  body: `(func (export "run") (result i32) (local $a i32) (local $b i32) (local $e i64) ${run})
    (func (export "cb") (param $code i32) (param $first i32) (param $second i32) (result i32) ${cb})`,
});

test('callbacks: yielding brings no event, waiting the one that comes', async () => {
  const yields = await startAsync(
    callback(
      '(i32.const 1)',
      `(call $return (i32.add (local.get $code) (i32.add (local.get $first) (local.get $second)))) (i32.const 0)`,
    ),
  );
  assert.equal(await yields.call(), 0);
  const waits = await startAsync(
    callback(
      `(local.set $a (call $set-new))
       (call $join (i32.shr_u (call $slow (i32.const 5) (i32.const 1024)) (i32.const 4)) (local.get $a))
       (i32.or (i32.const 2) (i32.shl (local.get $a) (i32.const 4)))`,
      `(call $sub-drop (local.get $first))
       (call $return (i32.or (i32.load (i32.const 1024)) (i32.or (i32.shl (local.get $code) (i32.const 16))
         (i32.or (i32.shl (local.get $first) (i32.const 20)) (i32.shl (local.get $second) (i32.const 24))))))
       (i32.const 0)`,
    ),
  );
  const call = waits.call();
  await settled();
  waits.calls[0]?.answer.resolve(0x77);
  assert.equal(await call, 0x0221_0077);
  assert.equal(await (waits.instance.store as Store).idle(), true);
});

test('one task of an instance at a time, while callbacks decide; those that come wait in line', async () => {
  const one = await startAsync({
    lift: lifts.callback,
    body: `(global $inside (mut i32) (i32.const 0)) (global $done (mut i32) (i32.const 0))
      (func (export "run") (result i32)
        (if (global.get $inside) (then unreachable))
        (global.set $inside (i32.const 1))
        (drop (call $yield))
        (global.set $inside (i32.const 0))
        (global.set $done (i32.add (global.get $done) (i32.const 1)))
        (call $return (global.get $done)) (i32.const 0))
      (func (export "cb") (param i32 i32 i32) (result i32) unreachable)`,
  });
  assert.deepEqual(await Promise.all([one.call(), one.call(), one.call()]), [1, 2, 3]);
});

test('while a callback waits for its event, others come in', async () => {
  const one = await startAsync({
    lift: lifts.callback,
    body: `(global $set (mut i32) (i32.const 0)) (global $open (mut i32) (i32.const 0))
      (func (export "run") (result i32)
        (if (i32.eqz (global.get $set)) (then (global.set $set (call $set-new))))
        (global.set $open (i32.add (global.get $open) (i32.const 1)))
        (call $join (i32.shr_u (call $slow (global.get $open) (i32.const 1024)) (i32.const 4)) (global.get $set))
        (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
      (func (export "cb") (param i32 i32 i32) (result i32)
        (call $sub-drop (local.get 1)) (call $return (i32.load (i32.const 1024))) (i32.const 0))`,
  });
  const calls = [one.call(), one.call()];
  await settled();
  assert.deepEqual(
    one.calls.map(({ x }) => x),
    [1, 2],
  );
  one.calls[1]?.answer.resolve(20);
  assert.equal(await Promise.race(calls), 20);
  one.calls[0]?.answer.resolve(10);
  assert.deepEqual((await Promise.all(calls)).sort(), [10, 20]);
});

test('backpressure: calls wait until it is off', async () => {
  const one = await startAsync({
    body: `(global $count (mut i32) (i32.const 0))
      (func (export "run") (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (if (i32.eq (global.get $count) (i32.const 1)) (then
          (call $press-inc) (drop (call $slow-s (i32.const 1))) (call $press-dec)))
        (global.get $count))`,
  });
  const first = one.call();
  await settled();
  const order: string[] = [];
  const second = one.call().then((value) => {
    order.push('second');
    return value;
  });
  await settled();
  assert.deepEqual(order, []);
  one.calls[0]?.answer.resolve(0);
  assert.deepEqual([await first, await second], [1, 2]);
  assert.equal(await (one.instance.store as Store).idle(), true);
});

test('a function of synchronous type does not wait for backpressure', async () => {
  const one = await startAsync({
    lift: lifts.sync,
    body: '(func (export "run") (result i32) (call $press-inc) (i32.const 7))',
  });
  assert.deepEqual([await one.call(), await one.call()], [7, 7]);
  assert.equal(one.instance.suspended, true);
});

test('a request is over when its tasks are: what it left in the tables goes, the counters are as at first', async () => {
  const one = await startAsync({ body: noting(ends('s'), ['(local.get $a)', '(call $set-new)', '(call $index)']) });
  await one.call();
  const first = notes(one, 3);
  assert.equal(one.instance.components[0]?.handles.live, 3);
  one.instance.resetHostSide();
  assert.equal(one.instance.components[0]?.handles.live, 0);
  one.instance.context = { state: () => undefined };
  await one.call();
  assert.deepEqual(notes(one, 3), first);
});

test('an instance that has failed is not used again, though nothing of a request is left in it', async () => {
  const one = await startAsync({ body: '(func (export "run") (result i32) (i32.const 7))' });
  assert.equal(await one.call(), 7);
  const store = one.instance.store as Store;
  assert.equal(await store.idle(), true);
  assert.equal(one.instance.suspended, false);
  store.fail(new Error('over'));
  store.fail(new Error('again'));
  assert.equal(one.instance.suspended, true);
  await assert.rejects(store.idle(), /^Error: over$/);
  await assert.rejects(one.call(), /^Error: over$/);
});

test('a call of the host that answers at once waits for nothing, in a function of synchronous type as well', async () => {
  for (const lift of [lifts.sync, lifts.plain]) {
    const one = await startAsync({
      lift,
      body: `(func (export "run") (result i32) (call $text (i32.const 64)) (i32.load (i32.const 68)))`,
    });
    assert.equal(await one.call(), 'a text'.length);
  }
});

test('a callback that only yields leaves the event loop its turns', async () => {
  const one = await startAsync(callback('(i32.const 1)', '(i32.const 1)'));
  const call = one.call();
  for (let turn = 0; turn < 5; turn++) await settled();
  one.instance.cancel(new Error('enough'));
  await assert.rejects(call, /enough/);
});

test('threads that only yield give the event loop a turn by the clock, which is looked at after each sixteen', async (t) => {
  const body = `(func (export "run") (result i32) (local $left i32) (local.set $left (i32.const 40))
    (loop (drop (call $yield)) (br_if 0 (local.tee $left (i32.sub (local.get $left) (i32.const 1))))) (i32.const 7))`;
  let [now, step] = [1000, 0];
  t.mock.method(performance, 'now', () => {
    now += step;
    return now;
  });
  const turns = t.mock.method(globalThis, 'setImmediate');
  const still = await startAsync({ body });
  assert.equal(await still.call(), 7);
  assert.equal(turns.mock.callCount(), 0, 'no time goes by');
  step = 60_000;
  const late = await startAsync({ body });
  assert.equal(await late.call(), 7);
  assert.equal(turns.mock.callCount(), 2, 'after 16 and after 32 of 40');
});

test('a subtask in a waitable set is cancelled by whoever does not wait for it', async () => {
  const one = await startAsync({
    body: noting(`(local.set $a (i32.shr_u (call $slow (i32.const 1) (i32.const 64)) (i32.const 4))) ${set}`, [
      join('$a'),
      '(call $sub-cancel-a (local.get $a))',
    ]),
  });
  await one.call();
  const cancelledBeforeReturned = 4;
  assert.equal(notes(one, 2)[1], cancelledBeforeReturned);
  assert.equal(one.calls[0]?.cancelled, 1);
});
