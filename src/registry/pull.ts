// Pulls an app or a component into a folder of the cache, from where it is served like one that was written there: the
// manifest of what is pulled passes all checks of a manifest. What was pulled before is checked, and fetched again where
// it is not what it was.
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, link, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'smol-toml';
import { MayflyError, messageOf } from '../errors.ts';
import { COMPONENT, findWhole, MANIFEST, makeFolder, type PulledFolder } from './app-folders.ts';
import { BlobCache } from './blob-cache.ts';
import { concurrently } from './concurrently.ts';
import { digestOfFile } from './fetch-blob.ts';
import { objectOf } from './json.ts';
import {
  APP_LAYER_LABEL,
  type Descriptor,
  digestOf,
  indexEntries,
  isWasm,
  type Manifest,
  mediaTypes,
  notAn,
  readManifest,
} from './oci.ts';
import { formatReference, nameIn, type Reference } from './reference.ts';
import { type FoundManifest, type RegistryOptions, Repository } from './repository.ts';
import { type AppFile, isLock, safePath, type UnpackedLock, unpackLock } from './spin/to-manifest.ts';
import { readTar } from './tar.ts';

const AT_ONCE = 4;
/** The most bytes of one app with all its files. */
const MOST_BYTES = 4 * 2 ** 30;

export interface PullOptions extends RegistryOptions {
  /** The absolute path of the cache folder. */
  readonly cacheDirectory: string;
  /** Called with the digest that the reference has, before anything of it is looked at; what it throws ends the pull. */
  readonly verify?: ((repository: Repository, digest: string) => Promise<void>) | undefined;
}

export interface Pulled extends PulledFolder {
  /** The digest of the manifest in the registry. */
  readonly digest: string;
}

/**
 * Pulls what a reference names. Throws `registry-artifact` for what is neither an app nor a component, `source-digest` for
 * bytes that are not what their digests say, `source-unavailable`, `registry-denied`.
 */
export async function pull(reference: Reference, options: PullOptions): Promise<Pulled> {
  const of = formatReference(reference);
  const folderOf = (digest: string): string =>
    join(options.cacheDirectory, 'registry', 'apps', digest.replace('sha256:', ''));
  // What a digest names is the same for ever, so that nobody has to be asked.
  const known =
    reference.digest === undefined || options.verify ? undefined : await findWhole(folderOf(reference.digest));
  if (known && reference.digest !== undefined) return { ...known, digest: reference.digest };
  const repository = new Repository(reference.registry, reference.repository, options);
  const root = await repository.manifest(nameIn(reference));
  await options.verify?.(repository, root.digest);
  const found = await findImage(repository, root, of);
  const folder = folderOf(found.digest);
  const there = await findWhole(folder);
  if (there !== undefined) return { ...there, digest: found.digest };
  const manifest = readManifest(found.value, of);
  const content = await contentOf(repository, manifest, of);
  const fetcher = createFetcher(repository, manifest, options, of);
  const placed = await makeFolder(folder, content.kind, (draft) => content.place(draft, fetcher)).catch(
    (error: unknown) => {
      if (error instanceof MayflyError) throw error;
      const message = `${of} cannot be kept in ${folder}: ${messageOf(error)}`;
      throw new MayflyError('source-unavailable', message, { cause: error });
    },
  );
  if (!placed) throw notAn(of, 'its files changed while they were written');
  return { ...placed, digest: found.digest };
}

/** The manifest itself; of an index the entry for WebAssembly, else the one for a machine like this, or the only one. */
async function findImage(repository: Repository, root: FoundManifest, of: string): Promise<FoundManifest> {
  const entries = indexEntries(root.value, of);
  if (!entries) return root;
  const forWasm = entries.filter(
    ({ platform }) => platform?.architecture === 'wasm' || platform?.os?.startsWith('wasi'),
  );
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const forThis = entries.filter(({ platform }) => platform?.os === 'linux' && platform.architecture === architecture);
  const [only, ...more] = [forWasm, forThis].find(({ length }) => length > 0) ?? entries;
  if (only && more.length === 0) return repository.manifest(only.digest);
  throw notAn(of, 'it is an index, of which it is not clear which entry is meant', imageHint);
}

const imageHint =
  "'mayfly up' runs what 'mayfly registry push', 'spin registry push' or 'mayfly image build' sent, and components";

interface Content {
  readonly kind: Pulled['kind'];
  /** Puts what an artifact holds into a folder, and gives the digests of all files by their paths there. */
  readonly place: (folder: string, fetcher: Fetcher) => Promise<ReadonlyMap<string, string>>;
}

/** What an artifact is. */
async function contentOf(repository: Repository, manifest: Manifest, of: string): Promise<Content> {
  const { config, layers } = manifest;
  const layer = layers.find(({ mediaType }) => mediaType === mediaTypes.spinApplication);
  const lock = layer ?? (isSmallJson(config) ? config : undefined);
  const value = lock && parse(await repository.blobBytes(lock));
  if (isLock(value)) return { kind: 'application', place: appContent(unpackLock(value, of), of) };
  if (layer) throw notAn(of, 'its lock is none');
  const appLayer = objectOf(objectOf(objectOf(value).config).Labels)[APP_LAYER_LABEL];
  if (appLayer !== undefined) return { kind: 'image', place: imageContent(String(appLayer), of) };
  const [only, ...more] = layers;
  if (only && isWasm(only) && more.length === 0) {
    const file = { digest: only.digest, inline: undefined, path: COMPONENT };
    return { kind: 'component', place: placing([file], of) };
  }
  throw notAn(of, `it has ${layers.length} layers, and neither the lock of an app nor one component`, imageHint);
}

