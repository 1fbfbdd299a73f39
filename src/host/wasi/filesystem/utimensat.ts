// Calls utimensat(2) through node:ffi, on Linux. Where that is not available nothing happens, and the caller uses
// node:fs.
import type { NewTimestamp } from './metadata.ts';

type Ffi = typeof import('node:ffi');
type Utimensat = (path: string, times: ArrayBuffer, flags: number) => boolean;

/** Numbers of <fcntl.h> and <sys/stat.h>. */
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const UTIME_NOW = 0x3fff_ffffn;
const UTIME_OMIT = 0x3fff_fffen;

let utimensat: Utimensat | undefined | 'unknown' = 'unknown';

/** Sets the times. True when it was done. False leaves open why: node:fs says so when it tries. */
export function setTimesExactly(
  path: string,
  follow: boolean,
  access: NewTimestamp,
  modification: NewTimestamp,
): boolean {
  if (utimensat === 'unknown') utimensat = bind();
  if (utimensat === undefined) return false;
  const times = new BigInt64Array(4);
  times.set([...timespec(access), ...timespec(modification)]);
  return utimensat(path, times.buffer, follow ? 0 : AT_SYMLINK_NOFOLLOW);
}

function timespec(time: NewTimestamp): [seconds: bigint, nanoseconds: bigint] {
  if (time.tag === 'no-change') return [0n, UTIME_OMIT];
  if (time.tag === 'now') return [0n, UTIME_NOW];
  return [time.val.seconds, BigInt(time.val.nanoseconds)];
}

function bind(): Utimensat | undefined {
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) return undefined;
  try {
    const ffi = quietFfi();
    if (ffi === undefined) return undefined;
    const { functions } = ffi.dlopen(null, {
      utimensat: { return: 'int32', arguments: ['int32', 'string', 'uint64', 'int32'] },
    } as const);
    return (path, times, flags) => functions.utimensat(AT_FDCWD, path, ffi.getRawPointer(times), flags) === 0;
  } catch {
    return undefined;
  }
}

/** Loads node:ffi without Node's warning about experimental modules. */
function quietFfi(): Ffi | undefined {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:ffi');
  } finally {
    process.emitWarning = emitWarning;
  }
}
