// The file of one prepared component: a head that is read first, and a body, each with its length and checksum.
// Knows nothing of what they hold. Every length is held against the size of the file before anything is allocated.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Another number for another format. */
const MAGIC = 'MAYFLY01';
/** Magic, length and checksum of the head, length and checksum of the body. Little endian, 32 bits each. */
const PREFIX_BYTES = 24;
/** How much is read at first, which holds most heads. */
const FIRST_READ = 128 * 1024;
/** Bytes. */
const LONGEST_BODY = 0x7fff_ffff;

export interface StoredFile {
  readonly head: Buffer<ArrayBuffer>;
  /** Reads and checks the body. Rejects when it is damaged. */
  readonly body: Promise<Buffer<ArrayBuffer>>;
}

/** A file that cannot be used; its message says why. */
export class DamagedFile extends Error {}

/**
 * Undefined when there is none. Rejects with DamagedFile, or with an error of the system; the file is closed when the
 * body is there, or has failed.
 */
export async function openStored(path: string): Promise<StoredFile | undefined> {
  const handle = await openOwn(path);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    const first = await readAt(handle, 0, Math.min(size, FIRST_READ));
    const sizes = checkPrefix(first, size);
    const headEnd = PREFIX_BYTES + sizes.head;
    const head =
      headEnd <= first.length ? first.subarray(PREFIX_BYTES, headEnd) : await readAt(handle, PREFIX_BYTES, sizes.head);
    if (crc32(head) !== sizes.headCrc) throw new DamagedFile('its head is damaged');
    const body = readBody(handle, headEnd, sizes.body, sizes.bodyCrc);
    body.catch(() => undefined); // Whoever does not want it need not wait for it.
    return { head, body };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Never follows a link, and takes only what belongs to this user: others may have put a file there. */
async function openOwn(path: string): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const stats = await handle.stat();
  if (stats.isFile() && (process.getuid === undefined || stats.uid === process.getuid())) return handle;
  await handle.close();
  throw new DamagedFile('it is no file of this user');
}

function checkPrefix(
  bytes: Buffer,
  size: number,
): { readonly head: number; readonly headCrc: number; readonly body: number; readonly bodyCrc: number } {
  if (bytes.length < PREFIX_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new DamagedFile('it does not start as it should');
  }
  const [head, headCrc, body, bodyCrc] = [8, 12, 16, 20].map((at) => bytes.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  if (PREFIX_BYTES + head + body !== size) throw new DamagedFile('it is not as long as it should be');
  return { head, headCrc, body, bodyCrc };
}

async function readBody(
  handle: FileHandle,
  at: number,
  length: number,
  checksum: number,
): Promise<Buffer<ArrayBuffer>> {
  try {
    const body = await readAt(handle, at, length);
    if (crc32(body) !== checksum) throw new DamagedFile('its body is damaged');
    return body;
  } finally {
    await handle.close();
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) throw new DamagedFile('it is shorter than it was');
    done += bytesRead;
  }
  return buffer;
}

/** What is written to make such a file, in its order. Undefined when it would be too long. */
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
