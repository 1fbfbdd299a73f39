// Every trap of lifting and lowering, at its bound: what lies just inside is taken, what lies just outside traps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abiFixture } from '../../../test/support/abi-context.ts';
import { Trap } from '../../errors.ts';
import type { PrimitiveKind, ValType } from '../types/val-type.ts';
import { AbiContext, ELEMENT_COST } from './context.ts';
import { ErrorContext } from './error-context.ts';
import { HandleTable, ResourceHandle } from './handles.ts';
import { makeLiftFlat, Slots } from './lift-flat.ts';
import { costOf, listLoader, loadOf, toChar } from './load.ts';
import { MemoryView } from './memory.ts';
import { GuestResource, liftBorrow, liftOwn, lowerBorrow, lowerOwn } from './resources.ts';
import { listStorer } from './store.ts';
import { loadString, storeString } from './strings.ts';
import { makeLiftValues, makeLowerValues, makeStoreResult } from './values.ts';

const PAGE = 65_536;
const LIFTED = 2 ** 27;
const is = (kind: PrimitiveKind): ValType => ({ kind });
const list = (element: ValType): ValType => ({ kind: 'list', element });

const trap = (message: RegExp) => (error: unknown) => error instanceof Trap && message.test(error.message);

const elements: readonly (readonly [ValType, size: number, align: number])[] = [
  [is('bool'), 1, 1],
  [is('u8'), 1, 1],
  [is('s8'), 1, 1],
  [is('u16'), 2, 2],
  [is('s16'), 2, 2],
  [is('u32'), 4, 4],
  [is('s32'), 4, 4],
  [is('f32'), 4, 4],
  [is('char'), 4, 4],
  [is('u64'), 8, 8],
  [is('s64'), 8, 8],
  [is('f64'), 8, 8],
  [is('string'), 8, 4],
  [list(is('u8')), 8, 4],
  [{ kind: 'option', type: is('u64') }, 16, 8],
  [{ kind: 'tuple', types: [is('u8'), is('u16')] }, 4, 2],
  [{ kind: 'enum', names: ['a'] }, 1, 1],
];

test('a list of any kind may end where the memory ends, and not one element later', () => {
  for (const [element, size, align] of elements) {
    const { cx } = abiFixture();
    const load = listLoader(element);
    const last = PAGE - 3 * size;
    assert.equal((load(cx, last, 3) as unknown[]).length, 3);
    assert.throws(() => load(cx, last, 4), trap(/lies outside the memory of 65536 bytes/));
    assert.throws(() => load(cx, last + align, 3), trap(/outside the memory/));
    assert.equal((load(cx, PAGE, 0) as unknown[]).length, 0);
    assert.throws(() => load(cx, PAGE + align, 0), trap(/outside the memory/));
    assert.throws(() => load(cx, 0xffff_fff8, 1), trap(/outside the memory/));
    for (let off = 1; off < align; off++) {
      assert.throws(() => load(cx, off, 1), trap(new RegExp(`Pointer ${off} is not aligned to ${align} bytes`)));
      assert.throws(() => load(cx, off, 0), trap(/is not aligned/));
    }
  }
});

test('the same through a list that stands in memory, and one that comes as core values', () => {
  const type = list(is('u32'));
  const pairs = [
    [2, 1, /not aligned to 4/],
    [PAGE - 4, 2, /outside the memory/],
    [-4, 1, /outside the memory/],
    [0, -1, /too long/],
  ] as const;
  for (const [pointer, length, message] of pairs) {
    const { cx, memory } = abiFixture();
    const data = new DataView(memory.buffer as ArrayBuffer);
    data.setInt32(64, pointer, true);
    data.setInt32(68, length, true);
    assert.throws(() => loadOf(type)(cx, 64), trap(message));
    assert.throws(() => makeLiftFlat(type, new Slots(['i32', 'i32'], 0))(cx, [pointer, length]), trap(message));
  }
});

