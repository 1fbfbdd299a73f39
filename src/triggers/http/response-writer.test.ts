// Chunks that are given back: their bytes are spoilt at once here, as those of the next stream would do it.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { ByteSource } from '../../host/http-message.ts';
import type { Answer } from './answer.ts';
import { RawClient } from './client.test-kit.ts';
import { ResponseWriter } from './response-writer.ts';
import { serve } from './server.test-kit.ts';
import { eventually } from './wait.test-kit.ts';

interface Spoilt extends ByteSource {
  readonly digest: () => string;
  taken: number;
  released: number;
  cancelled: boolean;
}

/** `size` random bytes in chunks of all sizes, at once or later. */
function spoilt(size: number): Spoilt {
  const hash = createHash('sha256');
  let left = size;
  const next = (): Uint8Array | undefined => {
    const chunk = randomBytes(Math.min(left, randomInt(1, 100_000)));
    left -= chunk.length;
    hash.update(chunk);
    return chunk.length === 0 ? undefined : chunk;
  };
  return {
    digest: () => hash.digest('hex'),
    taken: 0,
    released: 0,
    cancelled: false,
    read() {
      const chunk = next();
      this.taken += chunk?.length ?? 0;
      return randomInt(3) === 0 ? new Promise((resolve) => setImmediate(() => resolve(chunk))) : chunk;
    },
    release(chunk) {
      this.released += chunk.length;
      chunk.fill(0xaa);
    },
    cancel() {
      this.cancelled = true;
    },
  };
}

/** Reads a response with pauses. */
async function digestOf(port: number, pauseMs: number): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve) => get({ port, host: '127.0.0.1' }, resolve));
  const hash = createHash('sha256');
  for await (const chunk of response) {
    hash.update(chunk);
    if (pauseMs > 0 && randomInt(8) === 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return hash.digest('hex');
}

for (const pauseMs of [0, 3]) {
  test(`what was given back has gone out, to clients that pause ${pauseMs} ms`, async () => {
    const bodies: Spoilt[] = [];
    const { port } = await serve(async () => {
      bodies.push(spoilt(8_000_000));
      return { status: 200, headers: [], body: bodies.at(-1) };
    });
    const digests = await Promise.all([digestOf(port, pauseMs), digestOf(port, pauseMs), digestOf(port, pauseMs)]);
    assert.deepEqual(digests.sort(), bodies.map((body) => body.digest()).sort());
    for (const { released } of bodies) assert.equal(released, 8_000_000);
  });
}

test('a client that takes nothing holds the producer back, and is cut off', async () => {
  const body = spoilt(200_000_000);
  const { port } = await serve(async () => ({ status: 200, headers: [], body }), { writeIdleMs: 300 });
  const client = await RawClient.connect(port, { paused: true });
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  await eventually(() => body.cancelled, 'a client that takes nothing is cut off');
  assert.ok(body.taken < 30_000_000, `${body.taken} bytes were taken`);
  assert.ok(body.released < body.taken, 'what did not go out is not given back');
  client.close();
});

test('a client that goes away in the middle ends the body', async () => {
  const body = spoilt(200_000_000);
  const { port } = await serve(async () => ({ status: 200, headers: [], body }));
  const client = await RawClient.connect(port, { paused: true });
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  await eventually(() => body.taken > 0, 'the body is asked for');
  client.reset();
  await eventually(() => body.cancelled, 'the body of a client that went away is cancelled');
  assert.ok(body.taken < 30_000_000);
});

test('an answer whose turn has not come waits for it longer than a client may', async () => {
  const { port } = await serve(
    async ({ target }) => {
      if (target === '/first') await new Promise((resolve) => setTimeout(resolve, 200));
      return { status: 200, headers: [['x-path', target]], body: target === '/first' ? undefined : spoilt(300_000) };
    },
    { writeIdleMs: 40 },
  );
  const client = await RawClient.connect(port);
  client.send('GET /first HTTP/1.1\r\nHost: h\r\n\r\nGET /second HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.match((await client.response()).head, /x-path: \/first/);
  const { head, body } = await client.response();
  assert.match(head, /x-path: \/second/);
  assert.equal(body.length, 300_000);
  client.close();
});

/** A response that takes chunks, and says that they have gone out when the test does. */
function slowResponse(): {
  readonly answer: Answer;
  readonly gone: ((error?: Error) => void)[];
  destroyed: boolean;
} {
  const gone: ((error?: Error) => void)[] = [];
  const state = {
    gone,
    destroyed: false,
    answer: {
      write: (_: Uint8Array, done: (error?: Error) => void) => void gone.push(done),
      onClose() {},
      offClose() {},
      destroy() {},
      isItsTurn: true,
      get destroyed() {
        return state.destroyed;
      },
    } as unknown as Answer,
  };
  return state;
}

test('who writes waits from 64 KiB on, until less is on its way', async () => {
  const { answer, gone } = slowResponse();
  const writer = new ResponseWriter(answer, 60_000, undefined);
  assert.equal(writer.write(new Uint8Array(65_535)), undefined);
  let isOver = false;
  const waiting = writer.write(new Uint8Array(1))?.then(() => {
    isOver = true;
  });
  await new Promise(setImmediate);
  assert.equal(isOver, false);
  gone[1]?.();
  await waiting;
  assert.equal(isOver, true);
  writer.end();
});

test('on a connection that is gone nobody waits, and a chunk that failed is not given back', () => {
  const state = slowResponse();
  const released: Uint8Array[] = [];
  const writer = new ResponseWriter(state.answer, 60_000, (chunk) => released.push(chunk));
  state.destroyed = true;
  assert.equal(writer.write(new Uint8Array(100_000)), undefined);
  state.gone[0]?.(new Error('gone'));
  assert.deepEqual(released, []);
  writer.end();
});
