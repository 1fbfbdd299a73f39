// Which files a test needs: its imports, and theirs. Files that run in processes of their own (fixtures, entries of the
// product, the command line) count as imported.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const reference =
  /(?:from|import)\s*\(?\s*'(?<imported>\.[^']+)'|(?:new URL\(\s*|import\.meta\.dirname, )'(?<beside>[^']+\.ts)'|entryFile\('(?<entry>[^']+)'\)|(?<cli>bin(?:\/|', ')mayfly\.mjs)/g;

/** What `bin/mayfly.mjs` loads. */
const CLI = 'src/cli/main.ts';

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
      .map(({ groups = {} }) => {
        const { imported, beside, entry } = groups;
        if (entry !== undefined) return `src/${entry}.ts`;
        return groups.cli === undefined ? normalize(join(dirname(file), imported ?? (beside as string))) : CLI;
      })
      .filter((path) => path.endsWith('.ts') && existsSync(join(this.#root, path)));
    this.#direct.set(file, found);
    return found;
  }
}
