// A guest for every trap of the asynchronous ABI, by its message, and a test that asks for one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AsyncGuest,
  builtinNames,
  builtinType,
  lifts,
  settled,
  startAsync,
} from '../../../test/support/async-guest.ts';
import { refusalTexts } from '../../../test/support/refusals.ts';
import { Trap } from '../../errors.ts';

const run = (body: string): string =>
  `(func (export "run") (result i32) (local $a i32) (local $b i32) (local $e i64) ${body} (i32.const 0))`;
const newEnds = (kind: string): string =>
  `(local.set $e (call $${kind}-new)) (local.set $a (call $lo (local.get $e))) (local.set $b (call $hi (local.get $e)))`;
/** A subtask of the host that is under way. */
const subtask = '(local.set $a (i32.shr_u (call $slow (i32.const 1) (i32.const 64)) (i32.const 4)))';
const set = '(local.set $b (call $set-new))';
const stackful = (body: string): AsyncGuest => ({
  lift: lifts.stackful,
  body: `(func (export "run") (local $a i32) (local $b i32) (local $e i64) ${body})`,
});
/** A thread that runs \`body\`, resumed at once: \`$b\` is given to it. */
const threaded = (inThread: string, body: string): string => `(func $thread (param $b i32) ${inThread})
  (elem (i32.const 0) func $thread) ${run(body)}`;
const startThread = (argument: string): string => `(drop (call $yield-to (call $spawn (i32.const 0) ${argument})))`;

const streams = { s: 'stream', f: 'future' } as const;

