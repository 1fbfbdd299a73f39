// Archives of files, gzipped, the same bytes for the same files: sorted, with one time, one user, and no name of a machine.
import { createReadStream } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { createTarDecoder, createTarPacker, type TarPackController } from 'modern-tar';

interface Owned {
  /** Relative, with `/`. */
  readonly path: string;
  /** Permission bits. */
  readonly mode?: number;
  /** The numbers of user and group, the same for both; root by default. */
  readonly owner?: number;
}

export interface TarFile extends Owned {
  readonly content: Uint8Array | { readonly file: string };
  /** Bytes. */
  readonly size: number;
}

export interface TarLink extends Owned {
  readonly target: string;
}

/** A folder that is not as others: those above files need not be named. */
export interface TarFolder extends Owned {
  readonly isFolder: true;
}

export type TarEntry = TarFile | TarLink | TarFolder;

/** The bytes of the archive, not compressed; all entries have the same time, in seconds since 1970. */
export function tarOf(entries: readonly TarEntry[], { seconds }: { readonly seconds: number }): Readable {
  const { readable, controller } = createTarPacker();
  const named = new Set(entries.map(({ path }) => path));
  const above = foldersAbove(entries).filter((path) => !named.has(path));
  const all: TarEntry[] = [...above.map((path) => ({ path, isFolder: true as const })), ...entries];
  const write = async (): Promise<void> => {
    for (const entry of all.sort((a, b) => (a.path < b.path ? -1 : 1))) await writeEntry(controller, entry, seconds);
    controller.finalize();
  };
  write().catch((error: unknown) => controller.error(error));
  return Readable.fromWeb(readable);
}

async function writeEntry(controller: TarPackController, entry: TarEntry, seconds: number): Promise<void> {
  const { path, owner = 0 } = entry;
  const common = { name: path, mtime: new Date(seconds * 1000), uid: owner, gid: owner, uname: '', gname: '' };
  if ('target' in entry) {
    await controller.add({ ...common, type: 'symlink', linkname: entry.target, size: 0, mode: 0o777 }).close();
  } else if ('isFolder' in entry) {
    const { mode = 0o755 } = entry;
    await controller.add({ ...common, name: `${path}/`, type: 'directory', size: 0, mode }).close();
  } else {
    const { content, size, mode = 0o644 } = entry;
    const body = controller.add({ ...common, type: 'file', size, mode });
    await Readable.toWeb('file' in content ? createReadStream(content.file) : Readable.from([content])).pipeTo(body);
  }
}

/** A small file of an archive. */
export function fileOf(path: string, content: Uint8Array<ArrayBuffer>): TarFile {
  return { path, content, size: content.length };
}

/** The time of entries, in seconds since 1970: archives know no less. */
export function secondsOf(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

/** The gzip stream that is the same on every machine with this version of Node. */
export function gzip(): ReturnType<typeof createGzip> {
  return createGzip({ level: 6 });
}

function foldersAbove(entries: readonly { readonly path: string }[]): string[] {
  const found = new Set<string>();
  for (const { path } of entries) {
    const parts = path.split('/').slice(0, -1);
    for (let count = 1; count <= parts.length; count++) found.add(parts.slice(0, count).join('/'));
  }
  return [...found];
}

export interface FoundFile {
  readonly name: string;
  readonly type: string | undefined;
  readonly linkname: string | undefined;
  readonly mode: number | undefined;
  readonly size: number;
  /** The bytes, which must be read before the next entry. */
  readonly body: Readable;
}

/** The most bytes of an archive when it is unpacked, and the most entries: it may be made to be large. */
const MOST_BYTES = 4 * 2 ** 30;
const MOST_ENTRIES = 200_000;

/** Calls `take` with each entry of an archive, gzipped or not. Rejects with what `take` throws, and for a broken archive. */
export async function readTar(
  archive: Readable,
  gzipped: boolean,
  take: (file: FoundFile) => Promise<void>,
): Promise<void> {
  const decoder = createTarDecoder({ strict: true });
  const into = Writable.fromWeb(decoder.writable);
  const fed = gzipped ? pipeline(archive, createGunzip(), bounded, into) : pipeline(archive, bounded, into);
  const read = async (): Promise<void> => {
    let count = 0;
    for await (const { header, body } of decoder.readable) {
      if (++count > MOST_ENTRIES) throw new Error(`it has more than ${MOST_ENTRIES} entries`);
      const { name, type, linkname, mode, size } = header;
      const stream = Readable.fromWeb(body);
      await take({ name, type, linkname, mode, size: size ?? 0, body: stream });
      if (!stream.readableEnded) for await (const _ of stream);
    }
  };
  await Promise.all([fed, read()]);
}

async function* bounded(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const piece of source) {
    total += piece.length;
    if (total > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES} bytes`);
    yield piece;
  }
}
