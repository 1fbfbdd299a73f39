// fd_read, fd_write and their kin: bytes between the guest's buffers and files or streams. Files are read straight into
// the guest's memory where that takes no time; large pieces go over Node's threads while the guest waits.
import fs from 'node:fs';
import type { GuestMemory, HostCoreFunction } from '../../../component/types/core-host.ts';
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { type OpenFile, toOffset } from '../filesystem/open-file.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import { define, defineSuspending, type Finish } from './define.ts';
import { Errno, failWith } from './errno.ts';
import { Fdflag, type FdTable, type FileEntry, type StdinEntry, type StdoutEntry } from './fd-table.ts';
import { buffersAt, gather, scatter, totalLength, writeU32, writeU64 } from './guest-values.ts';
import { Right } from './rights.ts';

/** Bytes that are read or written on the spot, and the most that one call moves. */
const AT_ONCE = 65_536;
const AT_MOST = 1_048_576;
const MAX_OFFSET = BigInt(Number.MAX_SAFE_INTEGER);

type Buffers = readonly Uint8Array<ArrayBuffer>[];
type Moved = Promise<Finish> | undefined;

export const fdDataFunctions: Readonly<Record<string, HostCoreFunction>> = {
  fd_read: defineSuspending(
    'u32 u32 u32 u32',
    (fds, memory, fd: number, list: number, count: number, result: number) => {
      const entry = fds.get(fd);
      if (entry.kind === 'directory') failWith(Errno.isdir);
      if (entry.kind === 'output') failWith(Errno.badf);
      fds.get(fd, Right.fdRead);
      const buffers = buffersAt(memory, list, count);
      memory.check(result, 4, 4);
      if (entry.kind === 'input') return readStream(entry, memory, buffers, result);
      return readFile(fds, entry.descriptor.file, entry.position, memory, buffers, result, (size) => {
        entry.position += BigInt(size);
      });
    },
  ),
  fd_pread: defineSuspending(
    'u32 u32 u32 u64 u32',
    (fds, memory, fd: number, list: number, count: number, offset: bigint, result: number) => {
      const { descriptor } = fds.file(fd, Right.fdRead);
      const buffers = buffersAt(memory, list, count);
      memory.check(result, 4, 4);
      return readFile(fds, descriptor.file, offset, memory, buffers, result, () => {});
    },
  ),
  fd_write: defineSuspending(
    'u32 u32 u32 u32',
    (fds, memory, fd: number, list: number, count: number, result: number) => {
      const entry = fds.get(fd);
      if (entry.kind === 'directory') failWith(Errno.isdir);
      if (entry.kind === 'input') failWith(Errno.badf);
      fds.get(fd, Right.fdWrite);
      const buffers = buffersAt(memory, list, count);
      memory.check(result, 4, 4);
      if (entry.kind === 'output') return writeStream(fds, entry, memory, buffers, result);
      return writeFile(fds, entry, startOf(entry), memory, buffers, result, (end) => {
        entry.position = BigInt(end);
      });
    },
  ),
  fd_pwrite: defineSuspending(
    'u32 u32 u32 u64 u32',
    (fds, memory, fd: number, list: number, count: number, offset: bigint, result: number) => {
      const entry = fds.file(fd, Right.fdWrite);
      const buffers = buffersAt(memory, list, count);
      memory.check(result, 4, 4);
      return writeFile(fds, entry, toOffset(offset), memory, buffers, result, () => {});
    },
  ),
  fd_seek: define('u32 s64 u32 u32', (fds, memory, fd: number, offset: bigint, whence: number, result: number) => {
    const entry = fds.file(fd, offset === 0n && whence === Whence.current ? Right.fdTell : Right.fdSeek);
    const position = baseOf(entry, whence) + offset;
    if (position < 0n || position > 0x7fff_ffff_ffff_ffffn) failWith(Errno.inval);
    writeU64(memory, result, position);
    entry.position = position;
  }),
  fd_tell: define('u32 u32', (fds, memory, fd: number, result: number) =>
    writeU64(memory, result, fds.file(fd, Right.fdTell).position),
  ),
  fd_sync: defineSuspending('u32', (fds, _memory, fd: number) => sync(fds, fd, Right.fdSync, false)),
  fd_datasync: defineSuspending('u32', (fds, _memory, fd: number) => sync(fds, fd, Right.fdDatasync, true)),
};

const Whence = { set: 0, current: 1, end: 2 } as const;

function baseOf(entry: FileEntry, whence: number): bigint {
  if (whence === Whence.set) return 0n;
  if (whence === Whence.current) return entry.position;
  if (whence !== Whence.end) failWith(Errno.inval);
  return fs.fstatSync(entry.descriptor.file.fd, { bigint: true }).size;
}

/** The offset at which fd_write writes. Appending finds the end anew each time. */
function startOf({ flags, position, descriptor }: FileEntry): number {
  return (flags & Fdflag.append) === 0 ? toOffset(position) : fs.fstatSync(descriptor.file.fd).size;
}

