// Runners are lent to one request each, in turn, and one that hangs, dies or is not wanted any more is ended. The processes
// and the time are the test's own.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { type TestContext, test } from 'node:test';
import { SqlFault } from '../../database.ts';
import type { Answer, Order, Request } from './protocol.ts';
import { Runner, Runners } from './runners.ts';

const patient = (): AbortSignal => new AbortController().signal;
const order: Order = { kind: 'close', connection: 1 };
const answer: Answer = { columns: [], rows: [], cursor: undefined, rowid: 1n, changes: 2n };

/** A process that answers when the test says so. */
function process() {
  const seen = { sent: [] as Request[], killed: 0, refs: 0 };
  let told: ((error: Error | null) => void) | undefined;
  const channel = { ref: () => seen.refs++, unref: () => seen.refs-- };
  const child = Object.assign(new EventEmitter(), {
    channel,
    unref: () => {},
    send(request: Request, done: (error: Error | null) => void) {
      seen.sent.push(request);
      told = done;
    },
    kill: (signal: string) => {
      assert.equal(signal, 'SIGKILL');
      seen.killed++;
    },
  });
  const runner = new Runner(child as unknown as ChildProcess);
  return { seen, child, runner, isGone: () => told?.(new Error('EPIPE')), isSent: () => told?.(null) };
}

test('each answer goes to its question, and errors keep the code of SQLite', async () => {
  const { seen, child, runner, isSent } = process();
  assert.equal(seen.refs, -1, 'it keeps nobody from ending');
  const [one, two, three] = [runner.tell(order), runner.tell(order), runner.tell(order)];
  isSent();
  assert.deepEqual(
    seen.sent.map(({ id }) => id),
    [1, 2, 3],
  );
  const refs = seen.refs;
  assert.ok(refs > 0);
  child.emit('message', { id: 2, answer });
  child.emit('message', { id: 3, failure: { message: 'database is locked', errcode: 261 } });
  assert.equal(seen.refs, refs, 'one is still waited for');
  child.emit('message', { id: 1, answer: { ...answer, rowid: 9n } });
  child.emit('message', { id: 1, answer });
  assert.ok(seen.refs < refs);
  assert.deepEqual([(await one).rowid, (await two).rowid], [9n, 1n]);
  await assert.rejects(three, { name: 'SqlFault', message: 'database is locked', errcode: 261 });
  assert.deepEqual([runner.isDead, seen.killed], [false, 0]);
});

test('a process that ends, or cannot be started or told, fails all that wait for it and all that come', async () => {
  for (const [end, message] of [
    [(one: ReturnType<typeof process>) => one.child.emit('exit', 1), 'the process that ran the statement has ended'],
    [
      (one: ReturnType<typeof process>) => one.child.emit('error', new Error('ENOENT')),
      'the process that runs statements could not be started',
    ],
    [(one: ReturnType<typeof process>) => one.isGone(), 'the process that runs statements is gone'],
  ] as const) {
    const one = process();
    const waiting = [one.runner.tell(order), one.runner.tell(order, patient())];
    end(one);
    for (const each of waiting) await assert.rejects(each, { name: 'SqlFault', message });
    one.child.emit('exit', 0);
    assert.equal(one.runner.isDead, true);
    await assert.rejects(one.runner.tell(order), { message }, 'it is the first reason that counts');
    assert.equal(one.seen.sent.length, 2);
  }
});

test('a statement that takes too long ends its process, and just as long does not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { seen, child, runner } = process();
  const slow = runner.tell(order);
  t.mock.timers.tick(29_999);
  assert.equal(seen.killed, 0);
  child.emit('message', { id: 1, answer });
  await slow;
  t.mock.timers.tick(60_000);
  assert.equal(seen.killed, 0);
  const endless = runner.tell(order);
  t.mock.timers.tick(30_000);
  await assert.rejects(endless, { name: 'SqlFault', message: 'interrupted: a statement may take 30 s' });
  assert.deepEqual([seen.killed, runner.isDead], [1, true]);
});

test('a request that ends takes the process with it, one that is over asks nothing', async () => {
  const { seen, runner } = process();
  const gone = new Error('gone');
  await assert.rejects(runner.tell(order, AbortSignal.abort(gone)), gone);
  assert.deepEqual([seen.sent.length, runner.isDead], [0, false]);
  const controller = new AbortController();
  const waiting = runner.tell(order, controller.signal);
  controller.abort(gone);
  await assert.rejects(waiting, gone);
  assert.deepEqual([seen.killed, runner.isDead], [1, true]);
});

