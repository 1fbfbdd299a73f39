// Random bytes from the system's generator, drawn in blocks since most requests want only a few. WIT is not known here.
import { randomFillSync } from 'node:crypto';
import { Trap } from '../../../errors.ts';

/**
 * The most bytes of one call, as in Wasmtime. A guest that asks for more traps: the host makes all of them before the
 * guest has any, in a fifth of a second.
 */
export const MAX_RANDOM = 64 * 1024 * 1024;
const BLOCK = 4096;

function check(length: number | bigint): void {
  if (length > MAX_RANDOM) throw new Trap(`Limit reached: random bytes of one call (${MAX_RANDOM}), ${length} wanted`);
}

/** Fills `target`. Throws a Trap above MAX_RANDOM. */
export function fillRandom(target: Uint8Array<ArrayBuffer>): void {
  check(target.length);
  randomFillSync(target);
}

/** Makes random bytes. Throws a Trap above MAX_RANDOM. */
export function randomBytes(length: bigint): Uint8Array {
  check(length);
  const size = Number(length);
  if (size > BLOCK / 8) return randomFillSync(new Uint8Array(size));
  const place = take(size);
  const bytes = block.slice(place, place + size);
  block.fill(0, place, place + size);
  return bytes;
}

export function randomU64(): bigint {
  const place = take(8);
  const value = view.getBigUint64(place, true);
  view.setBigUint64(place, 0n);
  return value;
}

/**
 * Takes `size` fresh bytes of the block, and gives their offset. The callers overwrite what was given out, so that it
 * is never kept.
 */
function take(size: number): number {
  if (used + size > BLOCK) {
    randomFillSync(block);
    used = 0;
  }
  used += size;
  return used - size;
}

const block = new Uint8Array(BLOCK);
const view = new DataView(block.buffer);
let used = BLOCK;
