// What belongs to a request ends with it: the clock of one must not end the next one in the same sandbox.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sandboxApp } from '../support/sandbox-app.ts';

const WALL_MS = 600;

/** Ends after the time that the request before it had left when this one began, and before its own is over. */
async function* slowBody(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10);
  await sleep(WALL_MS * 0.7);
  yield new Uint8Array(10);
}

for (const guest of ['echo-c', 'echo-p3']) {
  test(`${guest}: a request is not ended by the wall time of the one before it`, async () => {
    const settings = `[component.echo.tool.mayfly.limits]\nwall = "${WALL_MS}ms"\nconcurrency = 1`;
    const app = await sandboxApp({ echo: { guest, settings } });
    try {
      const first = await app.get('/echo/', { method: 'POST', body: 'first' });
      assert.equal(first.text, 'first');
      await sleep(WALL_MS * 0.5);
      const body = ReadableStream.from(slowBody());
      const { status, text } = await app.get('/echo/', { method: 'POST', body, duplex: 'half' });
      assert.deepEqual([status, text.length], [200, 20]);
    } finally {
      await app.close();
    }
  });
}
