// Key-value stores as wasi:keyvalue has them: `store`, `batch` and `atomics`.
import { HeldBytes } from '../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { type GuestCall, lowered } from '../guest-call.ts';
import { defineInterface, lending, resource, suspending } from '../service.ts';
import { listKeys } from './list-keys.ts';
import type { OpenStore, OpenStores } from './open-stores.ts';
import { type KeyValueError, operate } from './operation.ts';
import signatures from './signatures.json' with { type: 'json' };
import type { Later } from './store.ts';

const SERVICE = 'key-value';
const VERSION = '0.2.0-draft2';

/** As in Spin, which has the interface without a case for it. */
type WasiError = Exclude<KeyValueError, { tag: 'store-table-full' }> | { tag: 'no-such-store' | 'access-denied' };
type WasiAnswer<T> = Later<Result<T, WasiError>>;

function wasi<T>(answer: Later<Result<T, KeyValueError>>): WasiAnswer<T> {
  return answer instanceof Promise ? answer.then(wasiResult) : wasiResult(answer);
}

function wasiResult<T>(result: Result<T, KeyValueError>): Result<T, WasiError> {
  if (result.tag === 'err' && result.val.tag === 'store-table-full') {
    return err({ tag: 'other', val: 'store table full' });
  }
  return result as Result<T, WasiError>;
}

const call = <T>(state: OpenStores, work: (operation: GuestCall) => Later<T>): WasiAnswer<T> =>
  wasi(operate(state, work));

const store = defineInterface<OpenStores>(SERVICE, 'wasi:keyvalue/store', VERSION, {
  signatures: signatures['wasi:keyvalue/store@0.2.0-draft2'],
  resources: [resource('bucket', (state: OpenStores) => state.closed())],
  functions: {
    open: suspending((state: OpenStores, identifier: string) => wasi(state.open(identifier))),
    '[method]bucket.get': lending(
      suspending((state: OpenStores, { store }: OpenStore, key: string) =>
        call(state, (operation) => store.get(key, operation)),
      ),
      lowered,
    ),
    '[method]bucket.set': suspending((state: OpenStores, { store }: OpenStore, key: string, value: Uint8Array) =>
      call(state, (operation) => store.set(key, value, operation)),
    ),
    '[method]bucket.delete': suspending((state: OpenStores, { store }: OpenStore, key: string) =>
      call(state, (operation) => store.delete(key, operation)),
    ),
    '[method]bucket.exists': suspending((state: OpenStores, { store }: OpenStore, key: string) =>
      call(state, (operation) => store.exists(key, operation)),
    ),
    '[method]bucket.list-keys': lending(
      suspending((state: OpenStores, { store }: OpenStore, cursor: string | undefined) => {
        if (cursor !== undefined) return err({ tag: 'other', val: 'list_keys: cursor not supported' });
        const response = (keys: readonly string[]) => ({ keys, cursor: undefined });
        return call(state, (operation) => {
          const keys = listKeys(store, operation);
          return keys instanceof Promise ? keys.then(response) : response(keys);
        });
      }),
      lowered,
    ),
  },
});

type Pair = readonly [key: string, value: Uint8Array];

const batch = defineInterface<OpenStores>(SERVICE, 'wasi:keyvalue/batch', VERSION, {
  signatures: signatures['wasi:keyvalue/batch@0.2.0-draft2'],
  functions: {
    /** What is not there is left out, as in Spin. */
    'get-many': lending(
      suspending((state: OpenStores, { store }: OpenStore, keys: readonly string[]) => {
        const pairs = (values: readonly (Uint8Array | undefined)[]): Pair[] =>
          keys.flatMap((key, index) => {
            const value = values[index];
            return value === undefined ? [] : [[key, value] as const];
          });
        return call(state, (operation) => {
          const values = store.getMany(keys, operation);
          return values instanceof Promise ? values.then(pairs) : pairs(values);
        });
      }),
      lowered,
    ),
    'set-many': suspending((state: OpenStores, { store }: OpenStore, pairs: readonly Pair[]) =>
      call(state, (operation) => store.setMany(pairs, operation)),
    ),
    'delete-many': suspending((state: OpenStores, { store }: OpenStore, keys: readonly string[]) =>
      call(state, (operation) => store.deleteMany(keys, operation)),
    ),
  },
});

/** What a swap compares with: the value as it was when the guest began, or last looked. */
interface Cas extends OpenStore {
  readonly key: string;
  expected: Uint8Array | undefined;
  readonly held: HeldBytes;
}

function observe(cas: Cas, operation: GuestCall): Later<Uint8Array | undefined> {
  const seen = (value: Uint8Array | undefined): Uint8Array | undefined => {
    cas.held.set(CAS_BYTES + 2 * cas.key.length + (value?.byteLength ?? 0));
    cas.expected = value;
    return value;
  };
  const value = cas.store.get(cas.key, operation);
  return value instanceof Promise ? value.then(seen) : seen(value);
}

/** What a comparison takes beside its texts. */
const CAS_BYTES = 256;

/** A new comparison, which has looked at the value. */
function begin(state: OpenStores, { store }: OpenStore, key: string): WasiAnswer<Cas> {
  const cas: Cas = { store, key, expected: undefined, held: new HeldBytes(state.hostBytes) };
  const answer = call(state, (operation) => {
    const value = observe(cas, operation);
    return value instanceof Promise ? value.then(() => cas) : cas;
  });
  return answer instanceof Promise ? answer.then(freed) : freed(answer);
}

function freed<T extends object>(result: T): T {
  lowered(result);
  return result;
}

type SwapError =
  | { readonly tag: 'store-error'; readonly val: WasiError }
  | { readonly tag: 'cas-failed'; readonly val: Cas };

async function swapped(
  state: OpenStores,
  cas: Cas,
  answer: WasiAnswer<boolean>,
): Promise<Result<undefined, SwapError>> {
  const result = await answer;
  cas.held.release();
  if (result.tag === 'err') return err({ tag: 'store-error', val: result.val });
  if (result.val) return ok();
  const next = await begin(state, cas, cas.key);
  return next.tag === 'ok' ? err({ tag: 'cas-failed', val: next.val }) : err({ tag: 'store-error', val: next.val });
}

const atomics = defineInterface<OpenStores>(SERVICE, 'wasi:keyvalue/atomics', VERSION, {
  signatures: signatures['wasi:keyvalue/atomics@0.2.0-draft2'],
  resources: [resource('cas', (_: OpenStores, cas: Cas) => cas.held.release())],
  functions: {
    increment: suspending((state: OpenStores, { store }: OpenStore, key: string, delta: bigint) =>
      call(state, (operation) => store.increment(key, delta, operation)),
    ),
    '[static]cas.new': suspending(begin),
    '[method]cas.current': lending(
      suspending((state: OpenStores, cas: Cas) => call(state, (operation) => observe(cas, operation))),
      lowered,
    ),
    swap: suspending((state: OpenStores, cas: Cas, value: Uint8Array) =>
      swapped(
        state,
        cas,
        call(state, (operation) => cas.store.swap(cas.key, cas.expected, value, operation)),
      ),
    ),
  },
});

export const wasiKeyValueInterfaces = [store, batch, atomics];
