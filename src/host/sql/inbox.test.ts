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
