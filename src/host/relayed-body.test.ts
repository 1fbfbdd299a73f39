// What a relay lets through, and what it tells those who watch: chunks that come at once and later ones alike.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSource } from './http-message.ts';
import { type Chunk, RelayedBody, SizedBody } from './relayed-body.ts';

type Given = Chunk | Error;

/** Gives these, at once or later; notes what it is told. */
function sourceOf(given: readonly Given[], isLater: boolean) {
  const told: unknown[] = [];
  const left = [...given];
  const next = (): Chunk => {
    const one = left.shift();
    if (one instanceof Error) throw one;
    return one;
  };
  const source: ByteSource = {
    length: 7,
    read: () => (isLater ? Promise.resolve().then(next) : next()),
    cancel: (reason) => void told.push(['cancel', reason]),
    release: (chunk) => void told.push(['release', chunk]),
    trailers: () => [['x-end', '1']],
  };
  return { source, told };
}

class Watched extends RelayedBody {
  readonly seen: unknown[] = [];

  protected override passed(chunk: Chunk): Chunk {
    this.seen.push(chunk);
    return chunk?.map((byte) => byte + 1);
  }

  protected override failed(error: unknown): never {
    this.seen.push(error);
    throw error;
  }
}

const read = async (body: ByteSource): Promise<Chunk> => body.read();

for (const isLater of [false, true]) {
  const how = isLater ? 'later' : 'at once';

  test(`chunks, the end and a failure pass ${how}, and are told`, async () => {
    const [piece, lost] = [Uint8Array.of(1, 2), new Error('lost')];
    const body = new Watched(sourceOf([piece, undefined, lost], isLater).source);
    assert.equal(body.read() instanceof Promise, isLater);
    assert.equal(await read(body), undefined);
    await assert.rejects(read(body), (error) => error === lost);
    assert.deepEqual(body.seen, [piece, undefined, lost]);
    const changed = new Watched(sourceOf([piece], isLater).source);
    assert.deepEqual(await read(changed), Uint8Array.of(2, 3), 'the consumer gets what the watcher gives');
  });

  test(`a body keeps to the length that was announced, ${how}`, async () => {
    const refuse = (bytes: number): never => {
      throw new RangeError(String(bytes));
    };
    const sized = (...given: Given[]): ByteSource => new SizedBody(sourceOf(given, isLater).source, 4, refuse);
    const whole = sized(new Uint8Array(3), new Uint8Array(1), undefined);
    assert.equal(whole.length, 4);
    assert.equal((await read(whole))?.length, 3);
    assert.equal((await read(whole))?.length, 1);
    assert.equal(await read(whole), undefined);
    const long = sized(new Uint8Array(3), new Uint8Array(2));
    await read(long);
    await assert.rejects(read(long), { message: '5' });
    const short = sized(new Uint8Array(3), undefined);
    await read(short);
    await assert.rejects(read(short), { message: '3' });
  });
}

test('what else there is goes to the source, which may have none of it', async () => {
  const { source, told } = sourceOf([], false);
  const body = new RelayedBody(source);
  const [chunk, reason] = [new Uint8Array(1), new Error('enough')];
  body.release(chunk);
  body.cancel(reason);
  assert.deepEqual(told, [
    ['release', chunk],
    ['cancel', reason],
  ]);
  assert.deepEqual([body.length, await body.trailers()], [7, [['x-end', '1']]]);
  const bare = new RelayedBody({ read: () => undefined, cancel() {} });
  bare.release(chunk);
  assert.deepEqual([bare.length, bare.trailers()], [undefined, undefined]);
});
