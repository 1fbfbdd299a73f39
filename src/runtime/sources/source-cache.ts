// Files from elsewhere in the cache folder, by their digest: what was fetched once is not fetched again, whatever app
// names it. A file counts only while its bytes have that digest.
import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MayflyError } from '../../errors.ts';
import { digestOfFile } from '../../sandbox/cache/cache-key.ts';

export class SourceCache {
  readonly #directory: string;

  /** `directory` is the absolute path of the folder, which must be there. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The absolute path of the file with this SHA-256; undefined when it is not there. */
  find(sha256: string): string | undefined {
    const path = this.#pathOf(sha256);
    try {
      return digestOfFile(path) === sha256 ? path : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Takes in what `fetch` writes to the path that it gets; `fetch` gives the digest of what it wrote. Throws
   * `source-digest` when that is another one, and leaves nothing behind.
   */
  async add(sha256: string, from: string, fetch: (path: string) => Promise<string>): Promise<string> {
    const path = this.#pathOf(sha256);
    const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
    try {
      const has = await fetch(temporary);
      if (has !== sha256) {
        throw new MayflyError('source-digest', `What ${from} gives has the digest sha256:${has}`, {
          hint: `The digest that is expected is sha256:${sha256}. Change it only if you trust the file`,
        });
      }
      await rename(temporary, path);
      return path;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  #pathOf(sha256: string): string {
    return join(this.#directory, `${sha256}.wasm`);
  }
}
