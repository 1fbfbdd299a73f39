// Key-value stores in the memory of the process. They end with the app, and each worker process has its own.
import { counterBytes, incremented } from '../counter.ts';
import {
  type Backend,
  type KeyPiece,
  type KeyValueStore,
  MOST_RESULT_BYTES,
  resultTooLarge,
  StoreFault,
} from '../store.ts';

const MiB = 1024 * 1024;
/** Of all stores of an app: guests fill them, and nothing else empties them. */
const MOST_BYTES = 128 * MiB;
/** What an entry takes beside its bytes. */
const ENTRY_BYTES = 128;
const PIECE = 1000;

export function memoryBackend(mostBytes = MOST_BYTES): Backend {
  const stores = new Map<string, KeyValueStore>();
  const room = { left: mostBytes };
  return {
    store(label) {
      const store = stores.get(label) ?? memoryStore(room);
      stores.set(label, store);
      return store;
    },
    close: () => stores.clear(),
  };
}

function memoryStore(room: { left: number }): KeyValueStore {
  const entries = new Map<string, Uint8Array>();

  function set(key: string, value: Uint8Array): void {
    const more = sizeOf(key, value) - sizeOf(key, entries.get(key));
    if (more > room.left) throw new StoreFault('database or disk is full');
    room.left -= more;
    entries.set(key, Uint8Array.from(value));
  }

  function remove(key: string): void {
    room.left += sizeOf(key, entries.get(key));
    entries.delete(key);
  }

  return {
    get: (key) => entries.get(key),
    set,
    delete: remove,
    exists: (key) => entries.has(key),
    keys: (from) => pieceOf((from as Rest | undefined) ?? { keys: [...entries.keys()].sort(compareUtf8), start: 0 }),
    getMany(keys) {
      const values = keys.map((key) => entries.get(key));
      const bytes = values.reduce((sum, value) => sum + (value?.byteLength ?? 0), 0);
      if (bytes > MOST_RESULT_BYTES) throw resultTooLarge();
      return values;
    },
    setMany(pairs) {
      for (const [key, value] of pairs) set(key, value);
    },
    deleteMany: (keys) => keys.forEach(remove),
    increment(key, delta) {
      const sum = incremented(key, entries.get(key), delta);
      set(key, counterBytes(sum));
      return sum;
    },
    swap(key, expected, value) {
      const found = entries.get(key);
      const same = found === undefined ? expected === undefined : expected && Buffer.compare(found, expected) === 0;
      if (same) set(key, value);
      return same === true;
    },
  };
}

function sizeOf(key: string, value: Uint8Array | undefined): number {
  return value === undefined ? 0 : ENTRY_BYTES + 2 * key.length + value.byteLength;
}

/** The keys as they were when the first piece was asked for. */
interface Rest {
  readonly keys: readonly string[];
  readonly start: number;
}

function pieceOf({ keys, start }: Rest): KeyPiece {
  const end = start + PIECE;
  return { keys: keys.slice(start, end), next: end < keys.length ? { keys, start: end } : undefined };
}

/** The order of the bytes, as that of a file: UTF-16 has surrogates before what lies above them. */
function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(a.charCodeAt(index)) - rank(b.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
