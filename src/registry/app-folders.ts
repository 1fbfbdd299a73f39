// Pulled apps as folders of the cache, by the digests of their manifests. A folder counts only while all its files are what
// they were; those that nobody used for the longest time go when all together are more than the bound.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { concurrently } from './concurrently.ts';
import { digestOfFile } from './fetch-blob.ts';
import { type JsonObject, objectOf } from './json.ts';

const kinds = ['application', 'component', 'image'] as const;

/** An app, a component alone, or an image with an app in it. */
export type PulledKind = (typeof kinds)[number];

export const MANIFEST = 'spin.toml';
export const COMPONENT = 'component.wasm';
/** The list of an app's files with their digests, beside them. */
const CONTENTS = 'contents.json';
const AT_ONCE = 4;
/** Bytes of all apps together. */
const MOST_BYTES = 4 * 2 ** 30;
/** Milliseconds in which an app that was used is not taken away: somebody may be about to load it. */
const KEPT_MS = 600_000;

export interface PulledFolder {
  readonly kind: PulledKind;
  /** The absolute path of the `spin.toml`, or of the component. */
  readonly path: string;
}

/** What was pulled before, if all its bytes are what they were. */
export async function findWhole(folder: string): Promise<PulledFolder | undefined> {
  const contents = await readContents(folder);
  const files = Object.entries(objectOf(contents.files));
  const kind = kinds.find((one) => one === contents.kind);
  if (files.length === 0 || kind === undefined) return undefined;
  const isSame = async ([path, digest]: [string, unknown]): Promise<boolean> =>
    (await digestOfFile(join(folder, path)).catch(() => undefined)) === digest;
  if (!(await concurrently(files, AT_ONCE, isSame)).every((same) => same)) return undefined;
  const now = new Date();
  await utimes(folder, now, now).catch(() => undefined);
  return { kind, path: join(folder, kind === 'component' ? COMPONENT : MANIFEST) };
}

/**
 * Makes a folder of what `place` puts into it; `place` gives the digests of all files by their paths. The folder is there as a
 * whole or not at all, whoever else makes it. Rejects with what `place` throws, and with errors of the system.
 */
export async function makeFolder(
  folder: string,
  kind: PulledKind,
  place: (folder: string) => Promise<ReadonlyMap<string, string>>,
  mostBytes = MOST_BYTES,
): Promise<PulledFolder | undefined> {
  const draft = `${folder}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await mkdir(draft, { recursive: true, mode: 0o700 });
    const digests = await place(draft);
    const sizes = await Promise.all([...digests.keys()].map(async (path) => (await stat(join(draft, path))).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    await writeFile(join(draft, CONTENTS), JSON.stringify({ kind, bytes, files: Object.fromEntries(digests) }));
    if (!(await moves(draft, folder))) {
      // Another process was faster, or what lies there is damaged.
      const there = await findWhole(folder);
      if (there) return there;
      await rm(folder, { recursive: true, force: true });
      await rename(draft, folder);
    }
    await prune(dirname(folder), mostBytes);
    return await findWhole(folder);
  } finally {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function moves(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

async function prune(directory: string, mostBytes: number): Promise<void> {
  const folders = await Promise.all(
    (await readdir(directory)).map(async (name) => {
      const path = join(directory, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      const { bytes } = await readContents(path);
      return { path, mtimeMs, bytes: typeof bytes === 'number' ? bytes : 0 };
    }),
  );
  let total = folders.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, mtimeMs, bytes } of folders.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= mostBytes || Date.now() - mtimeMs < KEPT_MS) return;
    await rm(path, { recursive: true, force: true });
    total -= bytes;
  }
}

/** What the folder says of itself; an empty object where it says nothing. */
async function readContents(folder: string): Promise<JsonObject> {
  try {
    return objectOf(JSON.parse(await readFile(join(folder, CONTENTS), 'utf8')));
  } catch {
    return {};
  }
}