const cases: Record<string, readonly [guest: string | AsyncGuest, message: string]> = {
  'a stream that is passed on while it is read': [
    run(`${newEnds('s')} (drop (call $s-read (local.get $a) (i32.const 0) (i32.const 4))) (call $take (local.get $a))`),
    'Cannot pass on the readable end of a stream that is being read or done',
  ],
  'a stream that is passed on when it is done': [
    run(`${newEnds('s')} (call $s-drop-w (local.get $b))
      (drop (call $s-read (local.get $a) (i32.const 0) (i32.const 4))) (call $take (local.get $a))`),
    'Cannot pass on the readable end of a stream that is being read or done',
  ],
  'a future that is passed on while it is read': [
    run(`${newEnds('f')} (drop (call $f-read (local.get $a) (i32.const 0))) (call $take-f (local.get $a))`),
    'Cannot pass on the readable end of a future that is being read or done',
  ],
  'a stream that is passed on while it is in a set': [
    run(`${newEnds('s')} (call $join (local.get $a) (call $set-new)) (call $take (local.get $a))`),
    'Cannot pass on the readable end of a stream that is in a waitable set',
  ],
  'the writable end that is passed on': [
    run(`${newEnds('s')} (call $take (local.get $b))`),
    'Handle index 2 is not the readable end of a stream',
  ],
  'something else that is passed on': [
    run(`${set} (call $take (local.get $b))`),
    'Handle index 1 is not the readable end of a stream',
  ],
  'a future where a stream is wanted': [
    run(`${newEnds('f')} (call $take (local.get $a))`),
    'Handle index 1 is not the readable end of a stream',
  ],
  'reading a stream of another type': [
    run(`${newEnds('t')} (drop (call $s-read (local.get $a) (i32.const 0) (i32.const 1)))`),
    'Handle index 1 is a stream of another type',
  ],
  'reading from the writable end': [
    run(`${newEnds('s')} (drop (call $s-read (local.get $b) (i32.const 0) (i32.const 1)))`),
    'Handle index 2 is not the readable end of a stream',
  ],
  'writing to the readable end': [
    run(`${newEnds('s')} (drop (call $s-write (local.get $a) (i32.const 0) (i32.const 1)))`),
    'Handle index 1 is not the writable end of a stream',
  ],
  'a buffer of 2^28 elements': [
    run(`${newEnds('s')} (drop (call $s-read (local.get $a) (i32.const 0) (i32.const 0x10000000)))`),
    'Buffer of 268435456 elements is too long',
  ],
  'a buffer that is not aligned': [
    run(`${newEnds('t')} (drop (call $t-read (local.get $a) (i32.const 3) (i32.const 1)))`),
    'Pointer 3 is not aligned to 2 bytes',
  ],
  'a buffer that is one element too long': [
    run(`${newEnds('t')} (drop (call $t-write (local.get $b) (i32.const 65534) (i32.const 2)))`),
    'Range of 4 bytes at 65534 lies outside the memory of 65536 bytes',
  ],
  'both ends of a stream of strings in one instance': [
    run(`${newEnds('u')} (drop (call $u-read (local.get $a) (i32.const 0) (i32.const 1)))
      (drop (call $u-write (local.get $b) (i32.const 64) (i32.const 1)))`),
    'Cannot read from and write to a stream or future of this type in the same component instance',
  ],
  'the same the other way round': [
    run(`${newEnds('u')} (drop (call $u-write (local.get $b) (i32.const 64) (i32.const 1)))
      (drop (call $u-read (local.get $a) (i32.const 0) (i32.const 1)))`),
    'Cannot read from and write to a stream or future of this type in the same component instance',
  ],
  'a future that is dropped before it was written': [
    run(`${newEnds('f')} (call $f-drop-w (local.get $b))`),
    'Cannot drop the writable end of a future without having written to it',
  ],
  ...Object.fromEntries(
    (['s', 'f'] as const).flatMap((kind) => {
      const length = kind === 's' ? '(i32.const 4)' : '';
      const kindName = streams[kind];
      const sides = [
        ['read', '$a', 'readable', 'r'],
        ['write', '$b', 'writable', 'w'],
      ] as const;
      return sides.flatMap(([action, local, side, short]) => {
        const copy = (suffix = ''): string =>
          `(drop (call $${kind}-${action}${suffix} (local.get ${local}) (i32.const 0) ${length}))`;
        const stop = (suffix = ''): string => `(drop (call $${kind}-stop-${action}${suffix} (local.get ${local})))`;
        const join = `(call $join (local.get ${local}) (call $set-new))`;
        const what = `${action} of a ${kindName}`;
        const rows: (readonly [string, readonly [string | AsyncGuest, string]])[] = [
          [
            `a second ${what} while one is under way`,
            [run(`${newEnds(kind)} ${copy()} ${copy()}`), `Cannot copy: the ${side} end is copying or done`],
          ],
          [
            `a ${what} that waits, in a set`,
            [run(`${newEnds(kind)} ${join} ${copy('-s')}`), 'Cannot wait for an end that is in a waitable set'],
          ],
          [
            `the end dropped in the middle of a ${what}`,
            [
              run(`${newEnds(kind)} ${copy()} (call $${kind}-drop-${short} (local.get ${local}))`),
              `Cannot drop the ${side} end while a copy is under way`,
            ],
          ],
          [
            `calling off a ${what} that is not under way`,
            [run(`${newEnds(kind)} ${stop()}`), 'There is no copy that could be cancelled'],
          ],
          [
            `calling off a ${what} that is not under way, without waiting`,
            [run(`${newEnds(kind)} ${stop('-a')}`), 'There is no copy that could be cancelled'],
          ],
          [
            `calling off a ${what} twice`,
            [run(`${newEnds(kind)} ${copy()} ${stop('-a')} ${stop('-a')}`), 'There is no copy that could be cancelled'],
          ],
          [
            `waiting for the end of a ${what} that is in a set`,
            [run(`${newEnds(kind)} ${copy()} ${join} ${stop()}`), 'Cannot wait for an end that is in a waitable set'],
          ],
          [
            `calling off a ${what} for which another thread waits`,
            [
              threaded(
                `(drop (call $${kind}-${action}-s (local.get $b) (i32.const 0) ${length}))`,
                `${newEnds(kind)} ${startThread(`(local.get ${local})`)} ${stop('-a')}`,
              ),
              'There is no copy that could be cancelled',
            ],
          ],
        ];
        return rows;
      });
    }),
  ),
  'a future that is read twice': [
    run(`${newEnds('f')} (drop (call $f-write (local.get $b) (i32.const 0)))
      (drop (call $f-read (local.get $a) (i32.const 0))) (drop (call $f-read (local.get $a) (i32.const 0)))`),
    'Cannot copy: the readable end is copying or done',
  ],
  'a wait in a function of synchronous type': [
    { lift: lifts.sync, body: run(`${set} (drop (call $set-wait (local.get $b) (i32.const 64)))`) },
    'Cannot block a synchronous task before returning',
  ],
  'a suspension in a function of synchronous type': [
    { lift: lifts.sync, body: run('(drop (call $suspend))') },
    'Cannot block a synchronous task before returning',
  ],
  'a read that waits in a function of synchronous type': [
    {
      lift: lifts.sync,
      body: run(`${newEnds('s')} (drop (call $s-read-s (local.get $a) (i32.const 0) (i32.const 1)))`),
    },
    'Cannot block a synchronous task before returning',
  ],
  'a call of the host that waits in a function of synchronous type': [
    { lift: lifts.sync, body: run('(drop (call $slow-s (i32.const 1)))') },
    'Cannot block a synchronous task before returning',
  ],
  'a counter of backpressure below zero': [
    run('(call $press-inc) (call $press-dec) (call $press-dec)'),
    'Backpressure counter of -1 is out of range',
  ],
  'an error context that is none': [
    run(`${set} (call $ec-drop (local.get $b))`),
    'Handle index 1 is not an error context',
  ],
  'the text of an error context that is none': [
    run(`${set} (call $ec-text (local.get $b) (i32.const 64))`),
    'Handle index 1 is not an error context',
  ],
  'the text of an error context at an odd address': [
    run('(call $ec-text (call $ec-new (i32.const 64) (i32.const 1)) (i32.const 66))'),
    'Pointer 66 is not aligned to 4 bytes',
  ],
  'the text of an error context outside the memory': [
    run('(call $ec-text (call $ec-new (i32.const 64) (i32.const 1)) (i32.const 65532))'),
    'Range of 8 bytes at 65532 lies outside the memory of 65536 bytes',
  ],
  ...Object.fromEntries(
    [3, 4, 15].map((code) => [
      `the callback code ${code}`,
      [
        {
          lift: lifts.callback,
          body: `(func (export "run") (result i32) (i32.const ${code})) (func (export "cb") (param i32 i32 i32) (result i32) unreachable)`,
        },
        `Unknown callback code ${code}`,
      ],
    ]),
  ),
  'the callback code to wait for no set': [
    {
      lift: lifts.callback,
      body: `(func (export "run") (result i32) ${'(i32.or (i32.const 2) (i32.shl (call $ec-new (i32.const 0) (i32.const 0)) (i32.const 4)))'})
        (func (export "cb") (param i32 i32 i32) (result i32) unreachable)`,
    },
    'Handle index 1 is not a waitable set',
  ],
  'a subtask that is none': [run(`${set} (drop (call $sub-cancel (local.get $b)))`), 'Handle index 1 is not a subtask'],
  'a subtask that is none, dropped': [run(`${set} (call $sub-drop (local.get $b))`), 'Handle index 1 is not a subtask'],
  'a subtask that is dropped while it runs': [
    run(`${subtask} (call $sub-drop (local.get $a))`),
    'Cannot drop a subtask that has not ended',
  ],
  'a subtask that is called off after its end': [
    run(`${subtask} (drop (call $sub-cancel (local.get $a))) (drop (call $sub-cancel (local.get $a)))`),
    'Cannot cancel a subtask that has ended',
  ],
  'a subtask that is called off and waited for in a set': [
    run(`${subtask} ${set} (call $join (local.get $a) (local.get $b)) (drop (call $sub-cancel (local.get $a)))`),
    'Cannot wait for a subtask that is in a waitable set',
  ],
  'a task that ends without a result': [stackful(''), 'The task ended without returning a result'],
  'a callback that ends without a result': [
    {
      lift: lifts.callback,
      body: '(func (export "run") (result i32) (i32.const 0)) (func (export "cb") (param i32 i32 i32) (result i32) unreachable)',
    },
    'The task ended without returning a result',
  ],
  'a task that returns twice': [
    stackful('(call $return (i32.const 1)) (call $return (i32.const 1))'),
    'The task has returned already',
  ],
  'a task that gives up though nobody asked': [stackful('(call $task-cancel)'), 'The task was not cancelled'],
  'a task that gives up after its result': [
    stackful('(call $return (i32.const 1)) (call $task-cancel)'),
    'The task was not cancelled',
  ],
  'a result of another type': [stackful('(call $return-none)'), 'The type of task.return is not that of the function'],
  'a result in another encoding': [
    stackful('(call $return-16 (i32.const 1))'),
    'The options of task.return are not those of the function',
  ],
  'a result of a function that is lifted synchronously': [
    run('(call $return (i32.const 1))'),
    'The function is lifted synchronously: it returns its result',
  ],
  'giving up in a function that is lifted synchronously': [
    run('(call $task-cancel)'),
    'The function is lifted synchronously: it returns its result',
  ],
  'a set that is none': [
    run(`${newEnds('s')} (drop (call $set-poll (local.get $a) (i32.const 64)))`),
    'Handle index 1 is not a waitable set',
  ],
  'a set that is none, waited for': [
    run(`${newEnds('s')} (drop (call $set-wait (local.get $a) (i32.const 64)))`),
    'Handle index 1 is not a waitable set',
  ],
  'a set that is none, dropped': [
    run(`${newEnds('s')} (call $set-drop (local.get $a))`),
    'Handle index 1 is not a waitable set',
  ],
  'a set that is none, joined': [
    run(`${newEnds('s')} (call $join (local.get $a) (local.get $b))`),
    'Handle index 2 is not a waitable set',
  ],
  'joining what cannot be waited for': [
    run(`${set} (call $join (local.get $b) (local.get $b))`),
    'Handle index 1 is not a waitable',
  ],
  'a set that is dropped with something in it': [
    run(`${newEnds('s')} (call $join (local.get $a) (call $set-new)) (call $set-drop (i32.const 3))`),
    'Cannot drop a waitable set that has elements',
  ],
  'a set that is dropped while a thread waits for it': [
    threaded(
      '(drop (call $set-wait (local.get $b) (i32.const 64)))',
      `${set} ${startThread('(local.get $b)')} (call $set-drop (local.get $b))`,
    ),
    'Cannot drop a waitable set that a thread waits for',
  ],
  'joining what a thread waits for': [
    threaded(
      '(drop (call $s-read-s (local.get $b) (i32.const 0) (i32.const 1)))',
      `${newEnds('s')} ${startThread('(local.get $a)')} (call $join (local.get $a) (call $set-new))`,
    ),
    'Cannot join a set while a thread waits for the waitable itself',
  ],
  'a thread that is not suspended': [run('(call $later (call $index))'), 'Thread 1 is not suspended'],
  'a thread that is not suspended, switched to': [
    run('(drop (call $go-to (call $index)))'),
    'Thread 1 is not suspended',
  ],
  'a thread that does not exist': [run('(call $later (i32.const 9))'), 'Unknown handle index 9'],
  'a thread from no element': [
    run('(drop (call $spawn (i32.const 8) (i32.const 0)))'),
    'Table element 8 is not a function',
  ],
  'a thread from an empty element': [
    run('(drop (call $spawn (i32.const 0) (i32.const 0)))'),
    'Table element 0 is not a function',
  ],
  'a thread from a function of another type': [
    `(func $other (param i32) (result i32) (i32.const 0)) (elem (i32.const 0) func $other)
     ${run('(drop (call $spawn (i32.const 0) (i32.const 0)))')}`,
    'The start function of a thread has another type',
  ],
  'waiting for what nobody brings': [
    run(`${newEnds('s')} (drop (call $s-read-s (local.get $a) (i32.const 0) (i32.const 1)))`),
    'Deadlock: no thread can go on',
  ],
};

