// What a command writes goes out as it is, no faster than it is taken.
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { streamOutput } from './output.ts';

const limit = { timeout: 5_000 };

test('a writer waits for a reader that is behind', limit, async () => {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  const slow = new Writable({
    highWaterMark: 4,
    write(chunk: Buffer, _encoding, done) {
      taken.push(chunk.toString());
      waiting.push(done);
    },
  });
  const output = streamOutput(slow);
  assert.equal(output.checkWrite(), 65_536);
  assert.equal(output.ready(), undefined);
  output.write(new TextEncoder().encode('\u001b[31m!'));
  assert.equal(output.checkWrite(), 0);
  const ready = output.ready();
  assert.ok(ready instanceof Promise);
  waiting.shift()?.();
  await ready;
  assert.equal(output.checkWrite(), 65_536);
  assert.deepEqual(taken, ['\u001b[31m!']);
});

test('a reader that goes away closes it', limit, async () => {
  const stream = new Writable({ highWaterMark: 1, write() {} });
  const output = streamOutput(stream);
  output.write(new Uint8Array(10));
  const ready = output.ready();
  stream.destroy(new Error('EPIPE'));
  await ready;
  assert.equal(output.checkWrite(), undefined);
  assert.equal(output.ready(), undefined);
});

test('a stream that says no more than that it failed wakes the writer, and leaves no listeners', limit, async () => {
  const { promise: failed, resolve: fail } = Promise.withResolvers<(error: Error) => void>();
  const stream = new Writable({
    highWaterMark: 1,
    autoDestroy: false,
    emitClose: false,
    write: (_chunk, _encoding, done) => fail(done),
  });
  const output = streamOutput(stream);
  output.write(new Uint8Array(10));
  const [one, two] = [output.ready(), output.ready()];
  (await failed)(new Error('EIO'));
  await Promise.all([one, two]);
  assert.deepEqual(
    ['drain', 'close', 'error'].map((event) => stream.listenerCount(event)),
    [0, 0, 1],
  );
});

test('a stream that has ended is closed', () => {
  const stream = new Writable({ write: () => {} });
  const output = streamOutput(stream);
  stream.write('x');
  stream.end();
  assert.equal(output.checkWrite(), undefined);
  assert.equal(output.ready(), undefined);
});
