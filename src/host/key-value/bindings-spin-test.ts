// fermyon:spin-test-virt/key-value: the stores of a tested app, as the test sees them, and the app's calls on them.
import { Trap } from '../../errors.ts';
import { defineInterface, resource, suspending } from '../service.ts';
import type { StoreCall, TestHarness } from '../test-harness.ts';
import type { OpenStore, OpenStores } from './open-stores.ts';
import { type Answer, operate } from './operation.ts';

interface TestStore extends OpenStore {
  readonly label: string;
}

const STORE = 'fermyon:spin-test-virt/key-value/store';
const CALL = 'variant{get(string), set(tuple<string, list<u8>>), delete(string), exists(string), get-keys}';

export function spinTestKeyValue({ calls }: Pick<TestHarness, 'calls'>) {
  return defineInterface<OpenStores>('key-value', 'fermyon:spin-test-virt/key-value', undefined, {
    signatures: {
      '[static]store.open': `func(string) -> own<${STORE}>`,
      '[method]store.label': `func(borrow<${STORE}>) -> string`,
      '[method]store.get': `func(borrow<${STORE}>, string) -> option<list<u8>>`,
      '[method]store.set': `func(borrow<${STORE}>, string, list<u8>)`,
      '[method]store.delete': `func(borrow<${STORE}>, string)`,
      calls: `func() -> list<tuple<string, list<${CALL}>>>`,
      'reset-calls': 'func()',
    },
    resources: [resource('store', (state: OpenStores) => state.closed())],
    functions: {
      '[static]store.open': suspending(async (state: OpenStores, label: string): Promise<TestStore> => {
        const { store } = await okOrTrap(state.open(label), `The test cannot open the key-value store "${label}"`);
        return { store, label };
      }),
      '[method]store.label': (_state, { label }: TestStore) => label,
      '[method]store.get': suspending((state: OpenStores, { store }: TestStore, key: string) =>
        okOrTrap(operate(state, (call) => store.get(key, call))),
      ),
      '[method]store.set': suspending((state: OpenStores, { store }: TestStore, key: string, value: Uint8Array) =>
        okOrTrap(operate(state, (call) => store.set(key, value, call))),
      ),
      '[method]store.delete': suspending((state: OpenStores, { store }: TestStore, key: string) =>
        okOrTrap(operate(state, (call) => store.delete(key, call))),
      ),
      calls: (): (readonly [string, readonly StoreCall[]])[] => [...calls],
      'reset-calls': () => calls.clear(),
    },
  });
}

/** The interface has no errors: one ends the test. */
async function okOrTrap<T>(answer: Answer<T>, message = 'A key-value store failed'): Promise<T> {
  const result = await answer;
  if (result.tag === 'ok') return result.val;
  throw new Trap(`${message}: ${result.val.tag === 'other' ? result.val.val : result.val.tag}`);
}