const seen = new Set<string>();
/** Traps that no guest can come to, or that have a test of their own. */
const elsewhere = [
  'The call was cancelled', // composed.test.ts
  'The future was dropped without a value', // host-streams.test.ts
  'Limit reached: suspended stacks', // tasks.test.ts
  'Cannot leave component instance', // below
  'Cannot enter component instance', // below
  'Borrow handles still remain', // ../canon/canon.test.ts
  'Cannot cancel a subtask that has ended',
  'The subtask is being cancelled already', // composed.test.ts: a subtask of the host ends at once
  'Threads belong to a task', // below
];

for (const [name, [guest, message]] of Object.entries(cases)) {
  test(`${name} traps`, async () => {
    const one = await startAsync(typeof guest === 'string' ? { body: guest } : guest);
    await assert.rejects(one.call(), (error) => {
      assert.ok(error instanceof Trap, String(error));
      assert.equal(error.message, message);
      return true;
    });
    seen.add(message);
    assert.equal(one.instance.suspended, true);
    await assert.rejects(one.call(), new RegExp(message.slice(0, 10)));
  });
}

/** Arguments that are none of anything: whether the call may leave comes first. */
const anyArguments = (type: string): string =>
  [...(/\(param ([^)]*)\)/.exec(type)?.[1]?.split(' ') ?? [])].map((one) => `(${one}.const 1)`).join(' ');
