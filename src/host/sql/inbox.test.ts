// What a server sends beyond what is read makes it wait, however small its messages are.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { Inbox } from './inbox.ts';

function inbox() {
  let isPaused = false;
  const socket = {
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
    },
    isPaused: () => isPaused,
  };
  return { box: new Inbox(socket as unknown as Socket), isPaused: () => isPaused };
}

for (const size of [0, 1, 1000, 300_000]) {
  test(`messages with a body of ${size} bytes that nobody reads pause the socket, and reading lets it go on`, async () => {
    const { box, isPaused } = inbox();
    let count = 0;
    for (; !isPaused() && count < 10_000; count++) box.put({ body: Buffer.alloc(size) });
    assert.ok(isPaused(), 'ten thousand messages are there, and the server may send more');
    for (; count > 0; count--) await box.next();
    assert.equal(isPaused(), false);
  });
}

test('it is paused above a quarter of a mebibyte, and goes on below an eighth of that', async () => {
  const { box, isPaused } = inbox();
  const piece = { body: Buffer.alloc(65_536 - 128) };
  for (let count = 0; count < 4; count++) box.put(piece);
  assert.equal(isPaused(), false);
  box.put({ body: Buffer.alloc(0) });
  assert.equal(isPaused(), true);
  for (let count = 0; count < 3; count++) await box.next();
  assert.equal(isPaused(), true, 'the last piece and the small one are more than that');
  await box.next();
  assert.equal(isPaused(), false);
});

test('messages come in their order, those that were put before they were asked for and those after', async () => {
  const { box } = inbox();
  const message = (index: number) => ({ body: Buffer.of(index & 0xff, index >> 8) });
  const numberOf = ({ body }: { body: Buffer }): number => body.readUInt16LE(0);
  for (let index = 0; index < 3000; index++) box.put(message(index));
  const read: number[] = [];
  for (let index = 0; index < 2500; index++) {
    const found = box.next();
    assert.ok(!(found instanceof Promise), 'what is there comes at once');
    read.push(numberOf(found));
  }
  box.put(message(3000));
  while (read.length < 3001) read.push(numberOf(await box.next()));
  const waiting = box.next();
  box.put(message(3001));
  box.put(message(3002));
  read.push(numberOf(await waiting), numberOf(await box.next()));
  assert.deepEqual(
    read,
    Array.from({ length: 3003 }, (_, index) => index),
  );
});

test('the end is told to who waits and to who comes, with its first reason; what was there is gone', async () => {
  const { box } = inbox();
  const waiting = box.next() as Promise<unknown>;
  box.end(new Error('lost'));
  box.end(new Error('closed'));
  await assert.rejects(waiting, { message: 'lost' });
  await assert.rejects(async () => box.next(), { message: 'lost' });
  const full = inbox().box;
  full.put({ body: Buffer.alloc(1) });
  full.put({ body: Buffer.alloc(1) });
  await full.next();
  full.end(new Error('lost'));
  await assert.rejects(async () => full.next(), { message: 'lost' });
});
