// Two components that call each other asynchronously: every state of a subtask, cancellation in each, and handles that
// are lent meanwhile. The callee decides by what it is called with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from '../../../test/support/async-guest.ts';
import { callExport, instantiatePlan, linkText } from '../../../test/support/wat.ts';
import { Trap } from '../../errors.ts';
import { callExport as startCall } from '../canon/export-call.ts';
import type { Instance } from '../canon/instance.ts';
import { HostRegistry } from '../link/host-registry.ts';
import type { Store } from './store.ts';

interface Run {
  readonly instance: Instance;
  /** Answers of `slow`, in the order of its calls. */
  readonly answers: PromiseWithResolvers<number>[];
  notes(count: number): number[];
  call(name?: string): Promise<unknown>;
}

const CALLEE = (body: string, lifts: string): string => `(component $callee
  (import "slow" (func $slow async (result u32)))
  (core module $libc (memory (export "memory") 1)) (core instance $libc (instantiate $libc))
  (core func $slow-s (canon lower (func $slow)))
  (core func $slow-a (canon lower (func $slow) async (memory (core memory $libc "memory"))))
  (core func $return (canon task.return (result u32))) (core func $cancel (canon task.cancel))
  (core func $inc (canon backpressure.inc)) (core func $dec (canon backpressure.dec))
  (core func $yield (canon thread.yield)) (core func $set (canon waitable-set.new)) (core func $join (canon waitable.join))
  (core func $sub-drop (canon subtask.drop)) (core func $sub-cancel (canon subtask.cancel))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "i" "slow" (func $slow (result i32))) (import "i" "slow-a" (func $slow-a (param i32) (result i32)))
    (import "i" "return" (func $return (param i32))) (import "i" "cancel" (func $cancel))
    (import "i" "inc" (func $inc)) (import "i" "dec" (func $dec)) (import "i" "yield" (func $yield (result i32)))
    (import "i" "set" (func $set (result i32))) (import "i" "join" (func $join (param i32 i32)))
    (import "i" "sub-drop" (func $sub-drop (param i32))) (import "i" "sub-cancel" (func $sub-cancel (param i32) (result i32)))
    ${body})
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "i" (instance
    (export "slow" (func $slow-s)) (export "slow-a" (func $slow-a)) (export "return" (func $return))
    (export "cancel" (func $cancel)) (export "inc" (func $inc)) (export "dec" (func $dec)) (export "yield" (func $yield))
    (export "set" (func $set)) (export "join" (func $join)) (export "sub-drop" (func $sub-drop))
    (export "sub-cancel" (func $sub-cancel))))))
  ${lifts})`;

const CALLER = (body: string): string => `(component $caller
  (import "work" (func $work async (param "x" u32) (result u32)))
  (core module $libc (memory (export "memory") 1)) (core instance $libc (instantiate $libc))
  (core func $work-a (canon lower (func $work) async (memory (core memory $libc "memory"))))
  (core func $work-s (canon lower (func $work)))
  (core func $cancel (canon subtask.cancel)) (core func $cancel-a (canon subtask.cancel async))
  (core func $drop (canon subtask.drop)) (core func $set (canon waitable-set.new)) (core func $join (canon waitable.join))
  (core func $wait (canon waitable-set.wait (memory (core memory $libc "memory"))))
  (core func $poll (canon waitable-set.poll (memory (core memory $libc "memory"))))
  (core func $yield (canon thread.yield))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "i" "work" (func $work (param i32 i32) (result i32))) (import "i" "work-s" (func $work-s (param i32) (result i32)))
    (import "i" "cancel" (func $cancel (param i32) (result i32))) (import "i" "cancel-a" (func $cancel-a (param i32) (result i32)))
    (import "i" "drop" (func $drop (param i32))) (import "i" "set" (func $set (result i32)))
    (import "i" "join" (func $join (param i32 i32))) (import "i" "wait" (func $wait (param i32 i32) (result i32)))
    (import "i" "poll" (func $poll (param i32 i32) (result i32))) (import "i" "yield" (func $yield (result i32)))
    (global $at (mut i32) (i32.const 4096))
    (func $note (param i32) (i32.store (global.get $at) (local.get 0)) (global.set $at (i32.add (global.get $at) (i32.const 4))))
    (func (export "run") (result i32) (local $a i32) (local $b i32) (local $c i32) ${body} (i32.const 0)))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "i" (instance
    (export "work" (func $work-a)) (export "work-s" (func $work-s)) (export "cancel" (func $cancel))
    (export "cancel-a" (func $cancel-a)) (export "drop" (func $drop)) (export "set" (func $set)) (export "join" (func $join))
    (export "wait" (func $wait)) (export "poll" (func $poll)) (export "yield" (func $yield))))))
  (func (export "run") async (result u32) (canon lift (core func $i "run"))))`;

