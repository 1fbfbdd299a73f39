// A player answers calls from a recording, and notes what a guest does otherwise.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FuncType } from '../component/types/val-type.ts';
import { GuestExit, MayflyError, Trap } from '../errors.ts';
import type { EventLine } from './format.ts';
import { PlayedPromise } from './played-promise.ts';
import { Player } from './player.ts';
import { StandIn } from './stand-in.ts';

const text = { kind: 'string' } as const;
const resource = { kind: 'own', resource: { name: 'a:b/c/thing' } } as const;
const upper: FuncType = { async: false, params: [{ name: 'a', type: text }], result: text };
const open: FuncType = { async: false, params: [], result: resource };
const use: FuncType = { async: false, params: [{ name: 'self', type: resource }], result: undefined };
const end = { calls: 1, exitCode: 0 };

const line = (n: number, call: string, params: EventLine extends never ? never : unknown[], more: object): EventLine =>
  ({ n, call, params, ...more }) as EventLine;
const call = (player: Player, name: string, type: FuncType, ...params: unknown[]): unknown =>
  player.call(name, type, false, params);

test('a call gets its recorded result', () => {
  const player = new Player([line(1, 'u', ['a'], { result: 'A' })], end);
  assert.equal(call(player, 'u', upper, 'a'), 'A');
  player.finish(undefined);
  assert.deepEqual(player.departures, []);
  assert.equal(player.calls, 1);
});

test('other parameters are noted, and the guest goes on', () => {
  const player = new Player([line(1, 'u', ['a'], { result: 'A' })], end);
  assert.equal(call(player, 'u', upper, 'b'), 'A');
  assert.deepEqual(player.departures, [
    { call: 1, message: 'u is called with other parameters: [0] is "b", expected "a"' },
  ]);
});

test('another call ends the guest, and so does one beyond the last', () => {
  const player = new Player([line(1, 'u', ['a'], { result: 'A' })], end);
  assert.throws(() => call(player, 'v', upper, 'a'), Trap);
  assert.deepEqual(player.departures, [{ call: 1, message: 'the guest called v, expected u' }]);
  const beyond = new Player([], end);
  assert.throws(() => call(beyond, 'v', upper, 'a'), Trap);
  assert.deepEqual(beyond.departures, [{ call: 1, message: 'the guest called v, expected its end' }]);
});

test('a guest that ends too early departs', () => {
  const player = new Player([line(1, 'u', ['a'], { result: 'A' })], end);
  player.finish(undefined);
  assert.deepEqual(player.departures, [{ call: 1, message: 'the guest ended, expected u' }]);
});

test('a guest that met a limit of time may meet it earlier or later', () => {
  const stopped = { ...end, error: { code: 'guest-cpu-limit', message: 'stopped' } };
  const earlier = new Player([line(1, 'u', ['a'], { result: 'A' })], stopped);
  earlier.finish('guest-cpu-limit');
  assert.deepEqual(earlier.departures, []);
  const later = new Player([], stopped);
  assert.throws(() => call(later, 'u', upper, 'a'), { code: 'guest-cpu-limit' });
  assert.deepEqual(later.departures, []);
});

test('what a function threw is thrown again', () => {
  const thrown = [
    { kind: 'exit', message: 'm', exitCode: 3 },
    { kind: 'trap', message: 'm' },
    { kind: 'error', message: 'm', code: 'unsupported' },
    { kind: 'error', message: 'm', code: 'constructor' },
  ];
  const player = new Player(
    thrown.map((throws, index) => line(index + 1, 'u', ['a'], { throws })),
    end,
  );
  const again = (): unknown => call(player, 'u', upper, 'a');
  assert.throws(again, (error) => error instanceof GuestExit && error.code === 3);
  assert.throws(again, Trap);
  assert.throws(again, { code: 'unsupported' });
  assert.throws(again, (error) => error instanceof Error && !(error instanceof MayflyError) && error.message === 'm');
});