test('a request that ends after its answer leaves the process alone', async () => {
  const { seen, child, runner } = process();
  const controller = new AbortController();
  const waiting = runner.tell(order, controller.signal);
  child.emit('message', { id: 1, answer });
  await waiting;
  controller.abort(new Error('gone'));
  assert.deepEqual([seen.killed, runner.isDead], [0, false]);
});

/** Runners that are no processes. */
function pool(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const started: { runner: Runner; killed: string[] }[] = [];
  const runners = new Runners(() => {
    const killed: string[] = [];
    const runner = {
      get isDead() {
        return killed.length > 0;
      },
      kill: (why: string) => void killed.push(why),
    };
    started.push({ runner: runner as unknown as Runner, killed });
    return runner as unknown as Runner;
  });
  const killed = () => started.map((one) => one.killed.join());
  return { runners, started, killed, lend: (signal = patient()) => runners.lend(signal) };
}

test('eight are lent at once, and those who wait get theirs in turn', async (t) => {
  const { runners, started, lend } = pool(t);
  const lent = await Promise.all(Array.from({ length: 8 }, () => lend()));
  assert.equal(new Set(lent).size, 8);
  const order: string[] = [];
  const [first, second] = [lend(), lend()];
  void first.then(() => order.push('first'));
  void second.then(() => order.push('second'));
  await new Promise(setImmediate);
  assert.deepEqual(order, []);
  const [one, two] = lent as [Runner, Runner];
  runners.giveBack(one);
  assert.equal(await first, one);
  await new Promise(setImmediate);
  assert.deepEqual(order, ['first']);
  two.kill('gone');
  runners.giveBack(two);
  const fresh = await second;
  assert.equal(started.length, 9);
  assert.equal(fresh, started[8]?.runner);
});

test('who leaves the queue is passed over, and nobody else is', async (t) => {
  const { runners, lend } = pool(t);
  const lent = await Promise.all(Array.from({ length: 8 }, () => lend()));
  const gone = new Error('gone');
  await assert.rejects(lend(AbortSignal.abort(gone)), gone);
  const controllers = [new AbortController(), new AbortController(), new AbortController()];
  const waiting = controllers.map(({ signal }) => lend(signal));
  controllers[1]?.abort(gone);
  await assert.rejects(async () => waiting[1], gone);
  runners.giveBack(lent[0] as Runner);
  runners.giveBack(lent[1] as Runner);
  assert.deepEqual([await waiting[0], await waiting[2]], [lent[0], lent[1]]);
  controllers[0]?.abort(gone);
  const last = lend();
  runners.giveBack(lent[2] as Runner);
  assert.equal(await last, lent[2], 'one that was served leaves no gap when its request ends');
});

test('an idle one is lent again, and ended when nobody wants it for ten seconds', async (t) => {
  const { runners, started, killed, lend } = pool(t);
  const [one, two] = [await lend(), await lend()];
  runners.giveBack(one);
  runners.giveBack(two);
  t.mock.timers.tick(9_999);
  assert.deepEqual(killed(), ['', '']);
  const again = await lend();
  t.mock.timers.tick(1);
  assert.deepEqual(killed().sort(), ['', 'idle']);
  assert.equal(again.isDead, false);
  t.mock.timers.tick(60_000);
  assert.equal(again.isDead, false, 'one that is lent is not idle');
  runners.giveBack(again);
  assert.equal(await lend(), again);
  await lend();
  assert.equal(started.length, 3, 'the one that was ended is not lent');
});

test('one that died while it was idle, or lent, is not lent again', async (t) => {
  const { runners, started, lend } = pool(t);
  const one = await lend();
  runners.giveBack(one);
  one.kill('it died');
  const two = await lend();
  assert.notEqual(two, one);
  two.kill('it died');
  runners.giveBack(two);
  assert.notEqual(await lend(), two);
  assert.equal(started.length, 3);
});

test('the end of the app ends all of them, also those that come back, and lends none', async (t) => {
  const { runners, killed, lend } = pool(t);
  const [one, two] = [await lend(), await lend()];
  runners.giveBack(one);
  runners.close();
  assert.deepEqual(killed(), ['the database is closed', 'the database is closed']);
  runners.giveBack(two);
  t.mock.timers.tick(60_000);
  assert.ok(!killed().join().includes('idle'));
  await assert.rejects(lend(), (error) => error instanceof SqlFault && error.message === 'the database is closed');
});
