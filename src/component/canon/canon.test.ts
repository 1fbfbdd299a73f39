// canon lift, lower and the resource functions in plans without tasks: what a guest may do during a call, and what its
// handles may do. The host is the test's. CanonicalABI.md#canon-lift and following. One file, since all of it plays with
// one host and one guest.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callExport, instantiatePlan, linkText } from '../../../test/support/wat.ts';
import { Trap } from '../../errors.ts';
import { GuestResource } from '../abi/resources.ts';
import { HostRegistry } from '../link/host-registry.ts';
import type { Activity } from '../tasks/activity.ts';
import type { HostInterface } from '../types/val-type.ts';
import type { Instance } from './instance.ts';

interface Host {
  readonly registry: HostRegistry;
  readonly log: unknown[];
  /** Runs when the guest calls `note`. */
  onNote: (value: number) => unknown;
  /** What `later` answers. */
  answer: PromiseWithResolvers<number>;
  onBorrow: () => unknown;
}

function makeHost(): Host {
  const log: unknown[] = [];
  const host: Host = {
    log,
    onNote: () => undefined,
    answer: Promise.withResolvers<number>(),
    onBorrow: () => undefined,
    registry: new HostRegistry(),
  };
  const one: HostInterface = {
    name: 'test:t/host',
    version: undefined,
    service: 't',
    resources: { thing: { name: 'thing', drop: (_: never, object: never) => void log.push(['drop', object]) } },
    functions: {
      note: {
        call: (_: never, value: never) => {
          log.push(value);
          return host.onNote(value);
        },
        suspends: false,
      },
      later: { call: () => host.answer.promise, suspends: true },
      make: { call: (_: never, name: never) => ({ name }), suspends: false },
      borrow: {
        call: (_: never, object: never) => {
          log.push(['borrow', object]);
          return host.onBorrow();
        },
        suspends: true,
      },
      take: { call: (_: never, object: never) => void log.push(['take', object]), suspends: false },
      text: { call: () => 'some text', suspends: false },
      many: { call: () => Array.from({ length: 17 }, (_, index) => index), suspends: false },
      'borrow-take': { call: () => undefined, suspends: false },
    },
  };
  host.registry.add(one);
  return host;
}

const REALLOC = `(global $free (mut i32) (i32.const 1024))
  (func $bump (param i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get 0))) (local.get $at))`;

interface GuestParts {
  readonly body: string;
  readonly exports: string;
  /** The body of realloc, which gives a pointer. */
  readonly realloc?: string;
  readonly memory?: string;
}

/** Everything of the host at hand as `$name`, and resource functions for things of its own. */
const guest = ({
  body,
  exports,
  realloc = '(call $bump (local.get 3))',
  memory = '1',
}: GuestParts): string => `(component
  (import "test:t/host" (instance $host
    (export "thing" (type $thing (sub resource)))
    (export "note" (func (param "v" u32)))
    (export "later" (func (result u32)))
    (export "make" (func (param "n" u32) (result (own $thing))))
    (export "borrow" (func (param "t" (borrow $thing))))
    (export "take" (func (param "t" (own $thing))))
    (export "borrow-take" (func (param "t" (borrow $thing)) (param "u" (own $thing))))
    (export "text" (func (result string)))))
  (alias export $host "thing" (type $thing))
  (core func $note (canon lower (func $host "note"))) (core func $later (canon lower (func $host "later")))
  (core func $make (canon lower (func $host "make"))) (core func $borrow (canon lower (func $host "borrow")))
  (core func $take (canon lower (func $host "take"))) (core func $drop (canon resource.drop $thing))
  (core func $both (canon lower (func $host "borrow-take")))
  (type $mine (resource (rep i32)))
  (core func $new (canon resource.new $mine)) (core func $rep (canon resource.rep $mine))
  (core func $drop-mine (canon resource.drop $mine))
  (core module $m
    (import "h" "note" (func $note (param i32))) (import "h" "later" (func $later (result i32)))
    (import "h" "make" (func $make (param i32) (result i32))) (import "h" "borrow" (func $borrow (param i32)))
    (import "h" "take" (func $take (param i32))) (import "h" "drop" (func $drop (param i32)))
    (import "h" "both" (func $both (param i32 i32)))
    (import "h" "new" (func $new (param i32) (result i32))) (import "h" "rep" (func $rep (param i32) (result i32)))
    (import "h" "drop-mine" (func $drop-mine (param i32)))
    (memory (export "memory") ${memory})
    ${REALLOC}
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) ${realloc})
    ${body})
  (core instance $i (instantiate $m (with "h" (instance
    (export "note" (func $note)) (export "later" (func $later)) (export "make" (func $make))
    (export "borrow" (func $borrow)) (export "take" (func $take)) (export "drop" (func $drop)) (export "both" (func $both))
    (export "new" (func $new)) (export "rep" (func $rep)) (export "drop-mine" (func $drop-mine))))))
  ${exports})`;