const mem = '(memory (core memory $libc "memory"))';
const STACKFUL = `(func (export "work") async (param "x" u32) (result u32) (canon lift (core func $i "work") async ${mem}))`;
const CALLBACK = `(func (export "work") async (param "x" u32) (result u32)
  (canon lift (core func $i "work") async ${mem} (callback (core func $i "cb"))))`;
const PLAIN = '(func (export "work") async (param "x" u32) (result u32) (canon lift (core func $i "work")))';

async function start(callee: string, lift: string, caller: string): Promise<Run> {
  const answers: PromiseWithResolvers<number>[] = [];
  const host = new HostRegistry();
  host.addFunction('slow', 't', {
    call: () => {
      const answer = Promise.withResolvers<number>();
      answers.push(answer);
      return answer.promise;
    },
    suspends: true,
  });
  const text = `(component (import "slow" (func $slow async (result u32)))
    ${CALLEE(callee, lift)} ${CALLER(caller)}
    (instance $one (instantiate $callee (with "slow" (func $slow))))
    (instance $two (instantiate $caller (with "work" (func $one "work"))))
    (export "run" (func $two "run")) (export "work" (func $one "work")))`;
  const instance = instantiatePlan(await linkText(text, host), { context: { state: () => undefined } });
  return {
    instance,
    answers,
    notes(count) {
      // The memories of callee and caller, in this order.
      const memories = instance.core.map(({ memory }) => memory).filter((one) => one instanceof WebAssembly.Memory);
      const data = new DataView(memories[1]?.buffer as ArrayBuffer);
      return Array.from({ length: count }, (_, index) => data.getUint32(4096 + 4 * index, true));
    },
    call: async (name = 'run') => callExport(instance, name),
  };
}

/** What a lowered asynchronous function answers. */
const answer = (handle: number, state: number): number => (handle << 4) | state;
const [STARTING, STARTED, RETURNED, CANCELLED_BEFORE_STARTED, CANCELLED_BEFORE_RETURNED] = [0, 1, 2, 3, 4];

const note = (expression: string): string => `(call $note ${expression})`;
const WORK = '(local.tee $a (call $work (i32.const 7) (i32.const 1024)))';
const HANDLE = '(local.set $a (i32.shr_u (local.get $a) (i32.const 4)))';
const JOIN = '(call $join (local.get $a) (local.tee $b (call $set)))';
const WAIT = `${note('(call $wait (local.get $b) (i32.const 512))')} ${note('(i32.load (i32.const 512))')} ${note('(i32.load (i32.const 516))')}`;
const POLL = WAIT.replace('$wait', '$poll');
const RESULT = note('(i32.load (i32.const 1024))');

const AT_ONCE = '(func (export "work") (param i32) (call $return (i32.add (local.get 0) (i32.const 1))))';
const SLOWLY = '(func (export "work") (param i32) (call $return (i32.add (local.get 0) (call $slow))))';

test('a callee that returns at once needs no handle, and its result is there', async () => {
  const one = await start(AT_ONCE, STACKFUL, `${note(WORK)} ${RESULT} ${note('(call $set)')}`);
  await one.call();
  assert.deepEqual(one.notes(3), [RETURNED, 8, 1]);
});

test('a callee that waits has started; when it returns there is an event', async () => {
  for (const lift of [STACKFUL, PLAIN]) {
    const callee =
      lift === PLAIN ? '(func (export "work") (param i32) (result i32) (i32.add (local.get 0) (call $slow)))' : SLOWLY;
    const one = await start(
      callee,
      lift,
      `${note(WORK)} ${HANDLE} ${JOIN} ${POLL} ${WAIT} ${RESULT} (call $drop (local.get $a))`,
    );
    const call = one.call();
    await settled();
    assert.deepEqual(one.notes(4), [answer(1, STARTED), 0, 0, 0]);
    one.answers[0]?.resolve(100);
    await call;
    assert.deepEqual(one.notes(8).slice(4), [1, 1, RETURNED, 107]);
  }
});

