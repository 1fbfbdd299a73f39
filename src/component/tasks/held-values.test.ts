// What the host keeps for a guest in a plan with tasks: messages of error contexts, and what a call that takes its time was
// given. And what all component instances share: threads, and the stacks of the process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callExport, instantiatePlan, linkText } from '../../../test/support/wat.ts';
import type { Instance, InstantiateOptions } from '../canon/instance.ts';
import { HostRegistry } from '../link/host-registry.ts';
import { HostByteBudget } from '../types/host-byte-budget.ts';
import { HostMemory } from '../types/host-memory.ts';
import type { HostFunction } from '../types/val-type.ts';

const overLimit = /^Trap: Limit reached: held \(1000 bytes\)$/;

function budgetOf(limit: number): HostByteBudget {
  return new HostByteBudget(limit, new HostMemory(1e9));
}

function registry(hold: HostFunction): HostRegistry {
  const functions = { hold };
  return new HostRegistry([{ name: 'test:t/host', version: undefined, service: 't', resources: {}, functions }]);
}

/** Two components; what one makes is passed to the other and comes back as a second handle. */
const errors = `(component
  (component $keeper
    (core module $m (global $kept (mut i32) (i32.const 0))
      (func (export "keep") (param i32) (global.set $kept (local.get 0)))
      (func (export "forget") (result i32) (global.get $kept)))
    (core instance $i (instantiate $m))
    (core func $drop (canon error-context.drop))
    (core module $d (import "i" "drop" (func $drop (param i32))) (import "i" "forget" (func $kept (result i32)))
      (func (export "forget") (call $drop (call $kept))))
    (core instance $j (instantiate $d (with "i" (instance
      (export "drop" (func $drop)) (export "forget" (func $i "forget"))))))
    (func (export "keep") (param "e" error-context) (canon lift (core func $i "keep")))
    (func (export "forget") (canon lift (core func $j "forget"))))
  (component $maker
  (import "k" (instance $k (export "keep" (func (param "e" error-context)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $new (canon error-context.new (memory $memory)))
  (core func $drop (canon error-context.drop))
  (core func $keep (canon lower (func $k "keep")))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "i" "new" (func $new (param i32 i32) (result i32)))
    (import "i" "drop" (func $drop (param i32)))
    (import "i" "keep" (func $keep (param i32)))
    (func (export "make") (param i32) (result i32) (call $new (i32.const 0) (local.get 0)))
    (func (export "drop") (param i32) (call $drop (local.get 0)))
    (func (export "pass") (param i32) (call $keep (local.get 0))))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "i" (instance
    (export "new" (func $new)) (export "drop" (func $drop)) (export "keep" (func $keep))))))
  (func (export "make") (param "bytes" u32) (result u32) (canon lift (core func $i "make")))
  (func (export "drop") (param "handle" u32) (canon lift (core func $i "drop")))
  (func (export "pass") (param "handle" u32) (canon lift (core func $i "pass"))))
  (instance $k (instantiate $keeper))
  (instance $made (instantiate $maker (with "k" (instance $k))))
  (func (export "make") (alias export $made "make"))
  (func (export "drop") (alias export $made "drop"))
  (func (export "pass") (alias export $made "pass"))
  (func (export "forget") (alias export $k "forget")))`;

const call = (instance: Instance, name: string, ...params: unknown[]): Promise<unknown> =>
  callExport(instance, name, ...params) as Promise<unknown>;

test('messages of error contexts count to the byte, once for all handles on one, until the last is dropped', async () => {
  const hostBytes = budgetOf(1000);
  const instance = instantiatePlan(await linkText(errors), { context: { hostBytes, state: () => undefined } });
  const first = await call(instance, 'make', 600);
  const second = await call(instance, 'make', 400);
  assert.equal(hostBytes.bytes, 1000);
  await call(instance, 'pass', first);
  assert.equal(hostBytes.bytes, 1000);
  await call(instance, 'drop', first);
  await call(instance, 'drop', second);
  assert.equal(hostBytes.bytes, 600, 'the other component has it still');
  await call(instance, 'forget');
  assert.equal(hostBytes.bytes, 0);
  await call(instance, 'make', 1000);
  await assert.rejects(call(instance, 'make', 1), overLimit);
});

/** Starts calls of the host that never end, each with a text of so many bytes; and cancels them. */
const pending = `(component
  (import "test:t/host" (instance $host (export "hold" (func async (param "text" string)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $hold (canon lower (func $host "hold") async (memory $memory)))
  (core func $cancel (canon subtask.cancel))
  (core func $drop (canon subtask.drop))
  (core module $m
    (import "i" "hold" (func $hold (param i32 i32) (result i32)))
    (import "i" "cancel" (func $cancel (param i32) (result i32)))
    (import "i" "drop" (func $drop (param i32)))
    (func (export "start") (param i32) (result i32) (i32.shr_u (call $hold (i32.const 0) (local.get 0)) (i32.const 4)))
    (func (export "stop") (param i32) (drop (call $cancel (local.get 0))) (call $drop (local.get 0))))
  (core instance $i (instantiate $m (with "i" (instance
    (export "hold" (func $hold)) (export "cancel" (func $cancel)) (export "drop" (func $drop))))))
  (func (export "start") (param "bytes" u32) (result u32) (canon lift (core func $i "start")))
  (func (export "stop") (param "subtask" u32) (canon lift (core func $i "stop"))))`;