const callOf = (name: string): string => {
  const type = builtinType(name);
  const call = `(call $${name} ${anyArguments(type)})`;
  return type.includes('result') ? `(drop ${call})` : call;
};
/** State of the thread and of the instance that anybody may ask for and set. */
const mayAlways = new Set(['ctx-get', 'ctx-set', 'ctx-get-1', 'ctx-set-1', 'press-inc', 'own-rep']);

test('nothing leaves the instance after its result, in its post-return function', async () => {
  const calls = [
    '(drop (call $slow (i32.const 1) (i32.const 64)))',
    '(call $take (i32.const 1))',
    '(call $text (i32.const 64))',
  ];
  const names = builtinNames.filter((name) => !mayAlways.has(name) && name !== 'press-dec');
  for (const call of [...names.map(callOf), ...calls]) {
    const one = await startAsync({
      lift: lifts.post,
      body: `${run('')} (func (export "post") (param i32) ${call})`,
    });
    await assert.rejects(one.call(), { message: 'Cannot leave component instance' }, call);
    assert.equal(one.calls.length + one.taken.length, 0);
  }
  for (const name of mayAlways) {
    const call = name === 'own-rep' ? '' : callOf(name);
    const one = await startAsync({ lift: lifts.post, body: `${run('')} (func (export "post") (param i32) ${call})` });
    assert.equal(await one.call(), 0, name);
  }
});