test('lists and strings are of fewer than 2^28 bytes', () => {
  const { cx } = abiFixture();
  const most = 2 ** 28 - 1;
  assert.throws(() => listLoader(is('u8'))(cx, 0, most), trap(/outside the memory/));
  assert.throws(() => listLoader(is('u8'))(cx, 0, most + 1), trap(/List of 268435456 bytes is too long/));
  assert.throws(() => listLoader(is('u64'))(cx, 0, 2 ** 25), trap(/List of 268435456 bytes is too long/));
  assert.throws(() => listLoader(is('u64'))(cx, 0, 2 ** 25 - 1), trap(/outside the memory/));
  const shortest = { length: 2 ** 28 } as ArrayLike<number>;
  assert.throws(() => listStorer(is('u8'))(cx, shortest as never), trap(/List of 268435456 bytes is too long/));
  const { allocations, cx: other } = abiFixture({ realloc: () => 8 });
  assert.throws(() => listStorer(is('u8'))(other, { length: most } as never), trap(/Realloc returned 8, outside/));
  assert.deepEqual(allocations, [{ old: 0, oldSize: 0, align: 1, size: most, pointer: 8 }]);
});

test('strings in each encoding: where they may lie, and how long they may be', () => {
  const bounds = [
    { encoding: 'utf8', align: 1, unit: 1 },
    { encoding: 'utf16', align: 2, unit: 2 },
    { encoding: 'latin1+utf16', align: 2, unit: 1 },
  ] as const;
  for (const { encoding, align, unit } of bounds) {
    const { cx } = abiFixture({ encoding });
    const end = PAGE - 4 * unit;
    assert.equal(loadString(cx, end, 4), '\0'.repeat(4));
    assert.throws(() => loadString(cx, end, 5), trap(/outside the memory/));
    assert.throws(() => loadString(cx, PAGE + align, 0), trap(/outside the memory/));
    if (align > 1) assert.throws(() => loadString(cx, 65, 1), trap(/Pointer 65 is not aligned to 2 bytes/));
    if (align > 1) assert.throws(() => loadString(cx, 65, 0), trap(/Pointer 65 is not aligned to 2 bytes/));
    const most = Math.floor((2 ** 28 - 1) / unit);
    assert.throws(() => loadString(cx, 0, most), trap(/outside the memory/));
    assert.throws(() => loadString(cx, 0, most + 1), trap(/is too long/));
  }
});

test('latin1+utf16: with the tag the units are two bytes', () => {
  const { cx, bytes } = abiFixture({ encoding: 'latin1+utf16' });
  bytes.set([0xe9, 0x00, 0xac, 0x20], 64);
  assert.equal(loadString(cx, 64, 4), 'é\0¬ ');
  assert.equal(loadString(cx, 64, 2 ** 31 + 2), 'é€');
  assert.throws(() => loadString(cx, 65, 2 ** 31 + 1), trap(/not aligned to 2/));
  assert.throws(() => loadString(cx, PAGE - 2, 2 ** 31 + 2), trap(/outside the memory/));
  assert.equal(loadString(cx, PAGE - 2, 2 ** 31 + 1), '\0');
  assert.throws(() => loadString(cx, 0, 2 ** 31 + 2 ** 27), trap(/String of 268435456 bytes is too long/));
  assert.throws(() => loadString(cx, 0, 2 ** 31 - 1), trap(/is too long/));
});

