// Puts the bytes of an image into a file without a name (memfd) that nobody can change any more, not even this process.
// Pages that hold only zeros stay holes. Nothing is mapped here.
import { closeSync, ftruncateSync, writeSync } from 'node:fs';
import { MayflyError } from '../../errors.ts';
import type { Libc } from './libc.ts';
import type { SparseBytes } from './zero-runs.ts';

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
/** A flag of Linux 6.3 and later, on which some systems insist (vm.memfd_noexec=2). */
const MFD_NOEXEC_SEAL = 8;
const F_ADD_SEALS = 1033;
const SEAL_SEAL_SHRINK_GROW_WRITE = 0xf;

/**
 * Makes the file and returns its descriptor, which the caller closes. Throws 'sandbox-exhausted' when the system has no
 * descriptor or memory left.
 */
export function createSealedFile(libc: Libc, { byteLength, parts }: SparseBytes): number {
  const fd = createFile(libc);
  try {
    ftruncateSync(fd, byteLength);
    for (const { at, bytes } of parts) writeAll(fd, bytes, at);
  } catch (cause) {
    closeSync(fd);
    throw new MayflyError('sandbox-exhausted', `Cannot keep a memory image of ${byteLength} bytes`, { cause });
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

function writeAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, at + done);
}
