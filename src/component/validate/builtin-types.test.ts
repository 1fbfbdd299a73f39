// The core type of each canonical built-in, as the specification gives it: a module that imports it so is linked, one that
// wants a parameter more is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../../test/support/wat.ts';
import { decodeComponent } from '../binary/decode.ts';
import { validateComponent } from './validate.ts';

const mem = '(memory $mem)';
const both = '(memory $mem) (realloc $realloc)';

/** `$s` is a stream of bytes, `$t` a future of strings, `$n` one without a payload, `$r` a resource. */
const builtins: readonly (readonly [canon: string, params: string, results: string])[] = [
  ['backpressure.inc', '', ''],
  ['backpressure.dec', '', ''],
  ['task.cancel', '', ''],
  ['task.return', '', ''],
  ['task.return (result u32)', 'i32', ''],
  ['task.return (result u64)', 'i64', ''],
  [`task.return (result string) ${mem}`, 'i32 i32', ''],
  [`task.return (result (list u8 17)) ${mem}`, 'i32', ''],
  ['waitable-set.new', '', 'i32'],
  [`waitable-set.wait ${mem}`, 'i32 i32', 'i32'],
  [`waitable-set.poll ${mem}`, 'i32 i32', 'i32'],
  ['waitable-set.drop', 'i32', ''],
  ['waitable.join', 'i32 i32', ''],
  ['subtask.cancel', 'i32', 'i32'],
  ['subtask.cancel async', 'i32', 'i32'],
  ['subtask.drop', 'i32', ''],
  ['stream.new $s', '', 'i64'],
  [`stream.read $s ${mem}`, 'i32 i32 i32', 'i32'],
  [`stream.write $s async ${mem}`, 'i32 i32 i32', 'i32'],
  ['stream.cancel-read $s', 'i32', 'i32'],
  ['stream.cancel-write $s async', 'i32', 'i32'],
  ['stream.drop-readable $s', 'i32', ''],
  ['stream.drop-writable $s', 'i32', ''],
  ['future.new $t', '', 'i64'],
  [`future.read $t ${both}`, 'i32 i32', 'i32'],
  [`future.write $t ${mem}`, 'i32 i32', 'i32'],
  ['future.read $n', 'i32 i32', 'i32'],
  ['future.cancel-read $t', 'i32', 'i32'],
  ['future.cancel-write $t', 'i32', 'i32'],
  ['future.drop-readable $t', 'i32', ''],
  ['future.drop-writable $t', 'i32', ''],
  [`error-context.new ${mem}`, 'i32 i32', 'i32'],
  [`error-context.debug-message ${both}`, 'i32 i32', ''],
  ['error-context.drop', 'i32', ''],
  ['context.get i32 0', '', 'i32'],
  ['context.set i32 1', 'i32', ''],
  ['context.get i64 1', '', 'i64'],
  ['context.set i64 0', 'i64', ''],
  ['thread.index', '', 'i32'],
  ['thread.new-indirect $start (core table $table)', 'i32 i32', 'i32'],
  ['thread.new-indirect $start64 (core table $table)', 'i32 i64', 'i32'],
  ['thread.resume-later', 'i32', ''],
  ['thread.suspend', '', 'i32'],
  ['thread.yield', '', 'i32'],
  ['thread.suspend-then-resume', 'i32', 'i32'],
  ['thread.yield-then-resume', 'i32', 'i32'],
  ['thread.suspend-then-promote', 'i32', 'i32'],
  ['thread.yield-then-promote', 'i32', 'i32'],
  ['resource.new $r', 'i32', 'i32'],
  ['resource.rep $r', 'i32', 'i32'],
  ['resource.drop $r', 'i32', ''],
];

async function outcome(canon: string, params: string, results: string): Promise<string> {
  const text = `(component
    (core module $libc (memory (export "m") 1) (table (export "t") 1 funcref)
      (func (export "r") (param i32 i32 i32 i32) (result i32) unreachable))
    (core instance $c (instantiate $libc))
    (alias core export $c "m" (core memory $mem)) (alias core export $c "r" (core func $realloc))
    (alias core export $c "t" (core table $table))
    (core type $start (func (param i32))) (core type $start64 (func (param i64)))
    (type $s (stream u8)) (type $t (future string)) (type $n (future)) (type $r (resource (rep i32)))
    (core func $f (canon ${canon}))
    (core module $user (import "" "f" (func (param ${params}) (result ${results}))))
    (core instance (instantiate $user (with "" (instance (export "f" (func $f)))))))`;
  try {
    validateComponent(decodeComponent(await assemble(text)));
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
}

for (const [canon, params, results] of builtins) {
  test(`canon ${canon}`, async () => {
    assert.equal(await outcome(canon, params, results), 'accepted');
    const shown = `[${params}] -> [${results}]`;
    const more = `${params} f32`.trim();
    assert.equal(
      await outcome(canon, more, results),
      `Type mismatch in import "" "f": expected [${more}] -> [${results}], found ${shown}`,
    );
    assert.notEqual(await outcome(canon, params, results === '' ? 'i32' : ''), 'accepted');
  });
}