/** Reads a file. `moved` is called with the number of bytes that were read. */
function readFile(
  fds: FdTable,
  file: OpenFile,
  offset: bigint,
  memory: GuestMemory,
  buffers: Buffers,
  result: number,
  moved: (size: number) => void,
): Moved {
  // An offset that large is past the end of any file.
  const start = Number(offset > MAX_OFFSET ? MAX_OFFSET : offset);
  const length = Math.min(totalLength(buffers), AT_MOST);
  const done = (size: number): void => {
    moved(size);
    writeU32(memory, result, size);
  };
  if (length <= AT_ONCE) {
    done(readNow(file, start, buffers, length));
    return undefined;
  }
  const reading = whileHeld(fds, length, () => file.read(length, start));
  return reading.then((bytes) => () => {
    scatter(bytes, sameBuffers(memory, buffers));
    done(bytes.length);
  });
}

function readNow(file: OpenFile, start: number, buffers: Buffers, length: number): number {
  let size = 0;
  for (const buffer of buffers) {
    const wanted = Math.min(buffer.length, length - size);
    if (wanted === 0) continue;
    const read = fs.readSync(file.fd, buffer, 0, wanted, start + size);
    size += read;
    if (read < wanted) break;
  }
  return size;
}

/** The guest's buffers again: after a wait the memory may have another buffer. */
function sameBuffers({ bytes }: GuestMemory, buffers: Buffers): Buffers {
  return buffers.map(({ byteOffset, length }) => bytes.subarray(byteOffset, byteOffset + length));
}

/** Writes a file. `moved` is called with the offset at which what was written ends. */
function writeFile(
  fds: FdTable,
  { descriptor, flags: fdflags }: FileEntry,
  start: number,
  memory: GuestMemory,
  buffers: Buffers,
  result: number,
  moved: (end: number) => void,
): Moved {
  const { file, flags } = descriptor;
  const appends = (fdflags & Fdflag.append) !== 0;
  if (!flags.write) failWith(Errno.badf);
  // What is appended goes out at once, so that nobody else can write at the same end meanwhile.
  const bytes = gather(buffers, appends ? AT_ONCE : AT_MOST);
  const done = (size: number): void => {
    moved(start + size);
    writeU32(memory, result, size);
  };
  if (bytes.length > AT_ONCE) {
    return whileHeld(fds, bytes.length, () => file.write(bytes, start)).then((size) => () => done(size));
  }
  done(file.writeNow(bytes, start));
  return undefined;
}

function readStream({ stream, flags }: StdinEntry, memory: GuestMemory, buffers: Buffers, result: number): Moved {
  const length = Math.min(totalLength(buffers), AT_MOST);
  const take = (into: Buffers): undefined => {
    const bytes = length === 0 ? undefined : stream.read(length);
    if (bytes?.length === 0) failWith(Errno.again);
    if (bytes) scatter(bytes, into);
    writeU32(memory, result, bytes?.length ?? 0);
    return undefined;
  };
  const wait = length === 0 || (flags & Fdflag.nonblock) !== 0 ? undefined : stream.ready();
  if (wait === undefined) return take(buffers);
  return untilReady(stream, wait).then(() => () => take(sameBuffers(memory, buffers)));
}

async function untilReady(stream: InputStream | OutputStream, first: Promise<void>): Promise<void> {
  for (let wait: Promise<void> | undefined = first; wait !== undefined; wait = stream.ready()) await wait;
}

function writeStream(
  fds: FdTable,
  { stream, flags }: StdoutEntry,
  memory: GuestMemory,
  buffers: Buffers,
  result: number,
): Moved {
  const bytes = gather(buffers, AT_MOST);
  const size = put(stream, bytes);
  if (size === bytes.length || (flags & Fdflag.nonblock) !== 0) {
    if (size === 0 && bytes.length > 0) failWith(Errno.again);
    writeU32(memory, result, size);
    return undefined;
  }
  const writing = whileHeld(fds, bytes.length, () => putAll(stream, bytes.subarray(size)));
  return writing.then(() => () => writeU32(memory, result, bytes.length));
}

/** Runs a call that waits, and counts the bytes that it holds outside of the guest's memory meanwhile. */
function whileHeld<T>({ state }: FdTable, bytes: number, run: () => Promise<T>): Promise<T> {
  const held = new HeldBytes(state.hostBytes);
  held.set(bytes);
  return run().finally(() => held.release());
}

/** Writes what the stream takes now, and gives the number of bytes. Throws `pipe` when nobody reads it any more. */
function put(stream: OutputStream, bytes: Uint8Array): number {
  const size = Math.min(stream.checkWrite() ?? failWith(Errno.pipe), bytes.length);
  if (size > 0) stream.write(bytes.subarray(0, size));
  return size;
}

async function putAll(stream: OutputStream, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0; rest = rest.subarray(put(stream, rest))) await stream.ready();
}

function sync(fds: FdTable, fd: number, right: bigint, onlyData: boolean): Moved {
  const entry = fds.get(fd, right);
  if (entry.kind !== 'file' || !entry.descriptor.flags.write) return undefined;
  return entry.descriptor.file.sync(onlyData).then(() => () => {});
}
