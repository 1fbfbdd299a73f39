// Guests with asynchronous imports and exports start, wait, are cancelled and fail, in both styles of the ABI.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callExport, instantiatePlan, linkText } from '../../../test/support/wat.ts';
import type { Instance, InstantiateOptions } from '../canon/instance.ts';
import { HostRegistry } from '../link/host-registry.ts';
import type { HostFunction, HostInterface } from '../types/val-type.ts';
import type { Activity } from './activity.ts';
import type { Store } from './store.ts';

const context = { state: () => undefined };

function offer(functions: Record<string, HostFunction>): HostRegistry {
  const one: HostInterface = { name: 'test:t/host', version: undefined, service: 't', resources: {}, functions };
  return new HostRegistry([one]);
}

function suspending(call: (...args: never[]) => unknown): HostFunction {
  return { call: call as HostFunction['call'], suspends: true };
}

/** Calls `slow` of the host for 1 to n at once, and returns the sum of the results; in callback and in stackful style. */
const sums = `(component
  (import "test:t/host" (instance $host (export "slow" (func async (param "x" u32) (result u32)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (core func $slow (canon lower (func $host "slow") async (memory (core memory $libc "memory"))))
  (core func $wait (canon waitable-set.wait (memory (core memory $libc "memory"))))
  (core func $new (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $drop (canon subtask.drop))
  (core func $cancel (canon subtask.cancel))
  (core func $return (canon task.return (result u32)))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "i" "slow" (func $slow (param i32 i32) (result i32)))
    (import "i" "wait" (func $wait (param i32 i32) (result i32)))
    (import "i" "new" (func $new (result i32)))
    (import "i" "join" (func $join (param i32 i32)))
    (import "i" "drop" (func $drop (param i32)))
    (import "i" "cancel" (func $cancel (param i32) (result i32)))
    (import "i" "return" (func $return (param i32)))
    (global $set (mut i32) (i32.const 0))
    (global $open (mut i32) (i32.const 0))
    (func $start (param $n i32) (local $code i32)
      (if (i32.eqz (global.get $set)) (then (global.set $set (call $new))))
      (loop $more
        (local.set $code (call $slow (local.get $n) (i32.mul (local.get $n) (i32.const 4))))
        (if (i32.ne (i32.and (local.get $code) (i32.const 15)) (i32.const 2)) (then
          (call $join (i32.shr_u (local.get $code) (i32.const 4)) (global.get $set))
          (global.set $open (i32.add (global.get $open) (i32.const 1)))))
        (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func $sum (result i32) (local $at i32) (local $sum i32)
      (local.set $at (i32.const 4))
      (loop $more
        (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
        (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 2048))))
      (local.get $sum))
    (func $event (param $subtask i32) (param $state i32)
      (if (i32.ge_u (local.get $state) (i32.const 2)) (then
        (call $drop (local.get $subtask))
        (global.set $open (i32.sub (global.get $open) (i32.const 1))))))
    (func $next (result i32)
      (if (result i32) (global.get $open)
        (then (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
        (else (call $return (call $sum)) (i32.const 0))))
    (func (export "callback-sum") (param $n i32) (result i32)
      (call $start (local.get $n)) (call $next))
    (func (export "cb") (param i32 i32 i32) (result i32)
      (call $event (local.get 1) (local.get 2)) (call $next))
    (func (export "stackful-sum") (param $n i32)
      (call $start (local.get $n))
      (block $done (loop $more
        (br_if $done (i32.eqz (global.get $open)))
        (drop (call $wait (global.get $set) (i32.const 4000)))
        (call $event (i32.load (i32.const 4000)) (i32.load (i32.const 4004)))
        (br $more)))
      (call $return (call $sum)))
    (func (export "cancelled") (result i32) (local $subtask i32) (local $state i32)
      (local.set $subtask (i32.shr_u (call $slow (i32.const 1) (i32.const 4)) (i32.const 4)))
      (local.set $state (call $cancel (local.get $subtask)))
      (call $drop (local.get $subtask))
      (local.get $state)))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "i" (instance
    (export "slow" (func $slow)) (export "wait" (func $wait)) (export "new" (func $new)) (export "join" (func $join))
    (export "drop" (func $drop)) (export "cancel" (func $cancel)) (export "return" (func $return))))))
  (func (export "callback-sum") async (param "n" u32) (result u32)
    (canon lift (core func $i "callback-sum") async (callback (core func $i "cb"))))
  (func (export "stackful-sum") async (param "n" u32) (result u32) (canon lift (core func $i "stackful-sum") async))
  (func (export "cancelled") async (result u32) (canon lift (core func $i "cancelled"))))`;

