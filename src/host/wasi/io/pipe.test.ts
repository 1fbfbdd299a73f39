// A pipe holds its producer back, keeps bytes in order, and passes on the end or the failure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipe } from './pipe.ts';
import { inputStreamContract, outputStreamContract, pattern } from './stream.contract.ts';

inputStreamContract('pipe, written at once', (content) => {
  const pipe = new Pipe({ capacity: 1_000_000 });
  pipe.write(content);
  pipe.end();
  return pipe.input();
});

inputStreamContract('pipe, written bit by bit', (content) => {
  const pipe = new Pipe({ capacity: 1000 });
  void (async () => {
    for (let rest = content; rest.length > 0; ) {
      await pipe.ready();
      const size = pipe.checkWrite();
      if (size === undefined) return;
      pipe.write(rest.slice(0, Math.min(size, 333)));
      rest = rest.subarray(Math.min(size, 333));
    }
    pipe.end();
  })();
  return pipe.input();
});

outputStreamContract('pipe', () => {
  const pipe = new Pipe({ capacity: 10_000 });
  const source = pipe.source();
  const chunks: Uint8Array[] = [];
  const pump = (): void => {
    while (pipe.buffered > 0) chunks.push(source.read() as Uint8Array);
  };
  const arrived = (): Uint8Array => {
    pump();
    return Buffer.concat(chunks);
  };
  return { stream: pipe, pump, arrived };
});

test('the producer is held back at the capacity and starts again at half of it', async () => {
  const pipe = new Pipe({ capacity: 4096 });
  const source = pipe.source();
  assert.equal(pipe.checkWrite(), 4096);
  for (let count = 0; count < 4; count++) pipe.write(pattern(1024));
  assert.equal(pipe.checkWrite(), 0);
  let woken = false;
  const wait = pipe.ready()?.then(() => {
    woken = true;
  });
  source.read();
  await Promise.resolve();
  assert.equal(woken, false);
  source.read();
  await wait;
  assert.equal(pipe.checkWrite(), 2048);
});

test('a million writes of one byte are kept in few buffers', () => {
  const pipe = new Pipe({ capacity: 20_000 });
  for (let count = 0; count < 20_000; count++) pipe.write(Uint8Array.of(count & 0xff));
  const source = pipe.source();
  let chunks = 0;
  let bytes = 0;
  while (pipe.buffered > 0) {
    bytes += (source.read() as Uint8Array).length;
    chunks++;
  }
  assert.equal(bytes, 20_000);
  assert.ok(chunks < 10, `${chunks} chunks`);
});

test('a chunk that was handed out does not change when more is written', () => {
  const pipe = new Pipe();
  const source = pipe.source();
  pipe.write(Uint8Array.of(1));
  pipe.write(Uint8Array.of(2));
  pipe.write(Uint8Array.of(3));
  assert.deepEqual(source.read(), Uint8Array.of(1));
  const second = source.read();
  pipe.write(Uint8Array.of(9));
  assert.deepEqual(second, Uint8Array.of(2, 3));
});

test('a consumer that waits gets the chunk, the end or the failure', async () => {
  const pipe = new Pipe();
  const source = pipe.source();
  const first = source.read();
  assert.ok(first instanceof Promise);
  pipe.write(Uint8Array.of(1));
  assert.deepEqual(await first, Uint8Array.of(1));
  const last = source.read();
  pipe.end([['x-sum', '1']]);
  assert.equal(await last, undefined);
  assert.deepEqual(source.trailers?.(), [['x-sum', '1']]);
  assert.equal(pipe.checkWrite(), undefined);

  const broken = new Pipe();
  const read = broken.source().read() as Promise<unknown>;
  broken.fail(new Error('gone'));
  await assert.rejects(read, /gone/);
});

test('what was buffered before a failure still arrives, then the failure each time', () => {
  const pipe = new Pipe();
  pipe.write(Uint8Array.of(1));
  pipe.fail(new Error('gone'));
  pipe.end();
  const source = pipe.source();
  assert.deepEqual(source.read(), Uint8Array.of(1));
  assert.throws(() => source.read(), /gone/);
  assert.throws(() => source.read(), /gone/);
});

test('cancelling frees the buffer, wakes the producer and closes its side', async () => {
  const pipe = new Pipe({ capacity: 10 });
  pipe.write(new Uint8Array(10));
  const wait = pipe.ready();
  pipe.source().cancel();
  await wait;
  assert.equal(pipe.buffered, 0);
  assert.equal(pipe.checkWrite(), undefined);
  pipe.write(new Uint8Array(5));
  assert.equal(pipe.buffered, 0);
});

test('closing leaves the end to somebody else when asked to', () => {
  const pipe = new Pipe({ endOnClose: false });
  const read = pipe.source().read();
  pipe.close();
  assert.equal(pipe.checkWrite(), undefined);
  assert.ok(read instanceof Promise);
  pipe.end();
});

test('a producer whose consumer has gone may write on for a while, in rounds, and is closed then', async () => {
  const pipe = new Pipe({ capacity: 100 });
  pipe.write(pattern(100));
  const wait = pipe.ready();
  pipe.discard(60);
  await wait;
  assert.equal(pipe.buffered, 0);
  assert.equal(pipe.checkWrite(), 100);
  pipe.write(pattern(100));
  assert.equal(pipe.checkWrite(), 0, 'the producer has to wait, or it would hear of nothing else');
  await pipe.ready();
  assert.equal(pipe.checkWrite(), 100);
  assert.equal(pipe.buffered, 0);
  assert.equal(pipe.source().read(), undefined);
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.equal(pipe.checkWrite(), undefined);
});

test('one that had ended or failed stays as it is', () => {
  const failed = new Pipe();
  failed.fail(new Error('lost'));
  failed.discard(1000);
  assert.equal(failed.checkWrite(), undefined);
  const closed = new Pipe({ endOnClose: false });
  closed.close();
  closed.discard(1000);
  assert.equal(closed.checkWrite(), undefined);
});
