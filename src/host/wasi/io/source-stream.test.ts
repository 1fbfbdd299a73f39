// A stream over a byte source pulls one chunk ahead, and cancels the source once when it is closed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ByteSource, HttpError } from '../../http-message.ts';
import { bytesInputStream, emptyInputStream, sourceInputStream } from './source-stream.ts';
import { inputStreamContract } from './stream.contract.ts';
import { StreamFailure } from './streams.ts';

function chunked(content: Uint8Array, size: number, later: boolean): ByteSource {
  let place = 0;
  const next = (): Uint8Array | undefined => {
    const chunk = content.slice(place, place + size);
    place += chunk.length;
    return chunk.length === 0 ? undefined : chunk;
  };
  return {
    read: later ? () => new Promise((resolve) => setImmediate(() => resolve(next()))) : next,
    cancel() {
      place = content.length;
    },
  };
}

inputStreamContract('source that answers at once', (content) => sourceInputStream(chunked(content, 1000, false)));
inputStreamContract('source that answers later', (content) => sourceInputStream(chunked(content, 20_000, true)));
inputStreamContract('bytes', bytesInputStream);

test('the empty stream is at its end', () => {
  assert.equal(emptyInputStream.read(10), undefined);
  assert.equal(emptyInputStream.ready(), undefined);
});

test('nothing is pulled before the guest asks, and one chunk at most ahead of it', () => {
  let reads = 0;
  const stream = sourceInputStream({ read: () => Uint8Array.of(++reads, 0), cancel() {} });
  assert.equal(reads, 0);
  stream.ready();
  stream.ready();
  assert.equal(reads, 1);
  stream.read(1);
  stream.ready();
  assert.equal(reads, 1);
});

test('a failure is thrown with the HTTP error code behind it', async () => {
  const cause = new HttpError('HTTP-response-timeout', 'Too slow');
  for (const read of [
    () => Promise.reject(cause),
    () => {
      throw cause;
    },
  ]) {
    const stream = sourceInputStream({ read, cancel() {} });
    await stream.ready();
    const isFailure = (error: unknown): boolean =>
      error instanceof StreamFailure && (error.httpError as { tag: string }).tag === 'HTTP-response-timeout';
    assert.throws(() => stream.read(1), isFailure);
    assert.throws(() => stream.read(0), isFailure);
  }
});

test('closing cancels the source once, and not at all after its end', () => {
  let cancelled = 0;
  const make = (chunk: Uint8Array | undefined) => sourceInputStream({ read: () => chunk, cancel: () => cancelled++ });
  const open = make(Uint8Array.of(1));
  open.close();
  open.close();
  assert.equal(cancelled, 1);
  const ended = make(undefined);
  ended.read(1);
  ended.close();
  assert.equal(cancelled, 1);
});

test('a chunk that comes after closing is dropped', async () => {
  const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
  const stream = sourceInputStream({ read: () => promise, cancel() {} });
  const wait = stream.ready();
  stream.close();
  resolve(Uint8Array.of(1));
  await wait;
  assert.equal(stream.read(1), undefined);
});

test('a chunk is released once all of it was read and released, in whatever pieces', () => {
  const released: Uint8Array[] = [];
  const chunks = [new Uint8Array(10), new Uint8Array(20)];
  const stream = sourceInputStream({
    read: () => chunks[released.length],
    cancel() {},
    release: (c) => released.push(c),
  });
  const [first, second] = [stream.read(4), stream.read(6)] as Uint8Array[];
  stream.release?.(second!);
  assert.deepEqual(released, []);
  stream.release?.(first!);
  assert.equal(released[0], chunks[0]);
  const [third, rest] = [stream.read(20), stream.read(0)];
  stream.release?.(rest!);
  stream.release?.(third!);
  assert.equal(released[1], chunks[1]);
  assert.equal(released.length, 2);
});

test('a chunk of which a part was passed on is never released, nor by what belongs to the one before', () => {
  let count = 0;
  const stream = sourceInputStream({ read: () => new Uint8Array(10), cancel() {}, release: () => count++ });
  stream.read(4);
  const rest = stream.read(6);
  const whole = stream.read(10);
  stream.release?.(rest!);
  stream.release?.(new Uint8Array(10));
  assert.equal(count, 0);
  stream.release?.(whole!);
  assert.equal(count, 1);
});