test('every byte that is lifted is counted, up to the limit and no further', () => {
  const big = abiFixture();
  const { cx } = big;
  cx.charge(LIFTED - 1);
  assert.equal(loadString(cx, 0, 1), '\0');
  assert.throws(() => loadString(cx, 0, 1), trap(/Limit reached: lifted bytes \(134217728\)/));
  cx.refresh();
  assert.equal(loadString(cx, 0, 1), '\0');
  const overlapping = (load: () => unknown, each: number): void => {
    cx.refresh();
    cx.charge(LIFTED - each);
    load();
    assert.throws(load, trap(/Limit reached: lifted bytes/));
    cx.refresh();
    cx.charge(LIFTED - each + 1);
    assert.throws(load, trap(/Limit reached: lifted bytes/));
  };
  overlapping(() => loadString(cx, 0, 1000), 1000);
  overlapping(() => listLoader(is('u8'))(cx, 0, 1000), 1000);
  overlapping(() => listLoader(is('u64'))(cx, 0, 10), 80);
  overlapping(() => listLoader(is('bool'))(cx, 0, 10), 10 * (1 + ELEMENT_COST));
  overlapping(() => listLoader(list(is('u8')))(cx, 0, 10), 10 * (8 + ELEMENT_COST));
  const utf16 = new AbiContext(big.state, 'utf16', new MemoryView(big.memory), undefined, undefined);
  utf16.charge(LIFTED - 20);
  assert.equal(loadString(utf16, 0, 10).length, 10);
  assert.throws(() => loadString(utf16, 0, 1), trap(/Limit reached: lifted bytes/));
});

test('a list costs what it takes in JavaScript', () => {
  const numbers = { u8: 1, s8: 1, u16: 2, s16: 2, u32: 4, s32: 4, u64: 8, s64: 8, f32: 4, f64: 8 } as const;
  for (const [kind, cost] of Object.entries(numbers)) assert.equal(costOf(is(kind as PrimitiveKind)), cost, kind);
  assert.equal(costOf(is('bool')), 65);
  assert.equal(costOf(is('char')), 68);
  assert.equal(costOf(is('string')), 72);
  assert.equal(costOf({ kind: 'tuple', types: [] }), 64);
});

test('spilled parameters: aligned, and inside to their last byte', () => {
  const types = [...Array.from({ length: 17 }, () => is('u8')), is('u64')];
  const size = 32;
  const lift = makeLiftValues(types, 16);
  const { cx } = abiFixture();
  assert.equal(lift(cx, [PAGE - size]).length, 18);
  assert.throws(() => lift(cx, [PAGE - size + 8]), trap(/Range of 32 bytes at 65512 lies outside/));
  assert.throws(() => lift(cx, [PAGE - size - 4]), trap(/is not aligned to 8 bytes/));
  assert.throws(() => lift(cx, [-8]), trap(/outside the memory/));
});

test('a spilled result: aligned, and inside to its last byte', () => {
  const store = makeStoreResult({ kind: 'tuple', types: [is('u8'), is('u32')] });
  const { cx } = abiFixture();
  store(cx, [1, 2], PAGE - 8);
  assert.throws(() => store(cx, [1, 2], PAGE - 4), trap(/outside the memory/));
  assert.throws(() => store(cx, [1, 2], PAGE - 10), trap(/is not aligned to 4 bytes/));
  assert.throws(() => store(cx, [1, 2], 0xffff_fff8), trap(/outside the memory/));
});

test('what realloc returns is aligned and inside, for everything that is lowered', () => {
  const lowerings: readonly (readonly [string, number, number, (cx: AbiContext) => unknown])[] = [
    ['utf8', 1, 5, (cx) => storeString(cx, 'hello')],
    ['utf16', 2, 10, (cx) => storeString(cx, 'hello')],
    ['latin1+utf16', 2, 5, (cx) => storeString(cx, 'hello')],
    ['utf8', 1, 3, (cx) => listStorer(is('u8'))(cx, [1, 2, 3] as never)],
    ['utf8', 8, 16, (cx) => listStorer(is('u64'))(cx, [1n, 2n] as never)],
    ['utf8', 4, 68, (cx) => makeLowerValues(Array(17).fill(is('u32')), 16)(cx, Array(17).fill(1), [])],
  ];
  for (const [encoding, align, size, lower] of lowerings) {
    const at = (pointer: number): AbiContext => {
      const { cx } = abiFixture({ encoding: encoding as 'utf8', realloc: () => pointer });
      if (encoding === 'utf16') cx.sourceEncoding = 'utf16';
      if (encoding === 'latin1+utf16') cx.sourceEncoding = 'latin1+utf16';
      return cx;
    };
    const last = Math.floor((PAGE - size) / align) * align;
    lower(at(last));
    assert.throws(
      () => lower(at(last + align)),
      trap(new RegExp(`Realloc returned ${last + align}, outside the memory`)),
    );
    assert.throws(() => lower(at(-align)), trap(/outside the memory/));
    if (align > 1) assert.throws(() => lower(at(align + 1)), trap(new RegExp(`is not aligned to ${align} bytes`)));
  }
});

