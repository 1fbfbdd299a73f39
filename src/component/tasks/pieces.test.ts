// The small parts on their own: encoded modules, equality of types, who waits, buffers, suspended stacks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from '../../errors.ts';
import type { FlatType } from '../types/layout.ts';
import { sameType } from '../types/same-type.ts';
import type { ValType } from '../types/val-type.ts';
import { Awaiters } from './awaiters.ts';
import { transfer } from './buffer.ts';
import { CopyEnd } from './copy-end.ts';
import {
  body,
  CODE,
  compile,
  EXPORT,
  exportFunc,
  FUNCTION,
  funcType,
  gets,
  leb,
  section,
  TYPE,
  text,
} from './encode-module.ts';
import { HostSink, HostSource } from './host-buffer.ts';
import { hostStream } from './host-streams.ts';
import { SharedFuture, SharedStream } from './shared.ts';
import { SuspendedStacks } from './suspended-stacks.ts';

test('numbers as LEB128, at the ends of each length', () => {
  assert.deepEqual([0, 1, 127, 128, 129, 255, 300, 16_383, 16_384, 2 ** 31].map(leb), [
    [0],
    [1],
    [0x7f],
    [0x80, 1],
    [0x81, 1],
    [0xff, 1],
    [0xac, 2],
    [0xff, 0x7f],
    [0x80, 0x80, 1],
    [0x80, 0x80, 0x80, 0x80, 8],
  ]);
});

test('modules that the engine takes: the last of many parameters of each type', () => {
  for (const [type, value] of [
    ['i32', 7],
    ['i64', 7n],
    ['f32', 1.5],
    ['f64', 2.5],
  ] as const) {
    const params = Array.from({ length: 200 }, (): FlatType => type);
    const code = gets({ params, results: [] }).slice(-3);
    const module = compile([
      section(TYPE, [funcType(params, [type])]),
      section(FUNCTION, [leb(0)]),
      section(EXPORT, [exportFunc('a name that is longer than it has to be', 0)]),
      section(CODE, [body(code)]),
    ]);
    const { exports } = new WebAssembly.Instance(module);
    const [name, f] = Object.entries(exports)[0] as [string, (...args: unknown[]) => unknown];
    assert.equal(name, 'a name that is longer than it has to be');
    assert.equal(f(...params.map((_, index) => (index === 199 ? value : type === 'i64' ? 0n : 0))), value);
  }
  assert.deepEqual(text('ab'), [2, 0x61, 0x62]);
});

test('types are the same by structure, and resources only by themselves', () => {
  const resource = { name: 'r' };
  const u8: ValType = { kind: 'u8' };
  const types: (() => ValType)[] = [
    () => ({ kind: 'u8' }),
    () => ({ kind: 's8' }),
    () => ({ kind: 'list', element: u8 }),
    () => ({ kind: 'list', element: u8, length: 1 }),
    () => ({ kind: 'list', element: u8, length: 2 }),
    () => ({ kind: 'tuple', types: [u8] }),
    () => ({ kind: 'tuple', types: [u8, u8] }),
    () => ({ kind: 'record', fields: [{ name: 'a', type: u8 }] }),
    () => ({ kind: 'record', fields: [{ name: 'b', type: u8 }] }),
    () => ({ kind: 'variant', cases: [{ name: 'a', type: u8 }] }),
    () => ({ kind: 'variant', cases: [{ name: 'a', type: undefined }] }),
    () => ({ kind: 'enum', names: ['a', 'b'] }),
    () => ({ kind: 'enum', names: ['b', 'a'] }),
    () => ({ kind: 'flags', names: ['a', 'b'] }),
    () => ({ kind: 'option', type: u8 }),
    () => ({ kind: 'result', ok: u8, err: undefined }),
    () => ({ kind: 'result', ok: undefined, err: u8 }),
    () => ({ kind: 'result', ok: undefined, err: undefined }),
    () => ({ kind: 'own', resource }),
    () => ({ kind: 'borrow', resource }),
    () => ({ kind: 'own', resource: { name: 'r' } }),
    () => ({ kind: 'stream', element: u8 }),
    () => ({ kind: 'stream', element: undefined }),
    () => ({ kind: 'future', element: u8 }),
  ];
  const made = types.map((make) => make());
  for (const [index, make] of types.entries()) {
    for (const [other, type] of made.entries()) {
      const again = index === 20 ? (made[20] as ValType) : make();
      assert.equal(sameType(again, type), index === other, `${index} and ${other}`);
    }
    assert.equal(sameType(undefined, made[index]), false);
  }
  assert.equal(sameType(undefined, undefined), true);
});

test('who waits for a result or for the end: told once, and then nobody waits', async () => {
  const awaiters = new Awaiters();
  assert.deepEqual([awaiters.some, awaiters.someResult], [false, false]);
  const failures: unknown[] = [];
  const settled = awaiters.awaitResult((reason) => failures.push(reason));
  assert.deepEqual([awaiters.some, awaiters.someResult], [true, true]);
  settled();
  assert.deepEqual([awaiters.some, awaiters.someResult], [false, false]);
  const idle = awaiters.awaitIdle();
  assert.deepEqual([awaiters.some, awaiters.someResult], [true, false]);
  awaiters.tellIdle(false);
  assert.equal(await idle, false);
  assert.equal(awaiters.some, false);
  awaiters.awaitResult((reason) => failures.push(reason));
  const failing = awaiters.awaitIdle();
  const error = new Error('over');
  awaiters.fail(error);
  await assert.rejects(failing, error);
  assert.deepEqual([failures, awaiters.some], [[error], false]);
});

