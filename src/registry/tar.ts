// Archives of files, gzipped, the same bytes for the same files: sorted, with one time, one user, and no name of a machine.
import { createReadStream } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { createTarDecoder, createTarPacker } from 'modern-tar';

export interface TarFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly content: Uint8Array | { readonly file: string };
  /** Bytes. */
  readonly size: number;
  /** Permission bits; those of a file that all may read by default. */
  readonly mode?: number;
}

export interface TarLink {
  readonly path: string;
  readonly target: string;
}

export interface TarOptions {
  /** The time of all entries, in seconds since 1970. */
  readonly seconds: number;
  /** Whether the folders above the files are entries, too. */
  readonly folders?: boolean;
}

/** The bytes of the archive, not compressed. */
export function tarOf(entries: readonly (TarFile | TarLink)[], { seconds, folders = true }: TarOptions): Readable {
  const { readable, controller } = createTarPacker();
  const common = { mtime: new Date(seconds * 1000), uid: 0, gid: 0, uname: '', gname: '' };
  const all = folders ? [...foldersAbove(entries).map((path) => ({ path: `${path}/` })), ...entries] : [...entries];
  const sorted = all.sort((a, b) => (a.path < b.path ? -1 : 1));
  const write = async (): Promise<void> => {
    for (const entry of sorted) {
      const { path: name } = entry;
      if ('target' in entry) {
        await controller
          .add({ ...common, name, type: 'symlink', linkname: entry.target, size: 0, mode: 0o777 })
          .close();
      } else if ('content' in entry) {
        const { content, size, mode = 0o644 } = entry;
        const body = controller.add({ ...common, name, type: 'file', size, mode });
        await Readable.toWeb('file' in content ? createReadStream(content.file) : Readable.from([content])).pipeTo(
          body,
        );
      } else {
        await controller.add({ ...common, name, type: 'directory', size: 0, mode: 0o755 }).close();
      }
    }
    controller.finalize();
  };
  write().catch((error: unknown) => controller.error(error));
  return Readable.fromWeb(readable);
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