const mem = '(memory (core memory $i "memory")) (realloc (core func $i "realloc"))';
const context = { state: () => undefined };

/** Some calls answer at once, some with a promise: here it makes no difference. */
async function call(instance: Instance, name: string, ...params: unknown[]): Promise<unknown> {
  return callExport(instance, name, ...params);
}

async function start(host: Host, parts: GuestParts): Promise<Instance> {
  return instantiatePlan(await linkText(guest(parts), host.registry), { context });
}

const trap = (message: string) => (error: unknown) => {
  assert.ok(error instanceof Trap, String(error));
  assert.equal(error.message, message);
  return true;
};

const TAKE_TEXT = `(func (export "run") (param "s" string) (result u32) (canon lift (core func $i "run") ${mem}))`;

test('while realloc runs, nothing of the instance calls out', async () => {
  const outside = ['(call $note (i32.const 1))', '(drop (call $new (i32.const 1)))', '(call $drop (i32.const 1))'];
  for (const leaving of outside) {
    const host = makeHost();
    const instance = await start(host, {
      body: '(func (export "run") (param i32 i32) (result i32) (i32.const 7))',
      exports: TAKE_TEXT,
      realloc: `${leaving} (call $bump (local.get 3))`,
    });
    await assert.rejects(call(instance, 'run', 'text'), trap('Cannot leave component instance'), leaving);
    assert.deepEqual(host.log, []);
  }
  const host = makeHost();
  const instance = await start(host, {
    body: '(func (export "run") (param i32 i32) (result i32) (call $note (i32.const 3)) (i32.const 7))',
    exports: TAKE_TEXT,
  });
  assert.deepEqual([await call(instance, 'run', 'text'), await call(instance, 'run', 'text')], [7, 7]);
  assert.deepEqual(host.log, [3, 3]);
});

test('while the post-return function runs, nothing calls out; it gets what the function returned, once', async () => {
  const exports = `(func (export "run") (result u32)
    (canon lift (core func $i "run") (post-return (core func $i "post"))))
    (func (export "seen") (result u32) (canon lift (core func $i "seen")))`;
  const body = (post: string): string => `(global $seen (mut i32) (i32.const 0))
    (func (export "run") (result i32) (i32.const 7)) (func (export "seen") (result i32) (global.get $seen))
    (func (export "post") (param i32) ${post})`;
  for (const leaving of [
    '(call $note (i32.const 1))',
    '(drop (call $new (i32.const 1)))',
    '(call $drop-mine (i32.const 1))',
  ]) {
    const host = makeHost();
    const instance = await start(host, { body: body(leaving), exports });
    await assert.rejects(call(instance, 'run'), trap('Cannot leave component instance'));
    assert.deepEqual(host.log, []);
  }
  const add = '(global.set $seen (i32.add (global.get $seen) (local.get 0)))';
  const instance = await start(makeHost(), { body: body(add), exports });
  assert.deepEqual(
    [await call(instance, 'run'), await call(instance, 'run'), await call(instance, 'seen')],
    [7, 7, 14],
  );
});