test('a caller that waits itself gets the result', async () => {
  const one = await start(SLOWLY, STACKFUL, note('(call $work-s (i32.const 5))'));
  const call = one.call();
  await settled();
  one.answers[0]?.resolve(100);
  await call;
  assert.deepEqual(one.notes(1), [105]);
});

const CLOSED = `(global $first (mut i32) (i32.const 1))
  (func (export "work") (param i32)
    (if (global.get $first) (then (global.set $first (i32.const 0))
      (call $inc) (call $return (call $slow)) (call $dec))
    (else (call $return (i32.add (local.get 0) (i32.const 1))))))`;
const FIRST = '(drop (call $work (i32.const 1) (i32.const 2048)))';

test('while the callee lets nobody in, a call is starting; then it starts and returns, in one event', async () => {
  const one = await start(
    CLOSED,
    STACKFUL,
    `${FIRST} ${note(WORK)} ${HANDLE} ${JOIN} ${POLL} ${WAIT} ${RESULT} (call $drop (local.get $a))`,
  );
  const call = one.call();
  await settled();
  assert.deepEqual(one.notes(4), [answer(2, STARTING), 0, 0, 0]);
  one.answers[0]?.resolve(100);
  await call;
  assert.deepEqual(one.notes(8).slice(4), [1, 2, RETURNED, 8]);
});

test('a call that is starting and called off never starts', async () => {
  for (const cancel of ['cancel', 'cancel-a']) {
    const one = await start(
      CLOSED,
      STACKFUL,
      `${FIRST} (drop ${WORK}) ${HANDLE} ${note(`(call $${cancel} (local.get $a))`)} (call $drop (local.get $a)) ${RESULT}`,
    );
    const call = one.call();
    await settled();
    assert.deepEqual(one.notes(2), [CANCELLED_BEFORE_STARTED, 0]);
    one.answers[0]?.resolve(100);
    await call;
    assert.equal(await (one.instance.store as Store).idle(), true);
  }
});

const OBEYS = `(global $set (mut i32) (i32.const 0))
  (func (export "work") (param i32) (result i32) (global.set $set (call $set)) (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
  (func (export "cb") (param $code i32) (param i32 i32) (result i32)
    (if (i32.ne (local.get $code) (i32.const 6)) (then unreachable)) (call $cancel) (i32.const 0))`;

test('a callee that waits learns that it is called off, and gives up', async () => {
  for (const cancel of ['cancel', 'cancel-a']) {
    const one = await start(
      OBEYS,
      CALLBACK,
      `(drop ${WORK}) ${HANDLE} ${note(`(call $${cancel} (local.get $a))`)} (call $drop (local.get $a)) ${RESULT}`,
    );
    await one.call();
    assert.deepEqual(one.notes(2), [CANCELLED_BEFORE_RETURNED, 0]);
    assert.equal(await (one.instance.store as Store).idle(), true);
  }
});

const RETURNS_ANYWAY = OBEYS.replace('(call $cancel)', '(call $return (i32.const 55))');

test('a callee that is called off may return its result all the same', async () => {
  const one = await start(
    RETURNS_ANYWAY,
    CALLBACK,
    `(drop ${WORK}) ${HANDLE} ${note('(call $cancel (local.get $a))')} ${RESULT} (call $drop (local.get $a))`,
  );
  await one.call();
  assert.deepEqual(one.notes(2), [RETURNED, 55]);
});

test('a callee that cannot be told goes on; who called it off without waiting is told later', async () => {
  const one = await start(
    SLOWLY,
    STACKFUL,
    `(drop ${WORK}) ${HANDLE} ${note('(call $cancel-a (local.get $a))')} ${JOIN} ${POLL} ${WAIT} ${RESULT} (call $drop (local.get $a))`,
  );
  const call = one.call();
  await settled();
  assert.deepEqual(one.notes(4), [0xffff_ffff, 0, 0, 0]);
  one.answers[0]?.resolve(100);
  await call;
  assert.deepEqual(one.notes(8).slice(4), [1, 1, RETURNED, 107]);
});

