// Blobs on disk by their digests: what any app brought once is not fetched again, and what was not used for the longest
// time goes when they are more than the bound.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOfFile, fetchBlob } from './fetch-blob.ts';
import type { Descriptor } from './oci.ts';
import type { Repository } from './repository.ts';

/** Bytes of all blobs together. */
const MOST_BYTES = 4 * 2 ** 30;
/** Milliseconds in which a blob that was used is not taken away: somebody may be about to open it. */
const KEPT_MS = 600_000;

export class BlobCache {
  readonly #directory: string;
  readonly #mostBytes: number;

  /** `directory` is an absolute path; it is made when something is first kept. */
  constructor(directory: string, mostBytes = MOST_BYTES) {
    this.#directory = directory;
    this.#mostBytes = mostBytes;
  }

  /**
   * The absolute path of a blob, which is fetched when it is not there. Its bytes have the digest. Throws
   * `source-unavailable`, `source-digest`, or errors of the system.
   */
  async get(repository: Repository, descriptor: Pick<Descriptor, 'digest' | 'size'>): Promise<string> {
    const path = this.#pathOf(descriptor.digest);
    if (await isWhole(path, descriptor)) {
      await use(path);
      return path;
    }
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const begun = `${path}.part`;
    // Of several processes one goes on with what was begun.
    const own = `${path}.${randomBytes(8).toString('hex')}.tmp`;
    await rename(begun, own).catch(() => undefined);
    try {
      await fetchBlob(repository, descriptor, own);
    } catch (error) {
      await rename(own, begun).catch(() => undefined);
      throw error;
    }
    await rename(own, path);
    await this.#prune();
    return path;
  }

  /** Takes away what was not used for the longest time, as long as there is too much. */
  async #prune(): Promise<void> {
    const names = await readdir(this.#directory);
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#directory, name);
        const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: Date.now() }));
        return { path, size, mtimeMs };
      }),
    );
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size, mtimeMs } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= this.#mostBytes || Date.now() - mtimeMs < KEPT_MS) return;
      await rm(path, { force: true });
      total -= size;
    }
  }

  #pathOf(digest: string): string {
    return join(this.#directory, digest.replace('sha256:', ''));
  }
}

async function isWhole(path: string, { digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<boolean> {
  const has = await stat(path).catch(() => undefined);
  if (!has?.isFile() || has.size !== size) return false;
  return (await digestOfFile(path)) === digest;
}

async function use(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
