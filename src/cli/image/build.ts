// `mayfly image build`: an app with Mayfly and all that they need as an image, without Docker.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ReadApp, readApp } from '../../app/lock.ts';
import { MayflyError, messageOf } from '../../errors.ts';
import { appEntries } from '../../image/app-entries.ts';
import { ownArguments, PORT, USER } from '../../image/container.ts';
import { debianBase } from '../../image/debian.ts';
import { type Image, makeImage } from '../../image/image.ts';
import { type ImageLayer, writeLayer } from '../../image/layer.ts';
import { writeFiles } from '../../image/layout.ts';
import type { Platform } from '../../image/platform.ts';
import { baseFromLayout, baseFromRegistry } from '../../image/read-base.ts';
import { type SoftwareComponent, sbomOf } from '../../image/sbom.ts';
import { BlobCache } from '../../registry/blob-cache.ts';
import { digestOfFile } from '../../registry/fetch-blob.ts';
import { type Annotations, APP_LAYER_LABEL, jsonBytes } from '../../registry/oci.ts';
import { parseReference } from '../../registry/reference.ts';
import { Repository } from '../../registry/repository.ts';
import { fileOf, secondsOf, type TarEntry } from '../../registry/tar.ts';
import { fetchSources } from '../../runtime/sources/fetch-sources.ts';
import type { Logger } from '../../telemetry/log.ts';
import { createLog } from '../log.ts';
import { paint, say } from '../ui.ts';
import { packPrograms } from './programs.ts';
import { entriesBelow, nodeProgram, stageMayfly, versionOfMayfly } from './stage.ts';

const MAYFLY = 'opt/mayfly';
const CACHE = 'var/cache/mayfly';

export interface ImageOptions {
  readonly from: string;
  readonly profile?: string | undefined;
  /** A reference, `oci:` with a folder, or undefined for packages of Debian. */
  readonly base?: string | undefined;
  readonly platforms: readonly Platform[];
  readonly annotations: Annotations;
  readonly created: Date;
  readonly cacheDirectory: string;
  readonly insecure?: boolean | undefined;
}

export interface BuiltImages {
  readonly name: string;
  readonly images: readonly Image[];
  /** Removes the layers, which lie in a folder for temporary files. */
  close(): void;
}

export async function buildImages(options: ImageOptions): Promise<BuiltImages> {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-image-'));
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    return { ...(await buildIn(folder, options)), close };
  } catch (error) {
    close();
    throw error;
  }
}

async function buildIn(folder: string, options: ImageOptions): Promise<Omit<BuiltImages, 'close'>> {
  const app = await readApp(options.from, { profile: options.profile });
  const log = createLog({ verbose: false, quiet: false, directory: undefined, write: say, paint });
  const fetched = await fetchSources(app.locked, { cacheDirectory: options.cacheDirectory, log });
  try {
    const common = await commonLayers(folder, { ...app, locked: fetched.app }, options, log);
    const images: Image[] = [];
    for (const platform of options.platforms) images.push(await buildFor(platform, folder, app, common, options));
    return { name: app.locked.name, images };
  } finally {
    await fetched.close();
  }
}

interface Common {
  readonly mayfly: ImageLayer;
  readonly app: ImageLayer;
  readonly prepared: ImageLayer;
  readonly software: readonly SoftwareComponent[];
}

/** What is the same on every platform: Mayfly, the app, and its prepared components, which hold no machine code. */
async function commonLayers(
  folder: string,
  app: ReadApp,
  { created, cacheDirectory }: ImageOptions,
  log: Logger,
): Promise<Common> {
  const seconds = secondsOf(created);
  const stage = join(folder, 'mayfly');
  const programs = await packPrograms(app.locked, cacheDirectory, log);
  await stageMayfly(stage, programs.engines, seconds);
  const { entries, software } = await appEntries(app, programs.texts);
  const mayfly = await writeLayer(entriesBelow(stage, MAYFLY), { folder, seconds, createdBy: 'mayfly' });
  const appLayer = await writeLayer(entries, { folder, seconds, createdBy: 'app' });
  const cache = join(folder, 'cache');
  await writeFiles(join(folder, 'app'), entries);
  await prepare(stage, join(folder, 'app', 'spin.toml'), cache);
  const owned = (path: string): TarEntry => ({ path, isFolder: true, mode: 0o700, owner: USER });
  const prepared = await writeLayer(
    [
      owned(CACHE),
      owned(`${CACHE}/components`),
      ...entriesBelow(join(cache, 'mayfly'), CACHE, USER).filter(({ path }) => !path.endsWith('.seen')),
      // Where an app keeps its data, if a volume is mounted there, and where it may write what is temporary.
      owned('state'),
      { path: 'tmp', isFolder: true, mode: 0o1777 },
    ],
    { folder, seconds, createdBy: 'prepared components' },
  );
  const version = versionOfMayfly(stage);
  return { mayfly, app: appLayer, prepared, software: [{ name: 'mayfly', version, type: 'application' }, ...software] };
}

