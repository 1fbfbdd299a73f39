// Fetches the files of an app that are elsewhere, before it is loaded: each once, and all mistakes at once.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LockedApp } from '../../app/locked-app.ts';
import type { LockedFile } from '../../app/locked-file.ts';
import { mapFiles, remoteFiles } from '../../app/locked-files.ts';
import type { RegistrySource, RemoteSource, UrlSource } from '../../app/remote-source.ts';
import { MayflyError, messageOf } from '../../errors.ts';
import { type DownloadLimits, defaultDownloadLimits, fetchFile } from '../../registry/download.ts';
import { configuredRegistry } from '../../registry/package-registries.ts';
import { type FoundPackage, findPackage, noRegistry } from '../../registry/packages.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { SourceCache } from './source-cache.ts';

export interface FetchOptions {
  /** The absolute path of the cache folder; without one the files lie in a folder of their own until `close`. */
  readonly cacheDirectory: string | undefined;
  readonly log: Logger;
  readonly limits?: DownloadLimits;
}

export interface FetchedApp {
  /** The app with a path for each of its files. */
  readonly app: LockedApp;
  /** Removes what was fetched and is not kept. */
  close(): Promise<void>;
}

/** Throws `source-unavailable`, `source-digest`, or `app-invalid` with several mistakes. */
export async function fetchSources(app: LockedApp, options: FetchOptions): Promise<FetchedApp> {
  const files = remoteFiles(app);
  if (files.length === 0) return { app, close: async () => undefined };
  const { directory, close } = await folderFor(options.cacheDirectory);
  const cache = new SourceCache(directory);
  const paths = new Map<string, string>();
  const problems: MayflyError[] = [];
  for (const file of files) {
    const key = keyOf(file.remote);
    if (paths.has(key)) continue;
    try {
      if (file.remote) paths.set(key, await fetchSource(file.remote, cache, options));
    } catch (error) {
      problems.push(placed(error, file));
    }
  }
  if (problems.length > 0) {
    await close();
    const [first] = problems;
    if (first && problems.length === 1) throw first;
    throw new MayflyError('app-invalid', `"${app.name}" cannot be loaded: ${problems.length} files are missing`, {
      problems,
    });
  }
  return { app: mapFiles(app, (file) => withPath(file, paths)), close };
}

/** The folder in the cache; one of its own, which `close` removes, without a cache or where that cannot be written. */
async function folderFor(
  cacheDirectory: string | undefined,
): Promise<{ readonly directory: string; close(): Promise<void> }> {
  if (cacheDirectory !== undefined) {
    const directory = join(cacheDirectory, 'sources');
    const made = await mkdir(directory, { recursive: true, mode: 0o700 }).then(
      () => true,
      () => false,
    );
    if (made) return { directory, close: async () => undefined };
  }
  const directory = await mkdtemp(join(tmpdir(), 'mayfly-sources-'));
  return { directory, close: () => rm(directory, { recursive: true, force: true }) };
}

function withPath<File extends LockedFile>(file: File, paths: ReadonlyMap<string, string>): File {
  const path = paths.get(keyOf(file.remote));
  return path === undefined ? file : { ...file, source: path };
}

function keyOf(remote: RemoteSource | undefined): string {
  return JSON.stringify(remote ?? null);
}

async function fetchSource(remote: RemoteSource, cache: SourceCache, options: FetchOptions): Promise<string> {
  const { log, limits = defaultDownloadLimits } = options;
  const started = performance.now();
  const file = remote.kind === 'url' ? atUrl(remote, limits) : await inRegistry(remote);
  const known = cache.find(file.sha256);
  if (known !== undefined) return known;
  const path = await cache.add(file.sha256, file.url, file.fetch);
  const ms = Math.round(performance.now() - started);
  const [{ url }, digest] = [file, `sha256:${file.sha256}`];
  logEvent(log, 'source-fetched', { url, digest, ms }, `Fetched ${url} in ${ms} ms`);
  return path;

  async function inRegistry(remote: RegistrySource): Promise<FoundPackage> {
    const registry = remote.registry ?? configuredRegistry(remote.package);
    if (registry === undefined) throw noRegistry(remote);
    return findPackage(remote, registry, limits);
  }
}

function atUrl({ url, sha256 }: UrlSource, limits: DownloadLimits): FoundPackage {
  return { url, sha256, fetch: (to) => fetchFile(url, to, { limits }) };
}

/** The error with the place in the manifest that names the file. */
function placed(error: unknown, { remoteLocation: location }: LockedFile): MayflyError {
  if (!(error instanceof MayflyError)) {
    return new MayflyError('source-unavailable', `A file of the app cannot be kept: ${messageOf(error)}`, {
      location,
      cause: error,
    });
  }
  const { code, message, hint, cause } = error;
  return new MayflyError(code, message, { location, hint, ...(cause === undefined ? {} : { cause }) });
}