test('0.3: what calls that are under way were given counts until they end or are cancelled', async () => {
  const hostBytes = budgetOf(1000);
  let end = (): void => undefined;
  const hold = { call: () => new Promise<void>((resolve) => (end = resolve)), suspends: true };
  const plan = await linkText(pending, registry(hold));
  const instance = instantiatePlan(plan, { context: { hostBytes, state: () => undefined } });
  const first = await call(instance, 'start', 600);
  const endFirst = end;
  await call(instance, 'start', 400);
  assert.equal(hostBytes.bytes, 1000);
  endFirst();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(hostBytes.bytes, 400);
  const third = await call(instance, 'start', 600);
  await call(instance, 'stop', third);
  assert.equal(hostBytes.bytes, 400);
  await call(instance, 'start', 600);
  await assert.rejects(call(instance, 'start', 1), overLimit);
  assert.equal(typeof first, 'number');
});

const waiting = `(component
  (import "test:t/host" (instance $host (export "hold" (func (param "text" string)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (core func $hold (canon lower (func $host "hold") (memory (core memory $libc "memory"))))
  (core module $m (import "i" "hold" (func $hold (param i32 i32)))
    (func (export "run") (param i32) (call $hold (i32.const 0) (local.get 0))))
  (core instance $i (instantiate $m (with "i" (instance (export "hold" (func $hold))))))
  (func (export "run") (param "bytes" u32) (canon lift (core func $i "run"))))`;

test('0.2: what a guest that waits has given to the host counts as long as it waits', async () => {
  const hostBytes = budgetOf(1000);
  const seen: number[] = [];
  const hold = {
    call: (_: never, text: string) => {
      seen.push(hostBytes.bytes);
      return text.length < 10 ? undefined : new Promise((resolve) => setImmediate(resolve));
    },
    suspends: true,
  };
  const plan = await linkText(waiting, registry(hold));
  const options: Partial<InstantiateOptions> = { context: { hostBytes, state: () => undefined }, ownStacks: true };
  const instance = instantiatePlan(plan, options);
  const under = call(instance, 'run', 1000);
  assert.equal(hostBytes.bytes, 1000);
  await under;
  assert.equal(hostBytes.bytes, 0);
  await call(instance, 'run', 9);
  assert.equal(hostBytes.bytes, 0);
  await assert.rejects(call(instance, 'run', 1001), overLimit);
  assert.deepEqual(seen, [1000, 9]);
});

/** Of `count` components each starts threads that never run. */
const threads = (count: number, each: number): string => `(component
  (component $c
    (core type $start (func (param i32)))
    (core module $libc (table (export "table") 1 funcref))
    (core instance $libc (instantiate $libc))
    (alias core export $libc "table" (core table $table))
    (core func $spawn (canon thread.new-indirect $start (core table $table)))
    (core module $m (import "libc" "table" (table 1 funcref))
      (import "i" "spawn" (func $spawn (param i32 i32) (result i32)))
      (func $t (param i32)) (elem (i32.const 0) func $t)
      (func (export "run") (local $n i32)
        (loop $l (drop (call $spawn (i32.const 0) (i32.const 0)))
          (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const ${each}))))))
    (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "i" (instance (export "spawn" (func $spawn))))))
    (func (export "run") async (canon lift (core func $i "run"))))
  ${Array.from({ length: count }, (_, index) => `(instance $i${index} (instantiate $c)) (export "c${index}" (instance $i${index}))`).join('\n')})`;

test('threads: all component instances together have as many as one could have', async () => {
  // The thread of each call counts, too, as long as the threads that it has started are there.
  const instance = instantiatePlan(await linkText(threads(3, 499)));
  const settled = (name: string): Promise<unknown> =>
    Promise.race([
      call(instance, name).then(() => 'returned'),
      new Promise((resolve) => setImmediate(resolve, 'runs')),
    ]);
  assert.equal(await settled('c0#run'), 'returned');
  assert.equal(await settled('c1#run'), 'returned');
  await assert.rejects(call(instance, 'c2#run'), /Limit reached: threads \(1000\)/);
});

/** Threads each of which starts the next and stops: as many stacks. */
const stacks = `(component
  (core type $start (func (param i32)))
  (core module $libc (table (export "table") 1 funcref))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "table" (core table $table))
  (core func $spawn (canon thread.new-indirect $start (core table $table)))
  (core func $go (canon thread.suspend-then-resume))
  (core module $m (import "libc" "table" (table 1 funcref))
    (import "i" "spawn" (func $spawn (param i32 i32) (result i32)))
    (import "i" "go" (func $go (param i32) (result i32)))
    (func $t (param i32) (drop (call $go (call $spawn (i32.const 0) (i32.const 0)))))
    (elem (i32.const 0) func $t)
    (func (export "run") (call $t (i32.const 0))))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "i" (instance
    (export "spawn" (func $spawn)) (export "go" (func $go))))))
  (func (export "run") async (canon lift (core func $i "run"))))`;

test('stacks beyond the one that each call may need are taken out of the process, and given back', async () => {
  let left = 20;
  const budget = {
    tryTake: (count: number): boolean => {
      if (left < count) return false;
      left -= count;
      return true;
    },
    giveBack: (count: number): void => {
      left += count;
    },
  };
  const instance = instantiatePlan(await linkText(stacks), { stacks: budget });
  await assert.rejects(call(instance, 'run'), { code: 'sandbox-exhausted' });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(left, 20);
});
