// Statements of a connection run one after another, whatever becomes of the ones before them and of their callers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '../guest-call.ts';
import { StatementTurns } from './statement-turns.ts';

const by = (signal = new AbortController().signal): Caller => ({ signal, keep: () => undefined });
const turn = (): Promise<unknown> => new Promise(setImmediate);

function turns() {
  const ended: Error[] = [];
  return { ended, line: new StatementTurns((error) => void ended.push(error)) };
}

test('each waits for the one before it, also for one that fails', async () => {
  const { line, ended } = turns();
  const [one, two] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  const begun: string[] = [];
  const work = (name: string, answer: Promise<number>) =>
    line.take(by(), () => {
      begun.push(name);
      return answer;
    });
  const answers = [work('one', one.promise), work('two', two.promise), work('three', Promise.resolve(3))];
  let isDone = false;
  void line.whenDone().then(() => {
    isDone = true;
  });
  await turn();
  assert.deepEqual([begun, line.isBusy, isDone], [['one'], true, false]);
  one.reject(new Error('one failed'));
  await assert.rejects(async () => answers[0], { message: 'one failed' });
  await turn();
  assert.deepEqual([begun, line.isBusy, isDone], [['one', 'two'], true, false]);
  two.resolve(2);
  assert.deepEqual([await answers[1], await answers[2]], [2, 3]);
  await turn();
  assert.deepEqual([line.isBusy, isDone, ended], [false, true, []]);
});

test('a caller that is gone before its turn begins nothing; one that goes in the middle ends the connection', async () => {
  const { line, ended } = turns();
  const gone = new Error('gone');
  let begun = 0;
  await assert.rejects(
    line.take(by(AbortSignal.abort(gone)), async () => ++begun),
    gone,
  );
  assert.equal(await line.take(by(), async () => 'free'), 'free', 'nobody waits for the one that is gone');
  const controller = new AbortController();
  const under = Promise.withResolvers<void>();
  const waiting = line.take(by(controller.signal), () => under.promise);
  await turn();
  controller.abort(gone);
  assert.deepEqual([begun, ended], [0, [gone]]);
  under.reject(gone);
  await assert.rejects(waiting, gone);
});

test('a caller that goes after its answer ends nothing', async () => {
  const { line, ended } = turns();
  const controller = new AbortController();
  await line.take(by(controller.signal), async () => 1);
  controller.abort(new Error('gone'));
  assert.deepEqual(ended, []);
  assert.equal(line.isBusy, false);
});
