// Values in the guest's memory: strings, lists of buffers, and the records of preview1, all bounds-checked.
// Pointers that are out of bounds or misaligned trap, as the witx documents demand.
import type { GuestMemory } from '../../../component/types/core-host.ts';
import { type DescriptorType, describe, type Facts, inodeOf } from '../filesystem/metadata.ts';
import { Errno, failWith } from './errno.ts';
import type { Rights } from './rights.ts';

/** The most bytes of a path that are looked at; the filesystem's own limit is lower. */
const MAX_PATH_BYTES = 16_384;
/** The most buffers in one call, as in Linux; more are refused. */
const MAX_BUFFERS = 1024;

export const filetypes: Readonly<Record<DescriptorType, number>> = {
  unknown: 0,
  'block-device': 1,
  'character-device': 2,
  directory: 3,
  'regular-file': 4,
  fifo: 0,
  socket: 6,
  'symbolic-link': 7,
};

export function writeU32(memory: GuestMemory, pointer: number, value: number): void {
  memory.check(pointer, 4, 4);
  memory.data.setUint32(pointer, value, true);
}

export function writeU64(memory: GuestMemory, pointer: number, value: bigint): void {
  memory.check(pointer, 8, 8);
  memory.data.setBigUint64(pointer, value, true);
}

/** A view of the guest's bytes, which must be used before anything else happens. */
export function bytesAt(memory: GuestMemory, pointer: number, length: number): Uint8Array<ArrayBuffer> {
  memory.check(pointer, length, 1);
  return memory.bytes.subarray(pointer, pointer + length);
}

export function pathAt(memory: GuestMemory, pointer: number, length: number): string {
  const bytes = bytesAt(memory, pointer, length);
  if (length > MAX_PATH_BYTES) failWith(Errno.nametoolong);
  try {
    return decoder.decode(bytes);
  } catch {
    return failWith(Errno.ilseq);
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The buffers of an (iovec | ciovec) list, as views. Throws `inval` for too many, or for more bytes than 32 bits count. */
export function buffersAt(memory: GuestMemory, pointer: number, count: number): Uint8Array<ArrayBuffer>[] {
  if (count > MAX_BUFFERS) failWith(Errno.inval);
  memory.check(pointer, count * 8, 4);
  const buffers: Uint8Array<ArrayBuffer>[] = [];
  let total = 0;
  for (let at = pointer; at < pointer + count * 8; at += 8) {
    const length = memory.data.getUint32(at + 4, true);
    buffers.push(bytesAt(memory, memory.data.getUint32(at, true), length));
    total += length;
  }
  if (total > 0xffff_ffff) failWith(Errno.inval);
  return buffers;
}

export function totalLength(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0);
}

/** Copies at most `max` bytes of the buffers into one: what is written outlives the guest's next step. */
export function gather(buffers: readonly Uint8Array[], max: number): Uint8Array {
  const all = new Uint8Array(Math.min(max, totalLength(buffers)));
  let at = 0;
  for (const buffer of buffers) {
    if (at === all.length) break;
    const part = buffer.subarray(0, all.length - at);
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Spreads `bytes`, which must fit, over the buffers. */
export function scatter(bytes: Uint8Array, buffers: readonly Uint8Array[]): void {
  let rest = bytes;
  for (const buffer of buffers) {
    if (rest.length === 0) return;
    buffer.set(rest.subarray(0, buffer.length));
    rest = rest.subarray(buffer.length);
  }
}

export function writeFilestat(memory: GuestMemory, pointer: number, facts: Facts): void {
  const { type, size, linkCount, dataAccessTimestamp, dataModificationTimestamp, statusChangeTimestamp } =
    describe(facts);
  writeStat(memory, pointer, inodeOf(facts), filetypes[type], linkCount, size, [
    dataAccessTimestamp,
    dataModificationTimestamp,
    statusChangeTimestamp,
  ]);
}

/** Writes the facts about a standard stream, of which there is nothing to know. */
export function writeStreamFilestat(memory: GuestMemory, pointer: number): void {
  writeStat(memory, pointer, 0n, filetypes.unknown, 0n, 0n, []);
}

type Time = { readonly seconds: bigint; readonly nanoseconds: number } | undefined;

function writeStat(
  memory: GuestMemory,
  pointer: number,
  inode: bigint,
  filetype: number,
  links: bigint,
  size: bigint,
  times: readonly Time[],
): void {
  memory.check(pointer, 64, 8);
  const { bytes, data } = memory;
  bytes.fill(0, pointer, pointer + 64);
  // The device is always 1: inodes are told apart by their number alone, whatever disk they are on.
  data.setBigUint64(pointer, 1n, true);
  data.setBigUint64(pointer + 8, inode, true);
  data.setUint8(pointer + 16, filetype);
  data.setBigUint64(pointer + 24, links, true);
  data.setBigUint64(pointer + 32, size, true);
  for (const [index, time] of times.entries()) {
    if (time)
      data.setBigUint64(pointer + 40 + index * 8, time.seconds * 1_000_000_000n + BigInt(time.nanoseconds), true);
  }
}

export function writeFdstat(
  memory: GuestMemory,
  pointer: number,
  filetype: number,
  flags: number,
  { base, inheriting }: Rights,
): void {
  memory.check(pointer, 24, 8);
  const { bytes, data } = memory;
  bytes.fill(0, pointer, pointer + 24);
  data.setUint8(pointer, filetype);
  data.setUint16(pointer + 2, flags, true);
  data.setBigUint64(pointer + 8, base, true);
  data.setBigUint64(pointer + 16, inheriting, true);
}