test('who called it off and waits gets the state at its end', async () => {
  const one = await start(
    SLOWLY,
    STACKFUL,
    `(drop ${WORK}) ${HANDLE} ${note('(call $cancel (local.get $a))')} ${RESULT} (call $drop (local.get $a))`,
  );
  const call = one.call();
  await settled();
  one.answers[0]?.resolve(100);
  await call;
  assert.deepEqual(one.notes(2), [RETURNED, 107]);
});

test('calling off twice traps', async () => {
  const one = await start(
    SLOWLY,
    STACKFUL,
    `(drop ${WORK}) ${HANDLE} (drop (call $cancel-a (local.get $a))) (drop (call $cancel-a (local.get $a)))`,
  );
  await assert.rejects(one.call(), (error) => {
    assert.ok(error instanceof Trap);
    assert.equal(error.message, 'The subtask is being cancelled already');
    return true;
  });
});

test('a trap of the callee is the end of all', async () => {
  for (const lift of [STACKFUL, PLAIN]) {
    const type = lift === PLAIN ? '(param i32) (result i32)' : '(param i32)';
    const one = await start(`(func (export "work") ${type} unreachable)`, lift, `(drop ${WORK})`);
    await assert.rejects(one.call(), /unreachable/);
    await assert.rejects(one.call(), /unreachable/);
    assert.equal(one.instance.suspended, true);
  }
});

test('several calls of one callee are under way at once, and end in any order', async () => {
  const both = `(local.set $a (i32.shr_u (call $work (i32.const 10) (i32.const 1024)) (i32.const 4)))
    (local.set $c (i32.shr_u (call $work (i32.const 20) (i32.const 1028)) (i32.const 4)))
    (local.set $b (call $set)) (call $join (local.get $a) (local.get $b)) (call $join (local.get $c) (local.get $b))
    ${WAIT} ${WAIT} ${RESULT} ${note('(i32.load (i32.const 1028))')}`;
  const one = await start(SLOWLY, STACKFUL, both);
  const call = one.call();
  await settled();
  assert.equal(one.answers.length, 2);
  one.answers[1]?.resolve(2);
  await settled();
  one.answers[0]?.resolve(1);
  await call;
  assert.deepEqual(one.notes(8), [1, 2, RETURNED, 1, 1, RETURNED, 11, 22]);
});

/** Waits for the host, and is told when it is called off. */
const waits = (end: string): string => `(global $set (mut i32) (i32.const 0))
  (func (export "work") (param i32) (result i32)
    (global.set $set (call $set))
    (call $join (i32.shr_u (call $slow-a (i32.const 64)) (i32.const 4)) (global.get $set))
    (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
  (func (export "cb") (param $code i32) (param i32 i32) (result i32)
    (if (i32.ne (local.get $code) (i32.const 6)) (then unreachable)) ${end} (i32.const 0))`;

async function startWork(end: string): Promise<{ one: Run; store: Store; call: ReturnType<typeof startCall> }> {
  const one = await start(waits(end), CALLBACK, '');
  const { store, plan } = one.instance;
  const work = plan.exports.get('work');
  assert.ok(store && work?.kind === 'func');
  const call = startCall(store, one.instance.guestFunction(work.func), [1]);
  call.result.catch(() => undefined);
  await settled();
  return { one, store, call };
}

test('the host calls off a call of its own: it rejects when the guest obeys', async () => {
  const { one, store, call } = await startWork('(call $cancel)');
  call.cancel();
  await assert.rejects(call.result, { message: 'The call was cancelled' });
  one.answers[0]?.resolve(1);
  assert.equal(await store.idle(), true);
});

test('it resolves when the guest returns its result all the same; calling off twice is once', async () => {
  const { call } = await startWork('(call $return (i32.const 55))');
  call.cancel();
  call.cancel();
  assert.equal(await call.result, 55);
  call.cancel();
});

test('a call after the end of its instance is the end again', async () => {
  const { one, store, call } = await startWork('unreachable');
  call.cancel();
  await assert.rejects(call.result, /unreachable/);
  const work = one.instance.plan.exports.get('work');
  assert.ok(work?.kind === 'func');
  await assert.rejects(startCall(store, one.instance.guestFunction(work.func), [1]).result, /unreachable/);
});