test('realloc: what it is asked for, in which state, and what it may do to the memory', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const state = { handles: new HandleTable(), parent: undefined, index: 0, mayEnter: true, mayLeave: true };
  const seen: unknown[] = [];
  const cx = new AbiContext(
    state,
    'utf8',
    new MemoryView(memory),
    (...args) => {
      seen.push([...args, state.mayLeave]);
      memory.grow(1);
      return PAGE;
    },
    undefined,
  );
  assert.equal(cx.reallocate(1, 2, 4, 8), PAGE);
  assert.deepEqual(seen, [[1, 2, 4, 8, false]]);
  assert.equal(state.mayLeave, true);
  assert.equal(cx.memory.bytes.length, 2 * PAGE);
  assert.equal(cx.allocate(4, PAGE), PAGE);
  assert.deepEqual(seen[1], [0, 0, 4, PAGE, false]);
});

test('a realloc that traps leaves the instance unable to call out', () => {
  const { cx, state } = abiFixture({
    realloc: () => {
      throw new Trap('unreachable');
    },
  });
  assert.throws(() => cx.allocate(1, 1), trap(/unreachable/));
  assert.equal(state.mayLeave, false);
});

test('options that name no memory or no realloc trap where one is needed', () => {
  const { state, memory } = abiFixture();
  const none = new AbiContext(state, 'utf8', undefined, undefined, undefined);
  assert.throws(() => loadString(none, 0, 0), trap(/name no memory/));
  const noRealloc = new AbiContext(state, 'utf8', new MemoryView(memory), undefined, undefined);
  assert.throws(() => storeString(noRealloc, 'a'), trap(/name no realloc/));
});

test('chars are scalar values', () => {
  for (const code of [0, 0xd7ff, 0xe000, 0x10ffff]) assert.equal(toChar(code).codePointAt(0), code);
  for (const code of [0xd800, 0xdbff, 0xdc00, 0xdfff, 0x110000, 0xffff_ffff]) {
    assert.throws(() => toChar(code), trap(/is not a Unicode scalar value/));
  }
  const { cx, memory } = abiFixture();
  new DataView(memory.buffer as ArrayBuffer).setUint32(64, 0xd800, true);
  assert.throws(() => loadOf(is('char'))(cx, 64), trap(/55296 is not/));
  assert.throws(() => makeLiftFlat(is('char'), new Slots(['i32'], 0))(cx, [-1]), trap(/4294967295 is not/));
});

test('discriminants are below the number of cases, at each of their sizes', () => {
  for (const [count, size] of [
    [2, 1],
    [256, 1],
    [257, 2],
    [65_537, 4],
  ] as const) {
    const type: ValType = { kind: 'enum', names: Array.from({ length: count }, (_, index) => `n${index}`) };
    const { cx, memory } = abiFixture();
    const data = new DataView(memory.buffer as ArrayBuffer);
    const lift = makeLiftFlat(type, new Slots(['i32'], 0));
    const put = (value: number): void =>
      size === 1
        ? data.setUint8(64, value)
        : size === 2
          ? data.setUint16(64, value, true)
          : data.setUint32(64, value, true);
    put(count - 1);
    assert.equal(loadOf(type)(cx, 64), `n${count - 1}`);
    assert.equal(lift(cx, [count - 1]), `n${count - 1}`);
    assert.throws(() => lift(cx, [count]), trap(new RegExp(`Discriminant ${count} is not below ${count}`)));
    assert.throws(() => lift(cx, [-1]), trap(/Discriminant 4294967295 is not below/));
    if (count === 256) continue;
    put(count);
    assert.throws(() => loadOf(type)(cx, 64), trap(new RegExp(`Discriminant ${count} is not below ${count}`)));
  }
});

