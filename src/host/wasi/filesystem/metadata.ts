// What guests may know about a file: type, size, times and a hash that tells versions apart. No inode, no owner, no mode.
import { hash, randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type Datetime, wallNow } from '../clocks/clocks.ts';
import { fail } from './error-code.ts';
import type { MountNode } from './mount-tree.ts';

export type DescriptorType =
  | 'unknown'
  | 'block-device'
  | 'character-device'
  | 'directory'
  | 'fifo'
  | 'symbolic-link'
  | 'regular-file'
  | 'socket';

export interface DescriptorStat {
  readonly type: DescriptorType;
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly dataAccessTimestamp: Datetime | undefined;
  readonly dataModificationTimestamp: Datetime | undefined;
  readonly statusChangeTimestamp: Datetime | undefined;
}

export interface MetadataHash {
  readonly lower: bigint;
  readonly upper: bigint;
}

export type NewTimestamp =
  | { readonly tag: 'no-change' }
  | { readonly tag: 'now' }
  | { readonly tag: 'timestamp'; readonly val: Datetime };

/** What lies at a place: an object of the disk, or a directory that only the mounts make. */
export type Facts = BigIntStats | MountNode;

type TypeTests = Record<
  'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO' | 'isSocket' | 'isBlockDevice' | 'isCharacterDevice',
  () => boolean
>;

export function typeOf(entry: TypeTests): DescriptorType {
  if (entry.isFile()) return 'regular-file';
  if (entry.isDirectory()) return 'directory';
  if (entry.isSymbolicLink()) return 'symbolic-link';
  if (entry.isFIFO()) return 'fifo';
  if (entry.isSocket()) return 'socket';
  if (entry.isBlockDevice()) return 'block-device';
  return entry.isCharacterDevice() ? 'character-device' : 'unknown';
}

export function describe(facts: Facts): DescriptorStat {
  if ('children' in facts) return mountStat;
  return {
    type: typeOf(facts),
    linkCount: facts.nlink,
    size: facts.size,
    dataAccessTimestamp: toDatetime(facts.atimeNs),
    dataModificationTimestamp: toDatetime(facts.mtimeNs),
    statusChangeTimestamp: toDatetime(facts.ctimeNs),
  };
}

export function isDirectory(facts: Facts): boolean {
  return 'children' in facts || facts.isDirectory();
}

export function isSame(a: Facts, b: Facts): boolean {
  if ('children' in a || 'children' in b) return a === b;
  return a.dev === b.dev && a.ino === b.ino;
}

/** A hash that changes when the object is modified or replaced. The secret keeps inode numbers from being guessed. */
export function hashOf(facts: Facts): MetadataHash {
  const parts = 'children' in facts ? ['mount', facts.id] : [facts.dev, facts.ino, facts.size, facts.mtimeNs];
  const digest = hash('sha256', `${secret} ${parts.join(' ')}`, 'buffer');
  return { lower: digest.readBigUInt64LE(0), upper: digest.readBigUInt64LE(8) };
}

/** A number, never 0, that tells objects apart as an inode number does, for the versions of WASI that have one. */
export function inodeOf(facts: Facts): bigint {
  const parts = 'children' in facts ? ['mount', facts.id] : [facts.dev, facts.ino];
  return hash('sha256', `${secret} inode ${parts.join(' ')}`, 'buffer').readBigUInt64LE(0) | 1n;
}

/**
 * Turns a timestamp into seconds as node:fs takes them, which keeps microseconds. Throws `invalid` for nanoseconds that
 * are a second or more, `overflow` for times beyond what file systems hold.
 */
export function toSeconds(timestamp: NewTimestamp, unchangedNs: bigint): number {
  if (timestamp.tag === 'no-change') return Number(unchangedNs / 1000n) / 1e6;
  const { seconds, nanoseconds } = timestamp.tag === 'now' ? wallNow() : timestamp.val;
  if (nanoseconds >= 1_000_000_000) fail('invalid');
  if (seconds > MAX_SECONDS) fail('overflow');
  return Number(seconds) + nanoseconds / 1e9;
}

function toDatetime(ns: bigint): Datetime | undefined {
  if (ns < 0n) return undefined;
  return { seconds: ns / 1_000_000_000n, nanoseconds: Number(ns % 1_000_000_000n) };
}

/** The last second, about that of the year 10,000; a double keeps microseconds until there. */
const MAX_SECONDS = 253_402_300_799n;
const secret = randomBytes(16).toString('hex');
const mountStat: DescriptorStat = {
  type: 'directory',
  linkCount: 1n,
  size: 0n,
  dataAccessTimestamp: undefined,
  dataModificationTimestamp: undefined,
  statusChangeTimestamp: undefined,
};
