// Old and new exception handling in one module: V8 has no stable opinion of it and may end the process, so that no such
// module may reach it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCoreModule } from './read-core-module.ts';

const section = (id: number, ...bytes: number[]): number[] => [id, bytes.length, ...bytes];

/** Functions without parameters and results, type 0; tag 0 of that type; type 1 is `struct`. */
function moduleOf(...bodies: readonly (readonly number[])[]): Uint8Array {
  const code = bodies.flatMap((body) => [body.length + 1, ...body, 0x0b]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 2, 0x60, 0, 0, 0x5f, 0),
    ...section(3, bodies.length, ...bodies.map(() => 0)),
    ...section(13, 1, 0, 0),
    ...section(10, bodies.length, ...code),
  ]);
}

const noLocals = 0;
const legacy: Readonly<Record<string, readonly number[]>> = {
  try: [noLocals, 0x06, 0x40, 0x0b],
  'try with catch and rethrow': [noLocals, 0x06, 0x40, 0x07, 0x00, 0x09, 0x00, 0x0b],
  'try with catch_all': [noLocals, 0x06, 0x40, 0x19, 0x0b],
  'try with delegate': [noLocals, 0x06, 0x40, 0x18, 0x00],
};
const exnref: Readonly<Record<string, readonly number[]>> = {
  try_table: [noLocals, 0x1f, 0x40, 0x00, 0x0b],
  throw_ref: [noLocals, 0x00, 0x0a],
  'ref.null exn': [noLocals, 0xd0, 0x69, 0x1a],
  'ref.null noexn': [noLocals, 0xd0, 0x74, 0x1a],
  'ref.null exn as a long integer': [noLocals, 0xd0, 0xe9, 0x7f, 0x1a],
  'ref.test of exnref': [noLocals, 0x00, 0xfb, 0x15, 0x69, 0x1a],
  'ref.cast of exnref': [noLocals, 0x00, 0xfb, 0x17, 0x69, 0x1a],
  'a local of exnref': [1, 1, 0x69],
  'a local of (ref null exn)': [1, 1, 0x63, 0x69],
  'a block of exnref': [noLocals, 0x02, 0x69, 0x00, 0x0b, 0x1a],
  'a block of (ref exn)': [noLocals, 0x02, 0x64, 0x69, 0x00, 0x0b, 0x1a],
  'a loop of exnref': [noLocals, 0x03, 0x69, 0x00, 0x0b, 0x1a],
  'a select of exnref': [noLocals, 0x00, 0x1c, 0x01, 0x69, 0x1a],
};
const neutral = { throw: [noLocals, 0x08, 0x00], 'a block': [noLocals, 0x02, 0x40, 0x0b] };

for (const [old, one] of Object.entries(legacy)) {
  for (const [newer, other] of Object.entries(exnref)) {
    test(`${old} and ${newer} in one module are refused, in whatever order`, () => {
      for (const bodies of [
        [one, other],
        [other, one],
        [[...one, ...other.slice(1)]].filter(() => other[0] === noLocals),
      ]) {
        if (bodies.length === 0) continue;
        assert.throws(() => readCoreModule(moduleOf(...bodies)), { code: 'component-unsupported' });
      }
    });
  }
}

test('each kind by itself is taken, by the reader and by V8', () => {
  for (const kinds of [legacy, exnref]) {
    const bodies = [...Object.values(kinds), ...Object.values(neutral)];
    readCoreModule(moduleOf(...bodies));
    assert.ok(WebAssembly.validate(moduleOf(...bodies) as Uint8Array<ArrayBuffer>));
  }
});