async function sumsInstance(slow: HostFunction, options: Partial<InstantiateOptions> = {}): Promise<Instance> {
  return instantiatePlan(await linkText(sums, offer({ slow })), { context, ...options });
}

const idle = (instance: Instance): Promise<boolean> => (instance.store as Store).idle();
const later = suspending(async (_: never, x: never) => {
  await new Promise((resolve) => setImmediate(resolve));
  return x;
});

for (const name of ['callback-sum', 'stackful-sum']) {
  test(`${name}: many imports are awaited at once`, async () => {
    const instance = await sumsInstance(later);
    assert.equal(await callExport(instance, name, 100), 5050);
    assert.equal(await idle(instance), true);
    assert.equal(instance.suspended, false);
    assert.deepEqual(
      [...instance.components[0]!.handles].map((one) => one.constructor.name),
      ['WaitableSet'],
    );
  });

  test(`${name}: results that are there at once need no waiting`, async () => {
    const instance = await sumsInstance(suspending((_: never, x: never) => x));
    assert.equal(await callExport(instance, name, 50), 1275);
  });

  test(`${name}: an import that never answers leaves the guest suspended until it is cancelled`, async () => {
    const instance = await sumsInstance(suspending(() => new Promise(() => {})));
    const call = callExport(instance, name, 3) as Promise<unknown>;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(instance.suspended, true);
    instance.cancel(new Error('time is up'));
    await assert.rejects(call, /time is up/);
  });

  test(`${name}: what an import throws ends the guest`, async () => {
    const instance = await sumsInstance(suspending(() => Promise.reject(new Error('no such file'))));
    await assert.rejects(callExport(instance, name, 3) as Promise<unknown>, /no such file/);
  });

  test(`${name}: handles are bounded`, async () => {
    const instance = await sumsInstance(
      suspending(() => new Promise(() => {})),
      { handleLimit: 20 },
    );
    await assert.rejects(callExport(instance, name, 100) as Promise<unknown>, /Limit reached: handles \(20\)/);
  });
}

test('a subtask of the host can be cancelled, and the promise is told', async () => {
  let told = 0;
  const never = (): unknown => Object.assign(new Promise(() => {}), { cancel: () => told++ });
  const instance = await sumsInstance(suspending(never));
  assert.equal(await callExport(instance, 'cancelled'), 4);
  assert.equal(told, 1);
  assert.equal(await idle(instance), true);
});

test('guest code runs between hooks that match', async () => {
  const ready: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const enter = (): void => {
    running++;
    most = Math.max(most, running);
  };
  const activity: Activity = {
    enter,
    tryEnter: () => {
      enter();
      return true;
    },
    pause: () => false,
    resume: (go = () => {}) => {
      ready.push(() => {
        enter();
        go();
      });
      setImmediate(() => ready.shift()?.());
    },
    suspend: () => {
      running--;
      assert.ok(running >= 0);
    },
    leave: () => undefined,
  };
  const observed = suspending((state: never, x: never) => {
    assert.ok(running > 0);
    return later.call(state, x);
  });
  const instance = await sumsInstance(observed, { activity });
  assert.equal(await callExport(instance, 'stackful-sum', 5), 15);
  assert.equal(await callExport(instance, 'callback-sum', 5), 15);
  assert.equal(await idle(instance), true);
  assert.equal(running, 0);
  assert.ok(most <= 2);
});

/** Built-ins by name, each with its core type; `body` may call them as `$name`. */
function withBuiltins(
  builtins: readonly (readonly [name: string, canon: string, type: string])[],
  body: string,
): string {
  const names = builtins.map(([name]) => name);
  return `(component
    (core module $libc (memory (export "memory") 1) (table (export "table") 4 funcref))
    (core instance $libc (instantiate $libc))
    (core type $start (func (param i32)))
    (alias core export $libc "table" (core table $table))
    (type $s (stream u8))
    ${builtins.map(([name, canon]) => `(core func $${name} (canon ${canon}))`).join('\n')}
    (core module $m (import "libc" "memory" (memory 1)) (import "libc" "table" (table 4 funcref))
      ${builtins.map(([name, , type]) => `(import "i" "${name}" (func $${name} ${type}))`).join('\n')}
      ${body})
    (core instance $i (instantiate $m (with "libc" (instance $libc))
      (with "i" (instance ${names.map((name) => `(export "${name}" (func $${name}))`).join(' ')}))))
    (func (export "run") async (result u32) (canon lift (core func $i "run"))))`;
}