/** Runs the Mayfly of the image, by which what is prepared is known. */
async function prepare(stage: string, manifest: string, cache: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const program = join(stage, 'bin', 'mayfly.mjs');
  const { NODE_OPTIONS: _, ...env } = process.env;
  try {
    await promisify(execFile)(process.execPath, [program, 'image', 'prepare', manifest], {
      env: { ...env, XDG_CACHE_HOME: cache },
    });
  } catch (cause) {
    const said = Object(cause) as { readonly stderr?: string };
    throw new MayflyError('image-build', `The app cannot be prepared: ${said.stderr?.trim() || messageOf(cause)}`, {
      cause,
    });
  }
}

async function buildFor(
  platform: Platform,
  folder: string,
  { locked }: ReadApp,
  common: Common,
  options: ImageOptions,
): Promise<Image> {
  const { created, annotations } = options;
  const seconds = secondsOf(created);
  const { layers: base, software: ofBase } = await baseOf(folder, platform, seconds, options);
  const program = await nodeProgram(folder, platform);
  const node = await writeLayer(
    [{ path: 'usr/local/bin/node', size: statSync(program).size, mode: 0o755, content: { file: program } }],
    { folder, seconds, createdBy: `node ${platform.architecture}` },
  );
  const ofNode = {
    name: 'node',
    version: process.version.slice(1),
    type: 'application',
    sha256: (await digestOfFile(program)).replace('sha256:', ''),
  } as const;
  const software = [...ofBase, ofNode, ...common.software];
  const sbom = jsonBytes(sbomOf(software, { name: locked.name, version: locked.version, created }));
  const bill = await writeLayer([fileOf('usr/share/sbom/image.cdx.json', sbom)], {
    folder,
    seconds,
    createdBy: `software bill of materials ${platform.architecture}`,
  });
  const described = Object.fromEntries(
    Object.entries({ title: locked.name, version: locked.version, description: locked.description }).flatMap(
      ([key, value]) => (value === undefined ? [] : [[`org.opencontainers.image.${key}`, value]]),
    ),
  );
  return makeImage({
    platform,
    layers: [...base, node, common.mayfly, common.app, common.prepared, bill],
    process: {
      entrypoint: ['/usr/local/bin/node', `/${MAYFLY}/bin/mayfly.mjs`],
      command: ownArguments,
      environment: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        SPIN_HTTP_LISTEN_ADDR: `0.0.0.0:${PORT}`,
        XDG_CACHE_HOME: '/var/cache',
        SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt',
        NODE_ENV: 'production',
      },
      user: `${USER}:${USER}`,
      workingDirectory: '/',
      ports: [PORT],
    },
    labels: { ...described, [APP_LAYER_LABEL]: common.app.blob.digest },
    annotations: { ...described, 'org.opencontainers.image.created': created.toISOString(), ...annotations },
    created,
  });
}

async function baseOf(
  folder: string,
  platform: Platform,
  seconds: number,
  { base, cacheDirectory, insecure }: ImageOptions,
): Promise<{ readonly layers: readonly ImageLayer[]; readonly software: readonly SoftwareComponent[] }> {
  if (base === undefined) {
    const { entries, software } = await debianBase(folder, platform);
    return {
      software,
      layers: [await writeLayer(entries, { folder, seconds, createdBy: `debian ${platform.architecture}` })],
    };
  }
  if (base.startsWith('oci:')) return { software: [], layers: await baseFromLayout(base.slice(4), platform) };
  const reference = parseReference(base);
  const repository = new Repository(reference.registry, reference.repository, { insecure });
  const blobs = new BlobCache(join(cacheDirectory, 'registry', 'blobs'));
  return { software: [], layers: await baseFromRegistry(repository, reference, blobs, platform) };
}