test('realloc may grow the memory; what is written then lies in the grown one', async () => {
  const instance = await start(makeHost(), {
    body: `(func (export "run") (param i32 i32) (result i32) (i32.load8_u (i32.add (local.get 0) (i32.const 3))))`,
    exports: TAKE_TEXT,
    realloc: '(i32.mul (memory.grow (i32.const 1)) (i32.const 65536))',
  });
  assert.deepEqual([await call(instance, 'run', 'abcd'), await call(instance, 'run', 'efgh')], [100, 104]);
});

test('what realloc returns is checked: outside, not aligned', async () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['(i32.const 65534)', 'Realloc returned 65534, outside the memory'],
    ['(i32.const -1)', 'Realloc returned 4294967295, outside the memory'],
  ];
  for (const [realloc, message] of wrong) {
    const instance = await start(makeHost(), {
      body: '(func (export "run") (param i32 i32) (result i32) (i32.const 7))',
      exports: TAKE_TEXT,
      realloc,
    });
    await assert.rejects(call(instance, 'run', 'text'), trap(message));
  }
  const list = await start(makeHost(), {
    body: '(func (export "run") (param i32 i32) (result i32) (i32.const 7))',
    exports: `(func (export "run") (param "s" (list u32)) (result u32) (canon lift (core func $i "run") ${mem}))`,
    realloc: '(i32.const 1026)',
  });
  await assert.rejects(call(list, 'run', [1]), trap('Realloc returned 1026, which is not aligned to 4 bytes'));
});

const RUN = '(func (export "run") (result u32) (canon lift (core func $i "run")))';
const run = (body: string): string => `(func (export "run") (result i32) (local $a i32) (local $b i32) ${body})`;

test('a component that is entered already cannot be entered again, nor after a trap', async () => {
  const host = makeHost();
  const instance = await start(host, { body: run('(call $note (i32.const 1)) (i32.const 5)'), exports: RUN });
  let again: unknown;
  host.onNote = () => {
    again = assert.rejects(call(instance, 'run'), trap('Cannot enter component instance'));
  };
  assert.equal(await call(instance, 'run'), 5);
  assert.ok(again);
  await again;
  host.onNote = () => {
    throw new Trap('no');
  };
  await assert.rejects(call(instance, 'run'), /no/);
  host.onNote = () => undefined;
  await assert.rejects(call(instance, 'run'), trap('Cannot enter component instance'));
});

test('handles of the host: borrowed, given away and dropped, each with its object', async () => {
  const host = makeHost();
  const body = run(`(local.set $a (call $make (i32.const 4))) (call $borrow (local.get $a)) (call $take (local.get $a))
    (local.set $b (call $make (i32.const 5))) (call $drop (local.get $b)) (local.get $b)`);
  const instance = await start(host, { body, exports: RUN });
  assert.equal(await call(instance, 'run'), 1);
  assert.deepEqual(host.log, [
    ['borrow', { name: 4 }],
    ['take', { name: 4 }],
    ['drop', { name: 5 }],
  ]);
});

test('a handle that was given away or dropped is gone', async () => {
  const twice: readonly string[] = [
    '(call $take (local.get $a)) (call $borrow (local.get $a))',
    '(call $take (local.get $a)) (call $take (local.get $a))',
    '(call $take (local.get $a)) (call $drop (local.get $a))',
    '(call $drop (local.get $a)) (call $drop (local.get $a))',
    '(call $drop (local.get $a)) (call $borrow (local.get $a))',
  ];
  for (const calls of twice) {
    const host = makeHost();
    const instance = await start(host, {
      body: run(`(local.set $a (call $make (i32.const 4))) ${calls} (i32.const 0)`),
      exports: RUN,
    });
    await assert.rejects(call(instance, 'run'), trap('Unknown handle index 1'), calls);
    assert.equal(host.log.length, 1);
  }
});