function placing(files: readonly AppFile[], of: string): Content['place'] {
  return async (folder, fetcher) => {
    await place(files, folder, fetcher, of);
    return new Map(files.map(({ path, digest }) => [path, digest]));
  };
}

function appContent({ document, files }: UnpackedLock, of: string): Content['place'] {
  return async (folder, fetcher) => {
    const digests = await placing(files, of)(folder, fetcher);
    const manifest = Buffer.from(stringify(document));
    await writeFile(join(folder, MANIFEST), manifest);
    return new Map([...digests, [MANIFEST, digestOf(manifest)]]);
  };
}

/** The files of the app in an image that `mayfly image build` made. */
function imageContent(digest: string, of: string): Content['place'] {
  return async (folder, fetcher) => {
    const layer = await fetcher.blob(digest);
    if (layer === undefined) throw notAn(of, 'the layer that its label names as that of the app is missing');
    const digests = new Map<string, string>();
    await readTar(createReadStream(layer), true, async ({ name, type, body }) => {
      if (type !== 'file') return;
      const path = safePath(name, of);
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await pipeline(body, createWriteStream(join(folder, path), { flags: 'wx' }));
      digests.set(path, await digestOfFile(join(folder, path)));
    });
    if (!digests.has(MANIFEST)) throw notAn(of, `its app has no ${MANIFEST}`);
    return digests;
  };
}

/** Older versions of Spin push the lock as the config. */
function isSmallJson({ mediaType, size }: Descriptor): boolean {
  return /json$|\+config$/.test(mediaType) && size > 2 && size <= 4 * 2 ** 20;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

interface Fetcher {
  /** Gives the path of a blob of the artifact; undefined for one that is in no layer of its own. */
  blob(digest: string): Promise<string | undefined>;
  /** Gives the paths of the archives of files. */
  archives(): Promise<string[]>;
}

function createFetcher(repository: Repository, { layers }: Manifest, options: PullOptions, of: string): Fetcher {
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  if (total > MOST_BYTES) throw notAn(of, `it has ${total} bytes, and ${MOST_BYTES} are the most`);
  const cache = new BlobCache(join(options.cacheDirectory, 'registry', 'blobs'));
  const get = (layer: Descriptor): Promise<string> => cache.get(repository, layer);
  return {
    blob: async (digest) => {
      const layer = layers.find((one) => one.digest === digest);
      return layer && layer.mediaType !== mediaTypes.spinArchive ? get(layer) : undefined;
    },
    archives: () =>
      concurrently(
        layers.filter(({ mediaType }) => mediaType === mediaTypes.spinArchive),
        AT_ONCE,
        get,
      ),
  };
}

/** Puts all files of an app into a folder. */
async function place(files: readonly AppFile[], folder: string, fetcher: Fetcher, of: string): Promise<void> {
  const missing = new Map<string, AppFile[]>();
  await concurrently(files, AT_ONCE, async (file) => {
    const { digest, inline, path } = file;
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    if (inline !== undefined && digestOf(inline) === digest) return writeFile(target, inline, { flag: 'wx' });
    const blob = await fetcher.blob(digest);
    if (blob === undefined) {
      missing.set(digest, [...(missing.get(digest) ?? []), file]);
      return;
    }
    // A component is never written, so that it may be the blob itself; a file of a guest is a copy.
    const isComponent = path.endsWith('.wasm') && !path.includes('/');
    if (isComponent) await link(blob, target).catch(() => copyFile(blob, target));
    else await copyFile(blob, target);
  });
  if (missing.size > 0) await placeFromArchives(missing, folder, fetcher, of);
}

/** Takes files that are in no layer of their own out of archives, by their digests. */
async function placeFromArchives(
  missing: Map<string, AppFile[]>,
  folder: string,
  fetcher: Fetcher,
  of: string,
): Promise<void> {
  const unpacked = join(folder, '.unpacked');
  for (const archive of await fetcher.archives()) {
    await readTar(createReadStream(archive), true, async ({ type, body }) => {
      if (type !== 'file' && type !== undefined) return;
      await pipeline(body, createWriteStream(unpacked));
      const digest = await digestOfFile(unpacked);
      for (const { path } of missing.get(digest) ?? []) await copyFile(unpacked, join(folder, path));
      missing.delete(digest);
    }).catch((error: unknown) => {
      throw notAn(of, `an archive of its files is broken: ${messageOf(error)}`);
    });
  }
  await rm(unpacked, { force: true });
  const [first] = [...missing.values()].flat();
  if (first) throw notAn(of, `it lacks the file ${JSON.stringify(first.path)}, with the digest ${first.digest}`);
}