test('resources are the same as long as their numbers are', () => {
  const player = new Player(
    [
      line(1, 'open', [], { result: '#0' }),
      line(2, 'open', [], { result: '#1' }),
      line(3, 'use', ['#1'], { result: null }),
      line(4, 'c#drop', ['#0'], { result: null }),
      line(5, 'open', [], { result: '#0' }),
    ],
    end,
  );
  const [one, two] = [call(player, 'open', open), call(player, 'open', open)];
  assert.ok(one instanceof StandIn && two instanceof StandIn && one !== two);
  call(player, 'use', use, two);
  player.drop('c', one);
  assert.equal(call(player, 'open', open), one);
  assert.deepEqual(player.departures, []);
});

test('results that cannot be are mistakes of the recording', () => {
  for (const result of [7, null, '#1', { $text: 'x' }]) {
    const player = new Player([line(1, 'u', ['a'], { result })], end);
    const type = typeof result === 'string' ? { ...open, params: upper.params } : upper;
    assert.throws(() => call(player, 'u', type, 'a'), { code: 'recording-corrupt' });
  }
});

test('where a guest has threads, results come when the recording says, and steps are counted', () => {
  const player = new Player(
    [
      { steps: 1 },
      line(1, 'u', ['a'], { waits: true }),
      line(2, 'u', ['b'], { waits: true }),
      { settles: 2, result: 'B' },
      { steps: 2 },
      { settles: 1, result: 'A' },
    ],
    end,
    true,
  );
  const told: unknown[] = [];
  player.turns.before();
  player.turns.begin();
  for (const name of ['a', 'b']) {
    const promise = player.call('u', upper, true, [name]);
    assert.ok(promise instanceof PlayedPromise);
    promise.then(
      (value) => told.push(value),
      () => {},
    );
  }
  player.drain();
  assert.deepEqual(told, [], 'the guest runs still');
  player.turns.end();
  player.turns.before();
  assert.deepEqual(told, ['B']);
  for (let step = 0; step < 2; step++) {
    player.turns.begin();
    player.turns.end();
    player.drain();
    assert.deepEqual(told, step === 0 ? ['B'] : ['B', 'A']);
  }
  player.finish(undefined);
  assert.deepEqual(player.departures, []);
});

test('a step that was not recorded departs', () => {
  const player = new Player([line(1, 'u', ['a'], { result: 'A' })], end, true);
  player.turns.begin();
  assert.deepEqual(player.departures, [{ call: 0, message: 'the guest went on, expected u' }]);
});

test('core functions: arguments and memory are compared, and what was written is written', () => {
  const core: EventLine = {
    n: 1,
    core: 'm#f',
    args: [4, '5'],
    reads: [[0, { $text: 'ab' }]],
    writes: [[8, { $text: 'cd' }]],
    result: 0,
  };
  const memoryOf = (content: string) => {
    const bytes = new Uint8Array(16);
    bytes.set(Buffer.from(content));
    return { bytes, data: new DataView(bytes.buffer), check() {} };
  };
  const memory = memoryOf('ab');
  const player = new Player([core], end);
  assert.equal(player.core('m#f', [4, 5n], memory), 0);
  assert.equal(Buffer.from(memory.bytes.subarray(8, 10)).toString(), 'cd');
  assert.deepEqual(player.departures, []);
  const other = new Player([core], end);
  other.core('m#f', [4, 6n], memoryOf('xb'));
  assert.deepEqual(
    other.departures.map(({ message }) => message),
    ['m#f is called with [4,"6"], expected [4,"5"]', 'm#f finds {"$text":"xb"} at address 0, expected {"$text":"ab"}'],
  );
  const beyond = new Player([{ ...core, writes: [[15, { $text: 'cd' }]] }], end);
  assert.throws(() => beyond.core('m#f', [4, 5n], memoryOf('ab')), { code: 'recording-corrupt' });
});
