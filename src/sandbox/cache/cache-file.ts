// The file of one prepared component: a head that is read first, and a body, each with its length and checksum.
// Knows nothing of what they hold. Every length is held against the size of the file before anything is allocated.
import { closeSync, constants, fstatSync, openSync, read as readCallback, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

/** The format's name and version; a change of the format changes the number. */
const MAGIC = 'MAYFLY01';
/**
 * Bytes of magic, length and checksum of the head, length and checksum of the body. Numbers are little endian, 32 bits
 * each.
 */
const PREFIX_BYTES = 24;
/** Bytes that are read at first, which hold most heads. */
const FIRST_READ = 128 * 1024;
/** The most bytes that a body may have. */
const LONGEST_BODY = 0x7fff_ffff;

export interface StoredFile {
  readonly head: Buffer<ArrayBuffer>;
  /** Reads and checks the body, and closes the file. Rejects with DamagedFile, or with an error of the system. */
  readonly body: Promise<Buffer<ArrayBuffer>>;
}

/** A file that cannot be used; its message says why. */
export class DamagedFile extends Error {}

/**
 * Opens a stored file; undefined when there is none. Throws DamagedFile, or an error of the system. The head is read at
 * once, since a turn of the thread pool takes longer; the body, megabytes long, is then being read.
 */
export function openStored(path: string): StoredFile | undefined {
  const fd = openOwn(path);
  if (fd === undefined) return undefined;
  let isHandedOver = false;
  try {
    const { size } = fstatSync(fd);
    const first = readNow(fd, 0, Math.min(size, FIRST_READ));
    const sizes = checkPrefix(first, size);
    const headEnd = PREFIX_BYTES + sizes.head;
    const head =
      headEnd <= first.length ? first.subarray(PREFIX_BYTES, headEnd) : readNow(fd, PREFIX_BYTES, sizes.head);
    if (crc32(head) !== sizes.headCrc) throw new DamagedFile('its head is damaged');
    const body = readBody(fd, headEnd, sizes.body, sizes.bodyCrc);
    isHandedOver = true;
    return { head, body };
  } finally {
    if (!isHandedOver) closeSync(fd);
  }
}

/**
 * Opens the file, but follows no link and takes only a file that belongs to this user: others may have put one there.
 */
function openOwn(path: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const stats = fstatSync(fd);
  if (stats.isFile() && (process.getuid === undefined || stats.uid === process.getuid())) return fd;
  closeSync(fd);
  throw new DamagedFile('it is no file of this user');
}

interface Sizes {
  readonly head: number;
  readonly headCrc: number;
  readonly body: number;
  readonly bodyCrc: number;
}

function checkPrefix(bytes: Buffer, size: number): Sizes {
  if (bytes.length < PREFIX_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new DamagedFile('it does not start as it should');
  }
  const word = (index: number): number => bytes.readUInt32LE(MAGIC.length + 4 * index);
  const sizes = { head: word(0), headCrc: word(1), body: word(2), bodyCrc: word(3) };
  if (PREFIX_BYTES + sizes.head + sizes.body !== size) throw new DamagedFile('it is not as long as it should be');
  return sizes;
}

function readNow(fd: number, position: number, length: number): Buffer<ArrayBuffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const read = readSync(fd, buffer, done, length - done, position + done);
    if (read === 0) throw new DamagedFile('it is shorter than it was');
    done += read;
  }
  return buffer;
}

const read = promisify(readCallback);

async function readBody(fd: number, at: number, length: number, checksum: number): Promise<Buffer<ArrayBuffer>> {
  try {
    const body = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await read(fd, body, done, length - done, at + done);
      if (bytesRead === 0) throw new DamagedFile('it is shorter than it was');
      done += bytesRead;
    }
    if (crc32(body) !== checksum) throw new DamagedFile('its body is damaged');
    return body;
  } finally {
    closeSync(fd);
  }
}

/** The parts of such a file in the order in which they are written. Undefined when it would be too long. */
export function storedParts(head: Uint8Array, body: readonly Uint8Array[]): readonly Uint8Array[] | undefined {
  const length = body.reduce((sum, part) => sum + part.byteLength, 0);
  if (length > LONGEST_BODY) return undefined;
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt32LE(head.byteLength, 8);
  prefix.writeUInt32LE(crc32(head), 12);
  prefix.writeUInt32LE(length, 16);
  prefix.writeUInt32LE(
    body.reduce((sum, part) => crc32(part, sum), 0),
    20,
  );
  return [prefix, head, ...body];
}
