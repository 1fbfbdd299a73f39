// Functions of some kilobytes that would hold V8's compiler for minutes, or make it run out of memory, which ends the
// process. Each case is refused in its large form and taken in a small one, which V8 compiles at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MayflyError } from '../../errors.ts';
import { readCoreModule } from './read-core-module.ts';

type Bytes = readonly number[];

function leb(value: number): Bytes {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function repeat(count: number, bytes: Bytes): Uint8Array {
  const all = new Uint8Array(count * bytes.length);
  for (let at = 0; at < all.length; at++) all[at] = bytes[at % bytes.length]!;
  return all;
}

const join = (...parts: readonly (Bytes | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((one) => Uint8Array.from(one)));
const sized = (bytes: Uint8Array): Uint8Array => join(leb(bytes.length), bytes);
const section = (id: number, count: number, entries: Bytes | Uint8Array): Uint8Array =>
  join([id], sized(join(leb(count), entries)));

const wide = (count: number, type: number): Uint8Array => join(leb(count), repeat(count, [type]));
/** 0: no parameters, no results. 1: a thousand vectors to a thousand. 2: a struct of ten thousand. 3: a thousand results. 4: of a tag. */
const types = section(
  1,
  5,
  join(
    [0x60, 0, 0],
    [0x60],
    wide(1000, 0x7b),
    wide(1000, 0x7b),
    [0x5f],
    leb(10_000),
    repeat(10_000, [0x7b, 1]),
    [0x60, 0],
    wide(1000, 0x7f),
    [0x60],
    wide(1000, 0x7b),
    [0],
  ),
);
/** The same without those of many parts. */
const plainTypes = section(1, 1, [0x60, 0, 0]);

/** `body` with its locals and without its end; function 1 is of type 1, and traps. */
function moduleOf(body: Uint8Array, isPlain = false): Uint8Array<ArrayBuffer> {
  const functions = isPlain ? [0] : [0, 1];
  const tags = isPlain ? [] : [0, 4];
  const trap = sized(Uint8Array.from([0, 0, 0x0b]));
  const code = join(sized(join(body, [0x0b])), isPlain ? [] : trap);
  return new Uint8Array(
    join(
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      isPlain ? plainTypes : types,
      section(3, functions.length, functions),
      section(13, isPlain ? 0 : 1, tags),
      section(10, functions.length, code),
    ),
  );
}

const noLocals = [0];
const manyLocals = join([1], leb(50_000), [0x7f]);
const vector = [0xfd, 12, ...new Array(16).fill(1)];

/** By a size; the second number is one that is too much, the first one that is fine. */
const cases: Readonly<Record<string, readonly [few: number, many: number, body: (size: number) => Uint8Array]>> = {
  'structs of many fields': [5, 100, (n) => join(noLocals, repeat(n, [0xfb, 1, 2, 0x1a]))],
  'calls of many parameters and results': [
    10,
    500,
    (n) => join(noLocals, repeat(1000, vector), repeat(n, [0x10, 1]), repeat(1000, [0x1a])),
  ],
  'catches of many values': [5, 200, (n) => join(noLocals, repeat(n, [0x06, 0x40, 0x07, 0, 0x00, 0x0b]))],
  'throws of many values': [5, 200, (n) => join(noLocals, [0x00], repeat(n, [0x08, 0]))],
  'branches with many values': [
    20,
    2000,
    (n) =>
      join(noLocals, [0x02, 3], repeat(1000, [0x41, 1]), repeat(n, [0x41, 0, 0x0d, 0]), [0x0b], repeat(1000, [0x1a])),
  ],
  'a table of branches with many values': [
    20,
    2000,
    (n) =>
      join(
        noLocals,
        [0x02, 3],
        repeat(1000, [0x41, 1]),
        [0x41, 0, 0x0e],
        leb(n),
        repeat(n + 1, [0]),
        [0x0b],
        repeat(1000, [0x1a]),
      ),
  ],
};

/** Without any type of many parts. */
const plainCases: typeof cases = {
  'loops within loops with many locals': [
    20,
    1000,
    (n) => join(manyLocals, repeat(n, [0x03, 0x40]), repeat(n, [0x0b])),
  ],
  'blocks one after another with many locals': [20, 1000, (n) => join(manyLocals, repeat(n, [0x02, 0x40, 0x0b]))],
  'branches with many locals': [20, 1000, (n) => join(manyLocals, [0x02, 0x40], repeat(n, [0x41, 0, 0x0d, 0]), [0x0b])],
  'the older exception handling with many locals': [
    20,
    1000,
    (n) => join(manyLocals, repeat(n, [0x06, 0x40, 0x19, 0x0b])),
  ],
  'the newer exception handling with many locals': [
    20,
    1000,
    (n) => join(manyLocals, repeat(n, [0x1f, 0x40, 0, 0x0b])),
  ],
  'many alternatives with many locals': [
    20,
    1000,
    (n) => join(manyLocals, repeat(n, [0x41, 0, 0x04, 0x40, 0x05, 0x0b])),
  ],
  'loops that each leave an operand below': [
    300,
    20_000,
    (n) => join(noLocals, repeat(n, [0x41, 1, 0x03, 0x40]), repeat(n, [0x0b, 0x1a])),
  ],
  'blocks above many operands': [
    100,
    10_000,
    (n) => join(noLocals, repeat(n, [0x41, 1]), repeat(n, [0x02, 0x40, 0x0b]), repeat(n, [0x1a])),
  ],
  'branches above many operands': [
    100,
    10_000,
    (n) => join(noLocals, repeat(n, [0x42, 1]), [0x02, 0x40], repeat(n, [0x41, 0, 0x0d, 0]), [0x0b], repeat(n, [0x1a])),
  ],
  'a table that branches to many blocks with many locals': [
    10,
    1000,
    (n) =>
      join(
        manyLocals,
        repeat(n, [0x02, 0x40]),
        [0x41, 0, 0x0e],
        leb(n - 1),
        ...Array.from({ length: n }, (_, at) => leb(at)),
        repeat(n, [0x0b]),
      ),
  ],
};

for (const [all, isPlain] of [
  [cases, false],
  [plainCases, true],
] as const) {
  for (const [what, [few, many, body]] of Object.entries(all)) {
    test(`${what} are refused before V8 compiles them`, () => {
      const small = moduleOf(body(few), isPlain);
      assert.ok(WebAssembly.validate(small), 'the case is not what it should be');
      readCoreModule(small);
      assert.throws(
        () => readCoreModule(moduleOf(body(many), isPlain)),
        (error: MayflyError) =>
          error.code === 'component-over-limit' && /Limit reached: compile effort/.test(error.message),
      );
    });
  }
}

test('many functions that are each little enough are refused together', () => {
  const body = sized(join(noLocals, repeat(40, [0xfb, 1, 2, 0x1a]), [0x0b]));
  const of = (count: number): Uint8Array =>
    join(
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      types,
      section(3, count, repeat(count, [0])),
      section(10, count, join(...Array.from({ length: count }, () => body))),
    );
  readCoreModule(of(20));
  assert.throws(() => readCoreModule(of(60)), { code: 'component-over-limit' });
});

test('long functions without any of this are taken', () => {
  const straight = join(noLocals, repeat(300_000, [0x41, 1, 0x1a]));
  const control = join(noLocals, repeat(100_000, [0x41, 0, 0x04, 0x40, 0x0b]));
  const deep = join(noLocals, repeat(100_000, [0x02, 0x40]), repeat(100_000, [0x0b]));
  for (const body of [straight, control, deep]) readCoreModule(moduleOf(body, true));
});

test('one exception of many words is enough for a look at each function, whatever the others are', () => {
  const few = join([0x60, 0, 0], [0x60], wide(20, 0x7b), [0]);
  const of = (throws: number, tags: Bytes): Uint8Array =>
    join(
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, 2, few),
      section(3, 1, [0]),
      section(13, 2, tags),
      section(10, 1, sized(join(noLocals, repeat(throws, [0x08, tags[1] === 1 ? 0 : 1]), [0x0b]))),
    );
  for (const tags of [
    [0, 0, 0, 1],
    [0, 1, 0, 0],
  ]) {
    readCoreModule(of(10, tags));
    assert.throws(() => readCoreModule(of(20_000, tags)), { code: 'component-over-limit' });
  }
});