test('after the post-return function the next call leaves the instance as before', async () => {
  const body = `${run('(drop (call $set-new))')} (func (export "post") (param i32))`;
  const one = await startAsync({ lift: lifts.post, body });
  assert.deepEqual([await one.call(), await one.call()], [0, 0]);
});

test('outside of a task nothing waits, and no thread starts', async () => {
  const start = (body: string): AsyncGuest => ({
    body: `${run('')} (func $t (param i32)) (elem (i32.const 0) func $t) (func $start ${body}) (start $start)`,
  });
  const outside: readonly (readonly [string, string])[] = [
    ['(drop (call $spawn (i32.const 0) (i32.const 0)))', 'Threads belong to a task'],
    ['(drop (call $set-wait (call $set-new) (i32.const 64)))', 'Cannot block a synchronous task before returning'],
    ['(drop (call $suspend))', 'Cannot block a synchronous task before returning'],
    ['(drop (call $yield))', 'Cannot block a synchronous task before returning'],
  ];
  for (const [body, message] of outside) {
    await assert.rejects(startAsync(start(body)), (error: Error) => {
      assert.ok(error.message === message || /suspend/i.test(error.message), error.message);
      return true;
    });
  }
  assert.equal(await (await startAsync(start('(drop (call $set-new)) (call $ctx-set (i32.const 7))'))).call(), 0);
});

test('an instance whose code runs cannot be entered again by the host', async () => {
  const one = await startAsync({ body: run('(drop (call $slow-s (i32.const 1)))') });
  const first = one.call();
  await settled();
  const component = one.instance.components[0];
  assert.ok(component);
  component.mayEnter = false;
  await assert.rejects(one.call(), { message: 'Cannot enter component instance' });
  await assert.rejects(first);
});

test('there is a case for each trap that the code knows', () => {
  const folders = ['.', '../canon/', '../canon/builtins/', '../abi/'];
  // Of the values only error contexts belong to tasks; plans without tasks have their traps in tests of their own.
  const known = folders
    .flatMap((folder) =>
      [...refusalTexts(new URL(folder, import.meta.url), 'Trap')].map((one) => [folder, ...one] as const),
    )
    .filter(([folder, text]) => folder !== '../abi/' || text.startsWith('error-context.ts'))
    .filter(([, text]) => !/^(instance|resource)\.ts/.test(text))
    .map(([, text, pattern]) => [text, pattern] as const);
  assert.ok(known.length > 35);
  const missing = known.filter(
    ([text, pattern]) =>
      ![...seen].some((message) => pattern.test(message)) && !elsewhere.some((one) => text.includes(one)),
  );
  assert.deepEqual(
    missing.map(([text]) => text),
    [],
  );
});
