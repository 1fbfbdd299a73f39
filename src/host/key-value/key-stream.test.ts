// Keys come as a stream, of which one piece is counted at a time, up to its end, an error, or a reader that goes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOfText, HostByteBudget } from '../../component/types/host-byte-budget.ts';
import type { StreamWriter } from '../../component/types/streams.ts';
import { produceKeys } from './key-stream.ts';
import { type KeyValueStore, StoreFault } from './store.ts';

function stream(pieces: readonly (readonly string[] | Error)[], most = Number.POSITIVE_INFINITY, heldBytes = 10_000) {
  const hostBytes = new HostByteBudget(heldBytes);
  const seen = { asked: 0, keys: [] as (readonly string[])[], held: [] as number[], closed: 0 };
  const store = {
    keys(from: unknown) {
      const index = Number(from ?? 0);
      seen.asked++;
      const keys = pieces[index];
      if (keys === undefined || keys instanceof Error) throw keys;
      return { keys, next: index + 1 < pieces.length ? index + 1 : undefined };
    },
  } as unknown as KeyValueStore;
  const writer = {
    dropped: false,
    async write(keys: readonly string[]) {
      seen.keys.push(keys);
      seen.held.push(hostBytes.bytes);
      writer.dropped = seen.keys.length >= most;
      return keys.length;
    },
    close: () => void seen.closed++,
  };
  const request = { signal: new AbortController().signal, hostBytes };
  const end = produceKeys(store, request, writer as unknown as StreamWriter<string>);
  return { seen, end, hostBytes };
}

test('piece for piece', async () => {
  const { seen, end, hostBytes } = stream([['a', 'bc'], ['d']]);
  assert.deepEqual(await end, { tag: 'ok', val: undefined });
  assert.deepEqual(seen, {
    asked: 2,
    keys: [['a', 'bc'], ['d']],
    held: [bytesOfText('a') + bytesOfText('bc'), bytesOfText('d')],
    closed: 1,
  });
  assert.equal(hostBytes.bytes, 0);
});

test('a reader that goes ends it', async () => {
  const { seen, end, hostBytes } = stream([['a'], ['b'], ['c']], 2);
  assert.deepEqual(await end, { tag: 'ok', val: undefined });
  assert.deepEqual([seen.asked, seen.closed, hostBytes.bytes], [2, 1, 0]);
});

test('errors come at the end: those of the store in its words, others in none', async () => {
  for (const [error, val] of [
    [new StoreFault('it is gone'), 'it is gone'],
    [new TypeError('of the host'), 'the keys could not be listed'],
  ] as const) {
    const { seen, end, hostBytes } = stream([['a'], error]);
    assert.deepEqual(await end, { tag: 'err', val: { tag: 'other', val } });
    assert.deepEqual([seen.keys, seen.closed, hostBytes.bytes], [[['a']], 1, 0]);
  }
});

test('a piece that is more than may be held is not written', async () => {
  const { seen, end, hostBytes } = stream([['a'], ['b'.repeat(60_000)]]);
  assert.equal((await end).tag, 'err');
  assert.deepEqual([seen.keys, seen.closed, hostBytes.bytes], [[['a']], 1, 0]);
});
