// Which files a test needs: its imports, and theirs. Files that are named in a URL (fixtures that run in processes of
// their own) count as imported.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const reference = /(?:from|import)\s*\(?\s*'(\.[^']+)'|new URL\(\s*'(\.[^']+\.ts)'/g;

export class ImportGraph {
  readonly #root: string;
  readonly #direct = new Map<string, readonly string[]>();
  readonly #all = new Map<string, ReadonlySet<string>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Of `file`, itself among them. */
  reachable(file: string): ReadonlySet<string> {
    const known = this.#all.get(file);
    if (known) return known;
    const found = new Set([file]);
    for (const one of found) for (const next of this.#imports(one)) found.add(next);
    this.#all.set(file, found);
    return found;
  }

  #imports(file: string): readonly string[] {
    const known = this.#direct.get(file);
    if (known) return known;
    const text = readFileSync(join(this.#root, file), 'utf8').replace(
      /^import type .*$|^export type .* from .*$/gm,
      '',
    );
    const found = [...text.matchAll(reference)]
      .map(([, imported, url]) => normalize(join(dirname(file), imported ?? (url as string))))
      .filter((path) => path.endsWith('.ts') && existsSync(join(this.#root, path)));
    this.#direct.set(file, found);
    return found;
  }
}
