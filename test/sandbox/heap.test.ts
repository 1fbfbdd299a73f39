// Guests that fill the engine's heap with objects and exceptions: the process stays, and its neighbours are served.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertLogged, sandboxApp } from '../support/sandbox-app.ts';
import { assemble } from '../support/wat.ts';

const folder = await mkdtemp(join(tmpdir(), 'mayfly-heap-'));
after(() => rm(folder, { recursive: true }));

const list = '(type $node (struct (field (ref null $node)) (field anyref)))';
const push = (what: string): string => `(local.set $head (struct.new $node (local.get $head) ${what}))`;
const endless = (body: string): string =>
  `(func (export "_start") (local $head (ref null $node)) (loop $l ${body} (br $l)))`;
const exception = (thrown: string): string =>
  `(block $h (result exnref) (try_table (catch_all_ref $h) ${thrown}) (unreachable))`;

/** Each goes on until it is stopped, and holds all that it makes. */
const greedy: Readonly<Record<string, string>> = {
  structs: `${list} ${endless(push('(ref.null none)'))}`,
  arrays: `${list} (type $words (array (mut i64))) ${endless(push('(array.new_default $words (i32.const 100000))'))}`,
  fixed: `${list} (type $two (array anyref)) ${endless(push('(array.new_fixed $two 2 (ref.null none) (ref.null none))'))}`,
  exceptions: `(tag $t (param exnref)) (func (export "_start") (local $head exnref)
    (loop $l (local.set $head ${exception('(throw $t (local.get $head))')}) (br $l)))`,
  payloads: `(tag $t (param exnref ${'i64 '.repeat(100)})) (func (export "_start") (local $head exnref)
    (loop $l (local.set $head ${exception(`(throw $t (local.get $head) ${'(i64.const 7)'.repeat(100)})`)}) (br $l)))`,
};

for (const [name, body] of Object.entries(greedy)) {
  test(`${name} that a guest keeps are bounded by its memory limit, and nobody else notices`, async () => {
    const file = join(folder, `${name}.wasm`);
    await writeFile(file, await assemble(`(module (memory (export "memory") 1) ${body})`));
    const settings = '[component.greedy.tool.mayfly.limits]\nmemory = "32MiB"';
    const app = await sandboxApp({ greedy: { guest: file, settings }, hello: { guest: 'hello-c' } });
    try {
      const before = process.memoryUsage().heapUsed;
      for (let round = 0; round < 3; round++) {
        const answers = await Promise.all(Array.from({ length: 8 }, () => app.get('/greedy')));
        assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([500]));
        assert.equal((await app.get('/hello')).status, 200);
      }
      assertLogged(app, /Limit reached: memory \(32768 KiB/);
      const grown = (process.memoryUsage().heapUsed - before) / 2 ** 20;
      assert.ok(grown < 24 * 40, `the heap has grown by ${grown} MiB`);
    } finally {
      await app.close();
    }
  });
}

test('a guest that makes objects within its limit is served, again and again', async () => {
  const file = join(folder, 'modest.wasm');
  const text = `(module ${list} (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 100) "content-type: text/plain\\n\\nok\\n")
    (global $state (mut (ref null $node)) (ref.null $node))
    (func (export "_start") (local $head (ref null $node)) (local $n i32)
      (if (i32.eqz (ref.is_null (global.get $state))) (then (unreachable)))
      (loop $l ${push('(ref.i31 (local.get $n))')}
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100000))))
      (global.set $state (local.get $head))
      (i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 29))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;
  await writeFile(file, await assemble(text));
  const app = await sandboxApp({ modest: { guest: file } });
  try {
    for (let request = 0; request < 60; request++) {
      const { status, text: answer } = await app.get('/modest');
      assert.deepEqual([status, answer.trim()], [200, 'ok'], 'what a request kept is never found by the next one');
    }
  } finally {
    await app.close();
  }
});
