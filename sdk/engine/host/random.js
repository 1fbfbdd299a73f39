// Random values: from the host for cryptography, and a generator that is seeded anew in each request for Math.random.
import { getRandomBytes } from 'wasi:random/random@0.2.10';

let isServing = false;
let state = 0n;

/** The next Math.random of a request comes from a seed of its own. */
export function beginRandom() {
  isServing = true;
  state = 0n;
}

/** Whether there is a request, or another call: before, a program has no permissions. */
export const hasRequest = () => isServing;

export function randomBytes(length) {
  if (!isServing) {
    throw new Error(
      'Random values at the top level of a program would be the same in all requests: ask for them in the handler',
    );
  }
  return getRandomBytes(length);
}

const MASK = (1n << 64n) - 1n;

/** SplitMix64 (Steele, Lea and Flood, 2014). Without a request it begins with the same number each time. */
export function mathRandom() {
  if (state === 0n) {
    state = 0x9e37_79b9n;
    if (isServing) for (const byte of randomBytes(8)) state = (state << 8n) | BigInt(byte);
  }
  state = (state + 0x9e37_79b9_7f4a_7c15n) & MASK;
  let mixed = state;
  mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK;
  mixed = ((mixed ^ (mixed >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK;
  return Number((mixed ^ (mixed >> 31n)) >> 11n) / 2 ** 53;
}