const memory = '(memory (core memory $libc "memory"))';
const hostile: Record<string, readonly [builtins: Parameters<typeof withBuiltins>[0], body: string, message: RegExp]> =
  {
    'threads without end': [
      [['spawn', 'thread.new-indirect $start (core table $table)', '(param i32 i32) (result i32)']],
      `(func $t (param i32)) (elem (i32.const 0) func $t)
     (func (export "run") (result i32) (loop $l (drop (call $spawn (i32.const 0) (i32.const 0))) (br $l)) (i32.const 0))`,
      /Limit reached: threads \(1000\)/,
    ],
    'suspended stacks without end': [
      [
        ['spawn', 'thread.new-indirect $start (core table $table)', '(param i32 i32) (result i32)'],
        ['go', 'thread.suspend-then-resume', '(param i32) (result i32)'],
      ],
      `(func $t (param i32) (drop (call $go (call $spawn (i32.const 0) (i32.const 0)))))
     (elem (i32.const 0) func $t)
     (func (export "run") (result i32) (call $t (i32.const 0)) (i32.const 0))`,
      /Limit reached: suspended stacks of one guest \(500\)/,
    ],
    'a thread that starts nowhere': [
      [['spawn', 'thread.new-indirect $start (core table $table)', '(param i32 i32) (result i32)']],
      '(func (export "run") (result i32) (call $spawn (i32.const 99) (i32.const 0)))',
      /Table element 99 is not a function/,
    ],
    'a thread that starts in a function of another type': [
      [['spawn', 'thread.new-indirect $start (core table $table)', '(param i32 i32) (result i32)']],
      `(func $t (param i64)) (elem (i32.const 0) func $t)
     (func (export "run") (result i32) (call $spawn (i32.const 0) (i32.const 0)))`,
      /start function of a thread has another type/,
    ],
    'an event at an odd address': [
      [
        ['new', 'waitable-set.new', '(result i32)'],
        ['poll', `waitable-set.poll ${memory}`, '(param i32 i32) (result i32)'],
      ],
      '(func (export "run") (result i32) (call $poll (call $new) (i32.const 3)))',
      /not aligned/,
    ],
    'an event outside the memory': [
      [
        ['new', 'waitable-set.new', '(result i32)'],
        ['poll', `waitable-set.poll ${memory}`, '(param i32 i32) (result i32)'],
      ],
      '(func (export "run") (result i32) (call $poll (call $new) (i32.const -8)))',
      /outside the memory/,
    ],
    'a buffer that is too long': [
      [
        ['new', 'stream.new $s', '(result i64)'],
        ['read', `stream.read $s async ${memory}`, '(param i32 i32 i32) (result i32)'],
      ],
      '(func (export "run") (result i32) (call $read (i32.wrap_i64 (call $new)) (i32.const 0) (i32.const -1)))',
      /too long/,
    ],
    'a buffer outside the memory': [
      [
        ['new', 'stream.new $s', '(result i64)'],
        ['read', `stream.read $s async ${memory}`, '(param i32 i32 i32) (result i32)'],
      ],
      '(func (export "run") (result i32) (call $read (i32.wrap_i64 (call $new)) (i32.const 65530) (i32.const 7)))',
      /outside the memory/,
    ],
    'waiting for nothing': [
      [
        ['new', 'waitable-set.new', '(result i32)'],
        ['wait', `waitable-set.wait ${memory}`, '(param i32 i32) (result i32)'],
      ],
      '(func (export "run") (result i32) (call $wait (call $new) (i32.const 0)))',
      /Deadlock/,
    ],
    'too much backpressure': [
      [['inc', 'backpressure.inc', '']],
      '(func (export "run") (result i32) (loop $l (call $inc) (br $l)) (i32.const 0))',
      /Backpressure counter of 65536/,
    ],
  };

for (const [name, [builtins, body, message]] of Object.entries(hostile)) {
  test(`${name} traps`, async () => {
    const instance = instantiatePlan(await linkText(withBuiltins(builtins, body)));
    await assert.rejects(callExport(instance, 'run') as Promise<unknown>, message);
    assert.equal(instance.suspended, true);
  });
}

test('a guest that only yields leaves the event loop its turns', async () => {
  const yielding = withBuiltins(
    [['yield', 'thread.yield', '(result i32)']],
    '(func (export "run") (result i32) (loop $l (drop (call $yield)) (br $l)) (i32.const 0))',
  );
  const instance = instantiatePlan(await linkText(yielding));
  const call = callExport(instance, 'run') as Promise<unknown>;
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  instance.cancel(new Error('enough'));
  await assert.rejects(call, /enough/);
});