/** Lends a thing of the caller's own to the host, which answers when the test wants. */
const lender = (after: string): string => `(component
  (import "test:t/host" (instance $host (export "thing" (type $thing (sub resource)))
    (export "make" (func (result (own $thing)))) (export "use" (func async (param "t" (borrow $thing))))
    (export "take" (func (param "t" (own $thing))))))
  (alias export $host "thing" (type $thing))
  (core module $libc (memory (export "memory") 1)) (core instance $libc (instantiate $libc))
  (core func $make (canon lower (func $host "make"))) (core func $take (canon lower (func $host "take")))
  (core func $use (canon lower (func $host "use") async)) (core func $use-s (canon lower (func $host "use")))
  (core func $drop (canon resource.drop $thing)) (core func $sub-cancel (canon subtask.cancel))
  (core func $set (canon waitable-set.new)) (core func $join (canon waitable.join)) (core func $sub-drop (canon subtask.drop))
  (core func $wait (canon waitable-set.wait ${mem}))
  (core module $m (import "i" "make" (func $make (result i32))) (import "i" "take" (func $take (param i32)))
    (import "i" "use" (func $use (param i32) (result i32))) (import "i" "use-s" (func $use-s (param i32)))
    (import "i" "drop" (func $drop (param i32))) (import "i" "sub-cancel" (func $sub-cancel (param i32) (result i32)))
    (import "i" "set" (func $set (result i32))) (import "i" "join" (func $join (param i32 i32)))
    (import "i" "sub-drop" (func $sub-drop (param i32))) (import "i" "wait" (func $wait (param i32 i32) (result i32)))
    (func (export "run") (result i32) (local $t i32) (local $s i32) (local $set i32)
      (local.set $t (call $make))
      (local.set $s (i32.shr_u (call $use (local.get $t)) (i32.const 4)))
      ${after} (i32.const 7)))
  (core instance $i (instantiate $m (with "i" (instance (export "make" (func $make)) (export "take" (func $take))
    (export "use" (func $use)) (export "use-s" (func $use-s)) (export "drop" (func $drop))
    (export "sub-cancel" (func $sub-cancel)) (export "set" (func $set)) (export "join" (func $join))
    (export "sub-drop" (func $sub-drop)) (export "wait" (func $wait))))))
  (func (export "run") async (result u32) (canon lift (core func $i "run"))))`;

async function lend(after: string): Promise<{ instance: Instance; used: PromiseWithResolvers<void>; log: string[] }> {
  const used = Promise.withResolvers<void>();
  const log: string[] = [];
  const host = new HostRegistry([
    {
      name: 'test:t/host',
      version: undefined,
      service: 't',
      resources: { thing: { name: 'thing', drop: () => void log.push('drop') } },
      functions: {
        make: { call: () => ({}), suspends: false },
        use: { call: () => used.promise, suspends: true },
        take: { call: () => void log.push('take'), suspends: false },
      },
    },
  ]);
  const instance = instantiatePlan(await linkText(lender(after), host), { context: { state: () => undefined } });
  return { instance, used, log };
}

const run = async (instance: Instance): Promise<unknown> => callExport(instance, 'run');

test('a handle that is lent to a call under way can be neither dropped nor given away', async () => {
  const dropped = await lend('(call $drop (local.get $t))');
  await assert.rejects(run(dropped.instance), { message: 'Cannot drop handle 1 while it is lent' });
  const given = await lend('(call $take (local.get $t))');
  await assert.rejects(run(given.instance), { message: 'Cannot give away handle 1 while it is lent' });
  assert.deepEqual([dropped.log, given.log], [[], []]);
});

test('it is free when the guest has been told that the call is over, not before', async () => {
  const told = `(local.set $set (call $set)) (call $join (local.get $s) (local.get $set))
    (drop (call $wait (local.get $set) (i32.const 512)))`.replace('(i32.const 512)', '(i32.const 64)');
  const one = await lend(`${told} (call $drop (local.get $t))`);
  const call = run(one.instance);
  await settled();
  one.used.resolve();
  assert.equal(await call, 7);
  assert.deepEqual(one.log, ['drop']);
  const calledOff = await lend('(drop (call $sub-cancel (local.get $s))) (call $take (local.get $t))');
  assert.equal(await run(calledOff.instance), 7);
  assert.deepEqual(calledOff.log, ['take']);
});
