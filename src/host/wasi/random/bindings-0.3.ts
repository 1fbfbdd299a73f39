// wasi:random@0.3: random, insecure and insecure-seed; the insecure ones are just as random.
import { freeBytes } from '../../../component/types/byte-buffers.ts';
import { defineInterface, lending } from '../../service.ts';
import { MAX_RANDOM, randomBytes, randomU64 } from './random.ts';

/** Gives random bytes. The length is the most that the guest wants: it asks again when it gets less. */
const upTo = (_state: unknown, most: bigint): Uint8Array => randomBytes(most > MAX_RANDOM ? BigInt(MAX_RANDOM) : most);

/** The seed of each guest, which stays the same for as long as the guest lives. */
const seeds = new WeakMap<object, readonly [bigint, bigint]>();

function seedOf(state: object): readonly [bigint, bigint] {
  const seed = seeds.get(state) ?? [randomU64(), randomU64()];
  seeds.set(state, seed);
  return seed;
}

const define = (name: string, functions: Parameters<typeof defineInterface<object>>[3]['functions']) =>
  defineInterface<object>('wasi', `wasi:random/${name}`, '0.3.0', { functions });

export const randomInterfaces03 = [
  define('random', { 'get-random-bytes': lending(upTo, freeBytes), 'get-random-u64': () => randomU64() }),
  define('insecure', {
    'get-insecure-random-bytes': lending(upTo, freeBytes),
    'get-insecure-random-u64': () => randomU64(),
  }),
  define('insecure-seed', { 'get-insecure-seed': (state) => seedOf(state) }),
];