test('a handle that is lent in one argument cannot be given away in another', async () => {
  const host = makeHost();
  const instance = await start(host, {
    body: run('(local.set $a (call $make (i32.const 4))) (call $both (local.get $a) (local.get $a)) (i32.const 0)'),
    exports: RUN,
  });
  await assert.rejects(call(instance, 'run'), trap('Cannot give away handle 1 while it is lent'));
});

test('a loan ends with its call, also when that waited', async () => {
  for (const waits of [false, true]) {
    const host = makeHost();
    const waiting = Promise.withResolvers<void>();
    host.onBorrow = () => (waits ? waiting.promise : undefined);
    const instance = await start(host, {
      body: run(
        '(local.set $a (call $make (i32.const 4))) (call $borrow (local.get $a)) (call $take (local.get $a)) (i32.const 3)',
      ),
      exports: RUN,
    });
    const call = callExport(instance, 'run');
    const { handles } = instance.components[0] ?? assert.fail();
    const lends = [...handles].map((one) => (one as { lends: number }).lends);
    if (waits) assert.deepEqual(lends, [1]);
    waiting.resolve();
    assert.equal(await call, 3);
    assert.equal(handles.live, 0);
  }
});

test('a resource of its own: new, rep and drop; of another type it is not taken', async () => {
  const instance = await start(makeHost(), {
    body: run(`(local.set $a (call $new (i32.const 41))) (local.set $b (call $rep (local.get $a)))
      (call $drop-mine (local.get $a)) (i32.add (local.get $b) (call $new (i32.const 1)))`),
    exports: RUN,
  });
  assert.equal(await call(instance, 'run'), 42);
  for (const wrong of ['(call $drop (local.get $a))', '(call $borrow (local.get $a))']) {
    const other = await start(makeHost(), {
      body: run(`(local.set $a (call $new (i32.const 41))) ${wrong} (i32.const 0)`),
      exports: RUN,
    });
    await assert.rejects(call(other, 'run'), /Handle index 1 is a resource/);
  }
  const notMine = await start(makeHost(), {
    body: run('(local.set $a (call $make (i32.const 4))) (call $rep (local.get $a))'),
    exports: RUN,
  });
  await assert.rejects(call(notMine, 'run'), /Handle index 1 is a resource/);
});

const BORROWER = (body: string, dtor = ''): string => `(component
  (component $inner
    (core module $d (global $n (mut i32) (i32.const 0))
      (func (export "dtor") (param i32) (global.set $n (i32.add (global.get $n) (local.get 0))) ${dtor})
      (func (export "count") (result i32) (global.get $n)))
    (core instance $d (instantiate $d))
    (type $r (resource (rep i32) (dtor (core func $d "dtor"))))
    (core func $new (canon resource.new $r))
    (core module $m (import "h" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "peek") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m (with "h" (instance (export "new" (func $new))))))
    (export $t "r" (type $r))
    (func (export "make") (param "n" u32) (result (own $t)) (canon lift (core func $i "make")))
    (func (export "peek") (param "x" (borrow $t)) (result u32) (canon lift (core func $i "peek")))
    (func (export "count") (result u32) (canon lift (core func $d "count"))))
  (instance $in (instantiate $inner))
  (component $outer
    (import "in" (instance $in (export "r" (type $t (sub resource)))
      (export "make" (func (param "n" u32) (result (own $t))))
      (export "peek" (func (param "x" (borrow $t)) (result u32)))))
    (alias export $in "r" (type $r))
    (core func $make (canon lower (func $in "make"))) (core func $peek (canon lower (func $in "peek")))
    (core func $drop (canon resource.drop $r))
    (core module $m (import "h" "make" (func $make (param i32) (result i32)))
      (import "h" "peek" (func $peek (param i32) (result i32))) (import "h" "drop" (func $drop (param i32)))
      (global $kept (mut i32) (i32.const 0))
      ${body})
    (core instance $i (instantiate $m (with "h" (instance
      (export "make" (func $make)) (export "peek" (func $peek)) (export "drop" (func $drop))))))
    (export $e "t" (type $r))
    (func (export "own") (param "n" u32) (result (own $e)) (canon lift (core func $i "own")))
    (func (export "look") (param "x" (borrow $e)) (result u32) (canon lift (core func $i "look")))
    (func (export "give") (param "x" (own $e)) (result u32) (canon lift (core func $i "give"))))
  (instance $out (instantiate $outer (with "in" (instance $in))))
  (export "outer" (instance $out)) (export "inner" (instance $in)))`;

