// The bytes of an image in a file without a name (memfd) that nobody can change any more, not even this process.
// Pages that hold only zeros stay holes. It maps nothing.
import { closeSync, ftruncateSync, writeSync } from 'node:fs';
import { MayflyError } from '../../errors.ts';
import type { Libc } from './libc.ts';
import { nonZeroRuns } from './zero-runs.ts';

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
/** Linux 6.3 and later; some systems insist on it (vm.memfd_noexec=2). */
const MFD_NOEXEC_SEAL = 8;
const F_ADD_SEALS = 1033;
const SEAL_SEAL_SHRINK_GROW_WRITE = 0xf;

/** A descriptor that the caller closes. Throws 'sandbox-exhausted' when the system has no descriptor or memory left. */
export function createSealedFile(libc: Libc, bytes: Uint8Array): number {
  const fd = createFile(libc);
  try {
    ftruncateSync(fd, bytes.byteLength);
    for (const { start, end } of nonZeroRuns(bytes, libc.pageSize)) writeAll(fd, bytes, start, end);
  } catch (cause) {
    closeSync(fd);
    throw new MayflyError('sandbox-exhausted', `Cannot keep a memory image of ${bytes.byteLength} bytes`, { cause });
  }
  if (libc.fcntl(fd, F_ADD_SEALS, SEAL_SEAL_SHRINK_GROW_WRITE) === 0) return fd;
  const reason = libc.errno();
  closeSync(fd);
  throw new MayflyError('internal', `Cannot seal a memory image: ${reason}`);
}

function createFile(libc: Libc): number {
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  let fd = libc.memfdCreate('mayfly-image', flags | MFD_NOEXEC_SEAL);
  if (fd < 0) fd = libc.memfdCreate('mayfly-image', flags);
  if (fd < 0) throw new MayflyError('sandbox-exhausted', `Cannot create a memory image: ${libc.errno()}`);
  return fd;
}

function writeAll(fd: number, bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; ) at += writeSync(fd, bytes, at, end - at, at);
}
