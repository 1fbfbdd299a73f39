// Fetches a blob into a file: a download that breaks off goes on where it was, and only bytes with the digest that the
// manifest names are kept.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { MayflyError } from '../errors.ts';
import { unavailable } from './download.ts';
import type { Descriptor } from './oci.ts';
import { isPassing, type Repository, wrongDigest } from './repository.ts';

const ATTEMPTS = 4;

/**
 * Fetches a blob into `path`, which may hold the beginning of it. Throws `source-unavailable`, and leaves what came so
 * far; `source-digest` when it is another blob.
 */
export async function fetchBlob(
  repository: Repository,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  path: string,
): Promise<void> {
  const url = repository.url(`/blobs/${digest}`);
  if (size > repository.limits.bytes) throw unavailable(url, `it has more than ${repository.limits.bytes} bytes`);
  const handle = await open(path, 'a', 0o600);
  try {
    for (let attempt = 1; (await handle.stat()).size < size; attempt++) {
      const failure = await fetchRest(repository, url, handle, size).then(
        () => unavailable(url, `it ends before its ${size} bytes`),
        (error: unknown) => (isPassing(error) ? (error as MayflyError) : Promise.reject(error)),
      );
      if ((await handle.stat()).size < size && attempt >= ATTEMPTS) throw failure;
    }
  } finally {
    await handle.close();
  }
  const has = await digestOfFile(path);
  if (has === digest && (await stat(path)).size === size) return;
  await (await open(path, 'w')).close();
  throw wrongDigest(url, has, digest);
}

/** Fetches what the file does not have yet. */
async function fetchRest(repository: Repository, url: string, handle: FileHandle, size: number): Promise<void> {
  let has = (await handle.stat()).size;
  const headers = has > 0 ? { range: `bytes=${has}-` } : {};
  const answer = await repository.ask(
    url,
    { headers, limits: repository.limits, isChecked: true, attempts: 1 },
    [200, 206],
  );
  if (answer.status === 200 && has > 0) {
    await handle.truncate(0);
    has = 0;
  }
  for await (const piece of answer.pieces()) {
    has += piece.length;
    if (has > size) throw unavailable(url, `it has more than the ${size} bytes that its manifest says`);
    await handle.writeFile(piece);
  }
}

/** The digest of a file, with its algorithm before it. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest('hex')}`;
}
