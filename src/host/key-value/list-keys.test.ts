// All keys of a store: in one piece or many, each once, and never more than a result may have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuestCall } from '../guest-call.ts';
import { listKeys } from './list-keys.ts';
import { type KeyValueStore, MOST_RESULT_BYTES } from './store.ts';

function call(signal = new AbortController().signal): { readonly operation: GuestCall; readonly kept: number[] } {
  const kept: number[] = [];
  return { kept, operation: { signal, keep: (bytes: number) => void kept.push(bytes) } as unknown as GuestCall };
}

function inPieces(pieces: readonly (readonly string[])[], repeatsKeys = false): KeyValueStore {
  return {
    repeatsKeys,
    keys: (from: unknown) => {
      const index = Number(from ?? 0);
      return { keys: pieces[index]!, next: index + 1 < pieces.length ? index + 1 : undefined };
    },
  } as unknown as KeyValueStore;
}

test('one piece comes at once', () => {
  assert.deepEqual(listKeys(inPieces([['a', 'b']]), call().operation), ['a', 'b']);
});

test('several come one after the other, and are counted for the guest', async () => {
  const { operation, kept } = call();
  assert.deepEqual(await listKeys(inPieces([['a'], ['b', 'ü'], []]), operation), ['a', 'b', 'ü']);
  assert.equal(kept.length, 3);
  assert.ok(kept.every((bytes) => bytes > 0));
});

test('of a store that may name a key twice each comes once; of others nothing is looked at', async () => {
  assert.deepEqual(
    await listKeys(
      inPieces(
        [
          ['a', 'b'],
          ['b', 'c'],
        ],
        true,
      ),
      call().operation,
    ),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(await listKeys(inPieces([['a'], ['a']]), call().operation), ['a', 'a']);
});

test('a list of just as much as a result may have is given, one byte more is refused', async () => {
  // Of each piece its JSON counts, and 24 bytes for each key: here one piece of one key.
  const most = 'k'.repeat(MOST_RESULT_BYTES - '[""]'.length - '[]'.length - 24);
  assert.equal((await listKeys(inPieces([[most], []]), call().operation)).length, 1);
  await assert.rejects(async () => listKeys(inPieces([[`${most}k`], []]), call().operation));
});

test('a long list is not gathered on for a request that is over', async () => {
  const controller = new AbortController();
  const store = inPieces([['a'], ['b'], ['c']]);
  let asked = 0;
  const counting = {
    keys: (from: unknown, caller: GuestCall) => {
      if (++asked === 2) controller.abort(new Error('gone'));
      return store.keys(from, caller);
    },
  } as unknown as KeyValueStore;
  await assert.rejects(async () => listKeys(counting, call(controller.signal).operation), { name: 'AbortError' });
  assert.equal(asked, 2);
});

test('between two pieces others have their turn', async () => {
  const listing = listKeys(inPieces([['a'], ['b']]), call().operation);
  let others = 0;
  setImmediate(() => {
    others += 1;
  });
  await listing;
  assert.equal(others, 1);
});