const OWN = '(func (export "own") (param i32) (result i32) (call $make (local.get 0)))';
const GIVE = '(func (export "give") (param i32) (result i32) (call $drop (local.get 0)) (i32.const 0))';

async function borrower(look: string, dtor = ''): Promise<{ instance: Instance; resource: GuestResource }> {
  const body = `${OWN} ${GIVE} (func (export "look") (param i32) (result i32) ${look})`;
  const instance = instantiatePlan(await linkText(BORROWER(body, dtor)), { context });
  const resource = callExport(instance, 'outer#own', 9);
  assert.ok(resource instanceof GuestResource);
  return { instance, resource };
}

test('a borrow that a callee has not dropped when it returns traps', async () => {
  const { instance, resource } = await borrower('(i32.const 1)');
  await assert.rejects(
    call(instance, 'outer#look', resource),
    trap('Borrow handles still remain at the end of the call'),
  );
});

test('a borrow that a callee drops is no owner: nothing is destroyed, and the host may lend it again', async () => {
  const { instance, resource } = await borrower('(call $peek (local.get 0)) (call $drop (local.get 0))');
  assert.deepEqual(
    [callExport(instance, 'outer#look', resource), callExport(instance, 'outer#look', resource)],
    [9, 9],
  );
  assert.equal(await call(instance, 'inner#count'), 0);
});

test('in plans with tasks as well: a borrow that is left at the end traps, one that is dropped does not', async () => {
  for (const [body, outcome] of [
    ['(i32.const 1)', 'Borrow handles still remain at the end of the call'],
    ['(call $drop (local.get 0)) (i32.const 1)', 1],
  ] as const) {
    const core = `${OWN} ${GIVE} (func (export "look") (param i32) (result i32) ${body})`;
    const lifted = BORROWER(core).replace('(func (export "look") (param "x"', '(func (export "look") async (param "x"');
    const instance = instantiatePlan(await linkText(lifted), { context });
    assert.ok(instance.store);
    const resource = await call(instance, 'outer#own', 9);
    if (outcome === 1) assert.equal(await call(instance, 'outer#look', resource), 1);
    else await assert.rejects(call(instance, 'outer#look', resource), trap(outcome));
  }
});

test('a borrow cannot be given away', async () => {
  const body = `${OWN} ${GIVE}
    (func (export "look") (param i32) (result i32) (call $drop (local.get 0)) (call $drop (local.get 0)) (i32.const 1))`;
  const instance = instantiatePlan(await linkText(BORROWER(body)), { context });
  const resource = callExport(instance, 'outer#own', 9);
  await assert.rejects(call(instance, 'outer#look', resource), trap('Unknown handle index 1'));
});

test('an owner that is dropped destroys, once; each with its own representation', async () => {
  const { instance, resource } = await borrower('(i32.const 0)');
  const second = callExport(instance, 'outer#own', 20);
  assert.equal(await call(instance, 'outer#give', second), 0);
  assert.equal(await call(instance, 'inner#count'), 20);
  assert.equal(await call(instance, 'outer#give', resource), 0);
  assert.equal(await call(instance, 'inner#count'), 29);
});