/** One guest at a time, and only when it is let in by hand. */
class Turns implements Activity {
  running = false;
  readonly asked: (() => void)[] = [];
  pauses = false;
  enter(): void {
    this.running = true;
  }
  tryEnter(): boolean {
    this.running = true;
    return true;
  }
  resume(go: () => void = () => {}): void {
    this.asked.push(go);
  }
  pause(): boolean {
    if (this.pauses) this.running = false;
    return this.pauses;
  }
  suspend(): void {
    this.running = false;
  }
  leave(): void {}
  async letIn(): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(this.running, false);
    const go = this.asked.shift();
    assert.deepEqual(this.asked, [], 'it asks once for each turn');
    if (!go) return false;
    this.running = true;
    go();
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }
}

test('a guest that yields asks for its turn each time, once, and runs only then', async () => {
  const yielding = withBuiltins(
    [['yield', 'thread.yield', '(result i32)']],
    `(global $g (mut i32) (i32.const 0)) (export "count" (global $g))
     (func (export "run") (result i32) (loop $l
       (global.set $g (i32.add (global.get $g) (i32.const 1))) (drop (call $yield)) (br $l)) (i32.const 0))`,
  );
  const turns = new Turns();
  turns.pauses = true;
  const instance = instantiatePlan(await linkText(yielding), { activity: turns });
  const count = (): number => {
    const exports = instance.core.find((one) => 'count' in one) as { count: WebAssembly.Global };
    return exports.count.value as number;
  };
  const call = callExport(instance, 'run') as Promise<unknown>;
  for (let turn = 1; turn < 50; turn++) {
    const before = count();
    assert.equal(await turns.letIn(), true);
    assert.ok(count() <= before + 1, `${count() - before} rounds in one turn`);
  }
  assert.ok(count() > 10);
  instance.cancel(new Error('enough'));
  await assert.rejects(call, /enough/);
});

test("a thread that is switched to from a suspended stack runs on its guest's time", async () => {
  const turns = new Turns();
  const onTime: boolean[] = [];
  const switching = `(component
    (import "test:host/look" (instance $h (export "look" (func))))
    (core type $start (func (param i32)))
    (core module $lib (table (export "table") 1 funcref))
    (core instance $lib (instantiate $lib))
    (alias core export $lib "table" (core table $table))
    (core func $look (canon lower (func $h "look")))
    (core func $yield (canon thread.yield))
    (core func $switch (canon thread.suspend-then-resume))
    (core func $new (canon thread.new-indirect $start (core table $table)))
    (core func $return (canon task.return (result u32)))
    (core module $m (import "lib" "table" (table 1 funcref))
      (import "i" "look" (func $look)) (import "i" "yield" (func $yield (result i32)))
      (import "i" "switch" (func $switch (param i32) (result i32)))
      (import "i" "new" (func $new (param i32 i32) (result i32))) (import "i" "return" (func $return (param i32)))
      (func $other (param i32) (call $look) (call $return (i32.const 7)))
      (elem (i32.const 0) $other)
      (func (export "run") (drop (call $yield)) (call $look)
        (drop (call $switch (call $new (i32.const 0) (i32.const 0))))))
    (core instance $i (instantiate $m (with "lib" (instance $lib)) (with "i" (instance
      (export "look" (func $look)) (export "yield" (func $yield)) (export "switch" (func $switch))
      (export "new" (func $new)) (export "return" (func $return))))))
    (func (export "run") async (result u32) (canon lift (core func $i "run") async)))`;
  const host = new HostRegistry([
    {
      name: 'test:host/look',
      version: undefined,
      service: 'test',
      resources: {},
      functions: { look: { call: () => void onTime.push(turns.running), suspends: false } },
    },
  ]);
  const instance = instantiatePlan(await linkText(switching, host), {
    activity: turns,
    context: { state: () => ({}) },
  });
  const call = callExport(instance, 'run') as Promise<unknown>;
  while (await turns.letIn());
  assert.equal(await call, 7);
  assert.deepEqual(onTime, [true, true]);
});

test('error contexts keep their message', async () => {
  const contexts = withBuiltins(
    [
      ['new', `error-context.new ${memory}`, '(param i32 i32) (result i32)'],
      ['drop', 'error-context.drop', '(param i32)'],
    ],
    `(data (i32.const 16) "broken")
     (func (export "run") (result i32) (local $e i32)
       (local.set $e (call $new (i32.const 16) (i32.const 6)))
       (call $drop (local.get $e)) (call $drop (local.get $e)) (i32.const 0))`,
  );
  const instance = instantiatePlan(await linkText(contexts));
  await assert.rejects(callExport(instance, 'run') as Promise<unknown>, /Unknown handle index 1/);
});
