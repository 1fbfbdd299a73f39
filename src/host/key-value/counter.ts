// Counters of `increment` as Spin's file has them: 8 bytes, little-endian, signed.
import { StoreFault } from './store.ts';

const BYTES = 8;

/** The counter after `delta` was added to what is stored under `key`, undefined for nothing. */
export function incremented(key: string, stored: Uint8Array | undefined, delta: bigint): bigint {
  const sum = counterOf(key, stored) + delta;
  if (BigInt.asIntN(64, sum) !== sum) throw new StoreFault(`increment of "${key}" would exceed 64 bits`);
  return sum;
}

export function counterBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(BYTES);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return bytes;
}

function counterOf(key: string, stored: Uint8Array | undefined): bigint {
  if (stored === undefined) return 0n;
  if (stored.byteLength !== BYTES) {
    throw new StoreFault(`the value of "${key}" is no counter: it has ${stored.byteLength} bytes, not ${BYTES}`);
  }
  return new DataView(stored.buffer, stored.byteOffset).getBigInt64(0, true);
}