test('a destructor that traps leaves its instance closed', async () => {
  const { instance, resource } = await borrower('(i32.const 0)', '(unreachable)');
  await assert.rejects(call(instance, 'outer#give', resource), /unreachable/);
  await assert.rejects(call(instance, 'inner#count'), trap('Cannot enter component instance'));
});

test('two resources of one name are two, for whoever hands them over', async () => {
  const { instance, resource } = await borrower('(i32.const 0)');
  const other = await borrower('(i32.const 0)');
  const foreign = new GuestResource({ ...resource.type }, resource.rep);
  await assert.rejects(call(instance, 'outer#give', foreign), /Resource is a "/);
  await assert.rejects(call(other.instance, 'outer#look', foreign), /Resource is a "/);
  assert.notEqual(other.resource, resource);
});

test('a call of an import whose request was called off has no effect', async () => {
  const host = makeHost();
  const instance = await start(host, {
    body: run('(call $note (i32.const 1)) (call $note (i32.const 2)) (i32.const 0)'),
    exports: RUN,
  });
  host.onNote = () => instance.cancel(new Error('the client is gone'));
  await assert.rejects(call(instance, 'run'), /the client is gone/);
  assert.deepEqual([host.log, instance.isCancelled], [[1], true]);
  await assert.rejects(call(instance, 'run'), /the client is gone|Cannot enter/);
  assert.deepEqual(host.log, [1]);
});

test('the first reason to call it off counts, and what comes afterwards is ignored', async () => {
  const host = makeHost();
  const instance = await start(host, { body: run('(call $later)'), exports: RUN });
  const call = callExport(instance, 'run') as Promise<unknown>;
  assert.equal(instance.suspended, true);
  instance.cancel(new Error('first'));
  instance.cancel(new Error('second'));
  host.answer.resolve(7);
  await assert.rejects(call, /first/);
  assert.equal(instance.suspended, false);
});

test('what the guest waits for arrives once, and what rejects ends it', async () => {
  const host = makeHost();
  const instance = await start(host, { body: run('(i32.add (call $later) (i32.const 1))'), exports: RUN });
  const call = callExport(instance, 'run') as Promise<unknown>;
  host.answer.resolve(7);
  assert.equal(await call, 8);
  host.answer = Promise.withResolvers();
  const second = callExport(instance, 'run') as Promise<unknown>;
  host.answer.reject(new Error('no answer'));
  await assert.rejects(second, /no answer/);
});

test('the clock hears when a guest waits and goes on, and is asked when it may', async () => {
  const host = makeHost();
  const events: string[] = [];
  let go: () => void = () => assert.fail();
  const activity: Activity = {
    enter: () => void events.push('enter'),
    resume: (next) => {
      events.push('resume');
      go = next ?? (() => undefined);
    },
    tryEnter: () => true,
    pause: () => false,
    suspend: () => void events.push('suspend'),
    leave: () => void events.push('leave'),
  };
  const instance = await start(host, { body: run('(call $later)'), exports: RUN });
  instance.activity = activity;
  const call = callExport(instance, 'run') as Promise<unknown>;
  let isOver = false;
  void call.then(() => {
    isOver = true;
  });
  host.answer.resolve(7);
  await new Promise(setImmediate);
  assert.deepEqual([events, isOver], [['suspend', 'resume'], false]);
  go();
  assert.equal(await call, 7);
});

test('calls into the host are counted, and begin anew with the next request', async () => {
  const host = makeHost();
  const instance = await start(host, {
    body: run('(call $note (i32.const 1)) (call $note (i32.const 2)) (i32.const 0)'),
    exports: RUN,
  });
  await call(instance, 'run');
  assert.equal(instance.hostCalls, 2);
  instance.resetHostSide();
  assert.equal(instance.hostCalls, 0);
});