test('what the host writes is given out in pieces, and what it reads is its own', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const source = new HostSource(bytes);
  assert.deepEqual([source.remain, source.isZeroLength], [4, false]);
  assert.deepEqual(source.read(3), Uint8Array.of(1, 2, 3));
  assert.deepEqual([source.remain, source.progress], [1, 3]);
  assert.deepEqual(source.read(1), Uint8Array.of(4));
  assert.equal(new HostSource(bytes).read(4), bytes);
  assert.deepEqual(new HostSource(['a', 'b', 'c']).read(2), ['a', 'b']);
  assert.equal(new HostSource([]).isZeroLength, true);
  const sink = new HostSink(3);
  assert.equal(sink.remain, 3);
  transfer(new HostSource(bytes), sink);
  assert.deepEqual([sink.items, sink.remain], [Uint8Array.of(1, 2, 3), 0]);
  bytes.fill(9);
  assert.deepEqual(sink.items, Uint8Array.of(1, 2, 3));
  const numbers = Uint16Array.of(5, 6);
  const other = new HostSink(2);
  other.write(numbers);
  numbers.fill(9);
  assert.deepEqual(other.items, Uint16Array.of(5, 6));
  const units = new HostSink(2);
  units.write({ length: 2 });
  assert.deepEqual(units.items, [undefined, undefined]);
});

test('an end that is dropped tells who waits, and who asks afterwards, each once', () => {
  for (const shared of [new SharedStream(), new SharedFuture()]) {
    let told = 0;
    shared.onDrop(() => told++);
    shared.drop();
    shared.drop();
    assert.equal(told, 1);
    shared.onDrop(() => told++);
    assert.equal(told, 2);
  }
});

test('within the host: one read and one write at a time, and closing ends both', async () => {
  const { readable, writable } = hostStream<number>();
  const read = readable.read(2);
  await assert.rejects(readable.read(), /is being read already/);
  const write = writable.write([1, 2, 3]);
  await assert.rejects(writable.write([4]), /is being written already/);
  assert.deepEqual(await read, [1, 2]);
  assert.deepEqual(await readable.read(5), [3]);
  assert.equal(await write, 3);
  assert.equal(await writable.write([]), 0);
  const partly = writable.write([5, 6]);
  assert.deepEqual(await readable.read(1), [5]);
  writable.cancelWrite();
  assert.equal(await partly, 1);
  const waiting = readable.read();
  readable.cancelRead();
  assert.equal(await waiting, undefined);
  const last = readable.read();
  writable.close();
  assert.equal(await last, undefined);
  assert.equal(await writable.write([7]), 0);
});

test('a reader that goes ends the write, with how much it took', async () => {
  const { readable, writable } = hostStream<number>();
  const write = writable.write([1, 2, 3]);
  assert.deepEqual(await readable.read(2), [1, 2]);
  assert.equal(writable.dropped, false);
  readable.close();
  assert.equal(await write, 2);
  assert.equal(writable.dropped, true);
});

test('suspended stacks: each goes on once, none after the end, and their number is bounded', async () => {
  const failures: unknown[] = [];
  const stacks = new SuspendedStacks(
    (go) => go(),
    (error) => failures.push(error),
    undefined,
    0,
  );
  let settle: (make: () => number) => void = () => assert.fail();
  const first = stacks.suspend<number>((suspension) => {
    settle = suspension.settle;
  });
  settle(() => 7);
  settle(() => assert.fail('twice'));
  assert.equal(await first, 7);
  const failing = stacks.suspend<number>((suspension) => {
    settle = suspension.settle;
  });
  settle(() => {
    throw new Error('no');
  });
  assert.deepEqual(failures.map(String), ['Error: no']);
  const passed = stacks.suspend<number>(({ pass }) => pass(Promise.resolve(9)));
  assert.equal(await passed, 9);
  stacks.stopAll(new Trap('over'));
  await assert.rejects(failing);
  const many = Array.from({ length: 500 }, () => stacks.suspend(() => undefined));
  for (const one of many) one.catch(() => undefined);
  assert.throws(() => stacks.suspend(() => undefined), /^Trap: Limit reached: suspended stacks of one guest \(500\)$/);
  stacks.stopAll(new Trap('over'));
  await Promise.all(many.map((one) => assert.rejects(one)));
  stacks.suspend(() => undefined).catch(() => undefined);
  stacks.stopAll(new Trap('over'));
});

test('an end whose instance is gone is dropped for the other side, whatever it was doing, and once', () => {
  const told: string[] = [];
  for (const side of ['readable', 'writable'] as const) {
    for (const shared of [new SharedStream(), new SharedFuture()]) {
      shared.onDrop(() => told.push(`${side} ${shared.kind}`));
      const end = new CopyEnd({ wake: () => undefined }, shared, side);
      end.state = 'copying';
      end.abandon();
      end.abandon();
      assert.equal(shared.dropped, true);
    }
  }
  assert.deepEqual(told, ['readable stream', 'readable future', 'writable stream', 'writable future']);
});