const thing = { name: 'thing', definedBy: 9 };
const hostThing = { name: 'thing', host: { name: 'thing' } };

test('an owned handle that is given away is gone, and only such a one can be given away', () => {
  const { cx, state } = abiFixture();
  const own = lowerOwn(cx, 41, thing);
  assert.equal(liftOwn(cx, own, thing), 41);
  assert.throws(() => liftOwn(cx, own, thing), trap(/Unknown handle index 1/));
  const borrowed = state.handles.add(new ResourceHandle(thing, 1, false, { borrows: 1 }));
  assert.throws(() => liftOwn(cx, borrowed, thing), trap(/Cannot give away handle 1: it is borrowed/));
  assert.throws(() => liftOwn(cx, 77, thing), trap(/Unknown handle index 77/));
  assert.equal(state.handles.live, 1);
});

test('a handle that is lent cannot be given away until its call is over', () => {
  const { cx } = abiFixture();
  const own = lowerOwn(cx, 41, thing);
  assert.equal(liftBorrow(cx, own, thing), 41);
  assert.equal(liftBorrow(cx, own, thing), 41);
  assert.throws(() => liftOwn(cx, own, thing), trap(/Cannot give away handle 1 while it is lent/));
  cx.endLoans();
  assert.equal(liftOwn(cx, own, thing), 41);
});

test('loans that a call takes with it end with it, not with the next call', () => {
  const { cx, state } = abiFixture();
  const own = lowerOwn(cx, 41, thing);
  liftBorrow(cx, own, thing);
  const taken = cx.takeLoans();
  assert.equal(taken.length, 1);
  cx.endLoans();
  const handle = state.handles.resource(own, thing);
  assert.equal(handle.lends, 1);
  liftBorrow(cx, own, thing);
  cx.endLoans();
  assert.equal(handle.lends, 1);
  cx.endLoans();
  assert.equal(handle.lends, 1);
  assert.deepEqual(cx.takeLoans(), []);
});

test('two resources of one name are two', () => {
  const { cx, state } = abiFixture();
  const other = { name: 'thing', definedBy: 9 };
  const own = lowerOwn(cx, 41, thing);
  assert.throws(() => liftOwn(cx, own, other), trap(/is a resource "thing", not "thing"/));
  assert.throws(() => liftBorrow(cx, own, other), trap(/is a resource "thing", not "thing"/));
  assert.equal(state.handles.resource(own, thing).lends, 0);
  assert.throws(() => lowerOwn(cx, new GuestResource(other, 1), thing), /Resource is a "thing", not a "thing"/);
  assert.throws(() => lowerBorrow(cx, new GuestResource(other, 1), thing), /Resource is a "thing", not a "thing"/);
});

test('an index of something else is no resource', () => {
  const { cx, state } = abiFixture();
  const index = state.handles.add({});
  assert.throws(() => liftOwn(cx, index, thing), trap(/Handle index 1 is not a resource/));
  assert.throws(() => liftBorrow(cx, index, thing), trap(/Handle index 1 is not a resource/));
});

test('a borrow is counted in the scope of its call; who implements the resource gets the representation', () => {
  const { cx, state } = abiFixture({ index: 3 });
  assert.throws(() => lowerBorrow(cx, 41, thing), /A borrow can be passed as a parameter only/);
  const scope = { borrows: 0 };
  cx.scope = scope;
  const index = lowerBorrow(cx, 41, thing);
  assert.equal(scope.borrows, 1);
  const handle = state.handles.resource(index, thing);
  assert.deepEqual([handle.own, handle.rep, handle.scope === scope], [false, 41, true]);
  assert.equal(lowerBorrow(cx, 42, { name: 'mine', definedBy: 3 }), 42);
  assert.deepEqual([scope.borrows, state.handles.live], [1, 1]);
  const own = lowerOwn(cx, 43, thing);
  assert.deepEqual([state.handles.resource(own, thing).own, scope.borrows], [true, 1]);
});

