// Key-value stores as Spin's own interfaces have them: numbers for stores in the first, resources in the second, and in
// the third functions that a guest need not wait for. What they do is the same.
import { ProducedStream } from '../../component/types/streams.ts';
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { type GuestCall, lowered } from '../guest-call.ts';
import { defineInterface, lending, resource, suspending } from '../service.ts';
import { produceKeys } from './key-stream.ts';
import { listKeys } from './list-keys.ts';
import type { OpenStore, OpenStores } from './open-stores.ts';
import { type Answer, type KeyValueError, operate } from './operation.ts';
import signatures from './signatures.json' with { type: 'json' };
import type { Later } from './store.ts';

const SERVICE = 'key-value';

const store = resource('store', (state: OpenStores) => state.closed());

const open = suspending((state: OpenStores, label: string) => state.open(label));
const get = lending(
  suspending((state: OpenStores, { store }: OpenStore, key: string) => operate(state, (call) => store.get(key, call))),
  lowered,
);
const set = suspending((state: OpenStores, { store }: OpenStore, key: string, value: Uint8Array) =>
  operate(state, (call) => store.set(key, value, call)),
);
const remove = suspending((state: OpenStores, { store }: OpenStore, key: string) =>
  operate(state, (call) => store.delete(key, call)),
);
const exists = suspending((state: OpenStores, { store }: OpenStore, key: string) =>
  operate(state, (call) => store.exists(key, call)),
);
const getKeys = lending(
  suspending((state: OpenStores, { store }: OpenStore) => operate(state, (call) => listKeys(store, call))),
  lowered,
);

const methods = {
  '[static]store.open': open,
  '[method]store.get': get,
  '[method]store.set': set,
  '[method]store.delete': remove,
  '[method]store.exists': exists,
};

const spin2 = defineInterface<OpenStores>(SERVICE, 'fermyon:spin/key-value', '2.0.0', {
  signatures: signatures['fermyon:spin/key-value@2.0.0'],
  resources: [store],
  functions: { ...methods, '[method]store.get-keys': getKeys },
});

const spin3 = defineInterface<OpenStores>(SERVICE, 'spin:key-value/key-value', '3.0.0', {
  signatures: signatures['spin:key-value/key-value@3.0.0'],
  resources: [store],
  functions: {
    ...methods,
    '[method]store.get-keys': suspending((state: OpenStores, { store }: OpenStore) => {
      const end = Promise.withResolvers<Result<undefined, KeyValueError>>();
      const keys = new ProducedStream<string>((writer) => {
        void produceKeys(store, state, writer).then(end.resolve);
      });
      return [keys, end.promise];
    }),
  },
});

type Error1 =
  | { readonly tag: 'store-table-full' | 'no-such-store' | 'access-denied' | 'invalid-store' | 'no-such-key' }
  | { readonly tag: 'io'; readonly val: string };

const error1 = (error: KeyValueError): Error1 => (error.tag === 'other' ? { tag: 'io', val: error.val } : error);

/** Works on the store of a number, and tells errors as the first interface has them. */
function numbered<T, U = T>(
  state: OpenStores,
  number: number,
  work: (store: OpenStore['store'], call: GuestCall) => Later<T>,
  finish: (value: T) => Result<U, Error1> = (value) => ok(value as unknown as U),
): Later<Result<U, Error1>> {
  const found = state.numbered.get(number);
  if (!found) return err({ tag: 'invalid-store' });
  return adapt(
    operate(state, (call) => work(found.store, call)),
    finish,
  );
}

function adapt<T, U>(answer: Answer<T>, finish: (value: T) => Result<U, Error1>): Later<Result<U, Error1>> {
  const one = (result: Result<T, KeyValueError>): Result<U, Error1> => {
    lowered(result);
    return result.tag === 'ok' ? finish(result.val) : err(error1(result.val));
  };
  return answer instanceof Promise ? answer.then(one) : one(answer);
}

const spin1 = defineInterface<OpenStores>(SERVICE, 'fermyon:spin/key-value', undefined, {
  signatures: signatures['fermyon:spin/key-value'],
  functions: {
    open: suspending((state: OpenStores, name: string) =>
      adapt(state.open(name), (opened) => ok(state.number(opened))),
    ),
    get: suspending((state: OpenStores, number: number, key: string) =>
      numbered(
        state,
        number,
        (store, call) => store.get(key, call),
        (value) => (value === undefined ? err({ tag: 'no-such-key' }) : ok(value)),
      ),
    ),
    set: suspending((state: OpenStores, number: number, key: string, value: Uint8Array) =>
      numbered(state, number, (store, call) => store.set(key, value, call)),
    ),
    delete: suspending((state: OpenStores, number: number, key: string) =>
      numbered(state, number, (store, call) => store.delete(key, call)),
    ),
    exists: suspending((state: OpenStores, number: number, key: string) =>
      numbered(state, number, (store, call) => store.exists(key, call)),
    ),
    'get-keys': suspending((state: OpenStores, number: number) => numbered(state, number, listKeys)),
    close: (state: OpenStores, number: number) => state.closeNumber(number),
  },
});

export const spinKeyValueInterfaces = [spin1, spin2, spin3];
