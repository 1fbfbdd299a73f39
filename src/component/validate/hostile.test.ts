// Small files that ask for a lot, and real components with bytes changed: always a MayflyError, and soon.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../../test/support/wat.ts';
import { MayflyError } from '../../errors.ts';
import { decodeComponent } from '../binary/decode.ts';
import { validateComponent } from './validate.ts';

/** Undefined when the bytes are accepted. Anything thrown but a MayflyError fails the test. */
function refusal(bytes: Uint8Array): MayflyError | undefined {
  try {
    validateComponent(decodeComponent(bytes));
    return undefined;
  } catch (error) {
    if (error instanceof MayflyError) return error;
    throw error;
  }
}

async function refusalOf(text: string): Promise<string> {
  return refusal(await assemble(`(component ${text})`))?.message ?? 'accepted';
}

/** `each(i)` for every level, in one line. */
function levels(count: number, each: (level: number) => string): string {
  return Array.from({ length: count }, (_, level) => each(level)).join(' ');
}

test('value types cannot nest without end', async () => {
  assert.equal(await refusalOf(`(type u8) ${levels(90, (i) => `(type (list ${i}))`)}`), 'accepted');
  assert.match(await refusalOf(`(type u8) ${levels(2000, (i) => `(type (list ${i}))`)}`), /deeper than 100/);
});

test('value types cannot grow exponentially', async () => {
  assert.match(await refusalOf(`(type u8) ${levels(60, (i) => `(type (tuple ${i} ${i}))`)}`), /byte size|parts/);
  // each level is 16 bytes large, but has twice the parts of the one before
  const doubled = levels(40, (i) => `(type (tuple ${2 * i} ${2 * i})) (type (list ${2 * i + 1}))`);
  assert.match(await refusalOf(`(type u8) ${doubled}`), /parts/);
});

test('instance types cannot nest without end', async () => {
  const nested = levels(2000, (i) => `(type (instance (alias outer 1 ${i} (type)) (export "i" (instance (type 0)))))`);
  assert.match(await refusalOf(`(type (instance)) ${nested}`), /deeper than 100/);
});

test('instance types cannot multiply their resources exponentially', async () => {
  const doubled = levels(
    60,
    (i) =>
      `(type (instance (alias outer 1 ${i} (type)) (export "a" (instance (type 0))) (export "b" (instance (type 0)))))`,
  );
  const text = `(type (instance (export "r" (type (sub resource))))) ${doubled}`;
  assert.match(await refusalOf(text), /expand to more than/);
});

test('instance types without resources are walked once, however often they are shared', async () => {
  const doubled = levels(
    60,
    (i) =>
      `(type (instance (alias outer 1 ${i} (type)) (export "a" (instance (type 0))) (export "b" (instance (type 0)))))`,
  );
  assert.equal(
    await refusalOf(`(type (instance (export "f" (func)))) ${doubled} (import "x" (instance (type 60)))`),
    'accepted',
  );
});

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function samples(): Promise<Uint8Array[]> {
  const texts = [
    `(component $name (import "wasi:io/streams@0.2.0" (instance $s
       (export "output-stream" (type $o (sub resource)))
       (export "[method]output-stream.write" (func (param "self" (borrow $o)) (param "b" (list u8))
         (result (result u32 (error string)))))))
     (alias export $s "[method]output-stream.write" (func $write))
     (core module $libc (memory (export "m") 1) (global (export "g") (mut i32) (i32.const 7)) (table (export "t") 1 funcref)
       (func (export "r") (param i32 i32 i32 i32) (result i32) unreachable))
     (core instance $c (instantiate $libc))
     (core func $w (canon lower (func $write) (memory (core memory $c "m")) (realloc (core func $c "r"))))
     (core module $main (import "env" "w" (func (param i32 i32 i32 i32))) (func (export "run") (param i32 i32) (result i32)
       unreachable))
     (core instance $i (instantiate $main (with "env" (instance (export "w" (func $w))))))
     (type $v (variant (case "a" u8) (case "b" (tuple f32 char)) (case "c")))
     (func $run (param "x" string) (result bool) (canon lift (core func $i "run")
       (memory (core memory $c "m")) (realloc (core func $c "r")) string-encoding=utf16))
     (export "run" (func $run)))`,
    `(component
       (core type $ft (func (param i32) (result i64)))
       (core type $mt (module (alias outer 1 $ft (type)) (import "a" "b" (func (type 0))) (export "t" (table 1 funcref))))
       (type $ct (component (import "m" (core module (type $mt))) (import "r" (type $r (sub resource)))
         (export "i" (instance (export "f" (func (param "x" (own $r))))))))
       (component $child (type $r (resource (rep i32))) (export "r" (type $r))
         (core func $new (canon resource.new $r)) (core func $drop (canon resource.drop $r)))
       (instance $a (instantiate $child)) (instance $b (instantiate $child))
       (export "a" (instance $a)) (type $fl (flags "x" "y")) (export "fl" (type $fl)))`,
    `(component (type $s (stream u8)) (type $f (future string))
       (core module $libc (memory (export "m") 1)) (core instance $c (instantiate $libc))
       (alias core export $c "m" (core memory $m))
       (core func (canon stream.new $s)) (core func (canon stream.write $s async (memory $m)))
       (core func (canon future.write $f (memory $m))) (core func (canon waitable-set.poll (memory $m)))
       (core func (canon task.return (result u32))) (core func (canon context.set i32 0)))`,
  ];
  return Promise.all(texts.map(assemble));
}

test('the samples are valid', async () => {
  for (const bytes of await samples()) assert.equal(refusal(bytes)?.message, undefined);
});

test('every truncation is refused, or ends between two sections', async () => {
  for (const bytes of await samples()) {
    for (let length = 0; length < bytes.length; length++) {
      const error = refusal(bytes.slice(0, length));
      if (error?.location?.offset !== undefined) assert(error.location.offset <= length);
    }
  }
});

test('no changed byte leads to anything but a MayflyError', async () => {
  for (const bytes of await samples()) {
    for (let at = 8; at < bytes.length; at++) {
      for (const value of [0x00, 0x01, 0x40, 0x7f, 0x80, 0xff, bytes[at]! ^ 1, bytes[at]! + 1]) {
        const changed = bytes.slice();
        changed[at] = value;
        const offset = refusal(changed)?.location?.offset ?? 0;
        assert(offset <= bytes.length, `offset ${offset} for byte ${at}`);
      }
    }
  }
});

test('no random damage leads to anything but a MayflyError', async () => {
  const next = random(20260);
  for (const bytes of await samples()) {
    for (let round = 0; round < 3000; round++) {
      const changed = bytes.slice();
      for (let times = 1 + next(6); times > 0; times--) changed[8 + next(bytes.length - 8)] = next(256);
      const from = 8 + next(bytes.length - 8);
      if (next(3) === 0) changed.copyWithin(8 + next(bytes.length - 8), from, from + next(40));
      refusal(changed);
    }
  }
});

test('random bytes after the preamble are refused', () => {
  const next = random(7);
  const preamble = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
  for (let round = 0; round < 3000; round++) {
    const bytes = Uint8Array.from([...preamble, ...Array.from({ length: 4 + next(60) }, () => next(256))]);
    // the first byte is a section, the second its size, so that what follows is read
    bytes[8] = 1 + next(12);
    bytes[9] = bytes.length - 10;
    refusal(bytes);
  }
});
