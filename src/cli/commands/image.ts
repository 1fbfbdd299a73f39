// `mayfly image`: apps as images for containers.
import { type Command, Option } from 'commander';
import { MayflyError, messageOf } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { rootOf, writeArchive, writeLayout } from '../../image/layout.ts';
import { ownPlatform, parsePlatforms } from '../../image/platform.ts';
import { pushArtifact } from '../../registry/artifact.ts';
import { mediaTypes } from '../../registry/oci.ts';
import { parseReference, type Reference } from '../../registry/reference.ts';
import { Repository } from '../../registry/repository.ts';
import { secondsOf } from '../../registry/tar.ts';
import { pushManifest } from '../../registry/upload.ts';
import { addFromOption, appPath } from '../app-path.ts';
import { buildChanged } from '../build/build-changed.ts';
import { buildImages } from '../image/build.ts';
import { prepareComponents } from '../image/prepare.ts';
import { collectPair } from '../options.ts';
import { addInsecureOption, creationTime } from '../registry/options.ts';
import { usableCache } from '../registry/pulled-app.ts';
import { type BlobCounts, countBlobs, parseTarget } from '../registry/pushing.ts';
import { print, progress } from '../ui.ts';
import { cacheFolder } from '../up-options.ts';

export function define(command: Command): void {
  const build = command
    .command('build')
    .description('Build an image of an app, with Mayfly and all that it needs, without Docker')
    .option('-o, --output <path>', 'Write an OCI layout: a folder, or an archive that ends with .tar')
    .option('--push <reference>', 'Push the image')
    .option('--platform <list>', 'Such as linux/amd64,linux/arm64 (default: that of this machine)')
    .option('--base <image>', 'A reference, or oci: with a folder (default: a few packages of Debian)')
    .option('--annotation <key=value>', 'Annotation of the manifest (may be repeated)', collectPair)
    .option('--profile <name>', 'Profile of the components that counts')
    .option('--build', 'Build what has changed first')
    .option('--cache-dir <folder>', 'Where what is fetched is kept (default: mayfly in the cache folder of the user)')
    .option('--json', 'Print what was built as JSON');
  addInsecureOption(addFromOption(build)).action(buildImage);
  command
    .command('prepare <manifest>', { hidden: true })
    .addOption(new Option('--cache-dir <folder>').hideHelp())
    .action((manifest: string, { cacheDir }: { cacheDir?: string }) =>
      prepareComponents(manifest, cacheFolder(cacheDir)),
    );
}

interface BuildOptions {
  readonly from?: string;
  readonly output?: string;
  readonly push?: string;
  readonly platform?: string;
  readonly base?: string;
  readonly annotation?: Readonly<Record<string, string>>;
  readonly profile?: string;
  readonly build?: boolean;
  readonly cacheDir?: string;
  readonly json?: boolean;
  readonly insecure?: boolean;
}

async function buildImage(options: BuildOptions): Promise<void> {
  const { output, push, platform, profile } = options;
  if (output === undefined && push === undefined) {
    throw new MayflyError('usage', 'Nothing says where the image goes', {
      hint: "Name a folder or a file with '--output', or a reference with '--push'",
    });
  }
  const platforms = platform === undefined ? [ownPlatform()] : parsePlatforms(platform);
  const reference = push === undefined ? undefined : parseTarget(push);
  const from = appPath(options.from);
  if (options.build) await buildChanged(from, profile);
  const created = creationTime();
  const shown = progress('Building the image');
  try {
    const built = await buildImages({
      from,
      profile,
      base: options.base,
      platforms,
      annotations: options.annotation ?? {},
      created,
      cacheDirectory: usableCache(cacheFolder(options.cacheDir)),
      insecure: options.insecure,
    });
    try {
      const { name, images } = built;
      if (output !== undefined) await write(output, images, name, created);
      const blobs = reference && (await pushImages(reference, images, options));
      shown.done();
      report(images, blobs, options);
    } finally {
      built.close();
    }
  } finally {
    shown.done();
  }
}

async function write(output: string, images: readonly Image[], name: string, created: Date): Promise<void> {
  const seconds = secondsOf(created);
  const writeTo = output.endsWith('.tar') ? writeArchive : writeLayout;
  await writeTo(output, images, { name, seconds }).catch((cause: unknown) => {
    throw new MayflyError('image-build', `The image cannot be written to ${output}: ${messageOf(cause)}`, { cause });
  });
}

async function pushImages(
  reference: Reference,
  images: readonly Image[],
  { insecure, base }: BuildOptions,
): Promise<BlobCounts> {
  const { registry, tag } = reference;
  const from = base === undefined || base.startsWith('oci:') ? undefined : parseReference(base);
  const mountFrom = from?.registry === registry && from.repository !== reference.repository ? [from.repository] : [];
  const repository = new Repository(registry, reference.repository, { insecure });
  const isAlone = images.length === 1;
  const { counts, onBlob } = countBlobs();
  for (const { artifact } of images) {
    await pushArtifact(repository, artifact, { tag: isAlone ? tag : undefined, mountFrom, onBlob });
  }
  const root = rootOf(images);
  if (!isAlone && !('file' in root.content)) await pushManifest(repository, root.content, mediaTypes.index, tag);
  return counts;
}

function report(images: readonly Image[], blobs: BlobCounts | undefined, { json, output, push }: BuildOptions): void {
  const { digest } = rootOf(images);
  if (!json) {
    print(digest);
    return;
  }
  const described = images.map(({ platform: { os, architecture }, artifact: { layers, config }, manifest }) => ({
    platform: `${os}/${architecture}`,
    digest: manifest.digest,
    bytes: [...layers, config].reduce((sum, { size }) => sum + size, 0),
  }));
  print(JSON.stringify({ digest, output, push, blobs, images: described }));
}