test('the host gets objects of its own as they are, and those of components wrapped', () => {
  const { cx } = abiFixture();
  const object = {};
  cx.forHost = true;
  assert.equal(liftOwn(cx, lowerOwn(cx, object, hostThing), hostThing), object);
  const wrapped = liftOwn(cx, lowerOwn(cx, 41, thing), thing);
  assert.ok(wrapped instanceof GuestResource);
  assert.deepEqual([wrapped.rep, wrapped.type], [41, thing]);
  assert.equal(liftBorrow(cx, lowerOwn(cx, wrapped, thing), thing), 41);
  cx.forHost = false;
  assert.equal(liftOwn(cx, lowerOwn(cx, 41, thing), thing), 41);
});

test('a handle to an object of a request that is over can only be dropped', () => {
  const { cx, state } = abiFixture();
  const index = lowerOwn(cx, {}, hostThing);
  state.handles.restore(state.handles.snapshot());
  assert.throws(() => liftOwn(cx, index, hostThing), trap(/belongs to a request that was over/));
  assert.throws(() => liftBorrow(cx, index, hostThing), trap(/belongs to a request that was over/));
  assert.equal(state.handles.live, 1);
});

test('handles as values: in memory and as core values', () => {
  for (const kind of ['own', 'borrow'] as const) {
    const { cx, memory } = abiFixture();
    cx.scope = { borrows: 0 };
    const type: ValType = { kind, resource: thing };
    const index = lowerOwn(cx, 41, thing);
    new DataView(memory.buffer as ArrayBuffer).setUint32(64, index, true);
    assert.equal(loadOf(type)(cx, 64), 41);
    cx.endLoans();
    const again = lowerOwn(cx, 42, thing);
    assert.equal(makeLiftFlat(type, new Slots(['i32'], 0))(cx, [again]), 42);
    assert.throws(() => makeLiftFlat(type, new Slots(['i32'], 0))(cx, [-1]), trap(/Unknown handle index 4294967295/));
  }
});

test('error contexts as values: what is none, and an index that is no number of a handle', () => {
  const { cx, state, memory } = abiFixture();
  const type: ValType = { kind: 'error-context' };
  const lift = makeLiftFlat(type, new Slots(['i32'], 0));
  const context = new ErrorContext('broken');
  const index = state.handles.add(context);
  new DataView(memory.buffer as ArrayBuffer).setUint32(64, index, true);
  assert.equal(lift(cx, [index]), context);
  assert.equal(loadOf(type)(cx, 64), context);
  assert.throws(() => lift(cx, [-1]), trap(/Unknown handle index 4294967295/));
  const other = state.handles.add({});
  assert.throws(() => lift(cx, [other]), trap(/Handle index 2 is not an error context/));
});

test('streams and futures need tasks', () => {
  const { cx } = abiFixture();
  for (const kind of ['stream', 'future'] as const) {
    const type: ValType = { kind, element: is('u8') };
    assert.throws(() => makeLiftFlat(type, new Slots(['i32'], 0))(cx, [1]), /need a plan with tasks/);
    assert.throws(() => loadOf(type)(cx, 64), /need a plan with tasks/);
  }
});

test('a fork works for the same instance and does not share loans or what was lifted', () => {
  const { cx, state } = abiFixture();
  cx.sourceEncoding = 'utf16';
  cx.forHost = true;
  cx.charge(LIFTED);
  const own = lowerOwn(cx, 41, thing);
  cx.lend(state.handles.resource(own, thing));
  const fork = cx.fork();
  assert.deepEqual([fork.instance, fork.encoding, fork.sourceEncoding, fork.forHost], [state, 'utf8', 'utf16', true]);
  fork.charge(LIFTED);
  assert.deepEqual(fork.takeLoans(), []);
  assert.equal(fork.memory, cx.memory);
  assert.equal(fork.allocate(1, 1), 1024);
});
