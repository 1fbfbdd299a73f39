// Images on disk, as an OCI image layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md): a
// folder, or an archive of it, which `podman load`, `ctr image import` and `skopeo` take.
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type DescribedBlob, jsonBytes, mediaTypes, type PushedBlob } from '../registry/oci.ts';
import { fileOf, type TarFile, tarOf } from '../registry/tar.ts';
import { type Image, makeIndex } from './image.ts';

export interface LayoutOptions {
  /** The name by which tools find the image in the layout. */
  readonly name: string;
  /** The time of the files of an archive, in seconds since 1970. */
  readonly seconds: number;
}

/** Writes a layout; its folder is emptied before. Rejects with errors of the system. */
export async function writeLayout(folder: string, images: readonly Image[], options: LayoutOptions): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await writeFiles(folder, filesOf(images, options));
}

/** Writes files as they are, and not as an archive, below a folder. Rejects with errors of the system. */
export async function writeFiles(folder: string, files: readonly TarFile[]): Promise<void> {
  for (const { path, content } of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    if ('file' in content) await copyFile(content.file, target);
    else await writeFile(target, content);
  }
}

/** Writes the archive of a layout. Rejects with errors of the system. */
export async function writeArchive(file: string, images: readonly Image[], options: LayoutOptions): Promise<void> {
  await pipeline(tarOf(filesOf(images, options), options), createWriteStream(file));
}

/** The digest by which the whole is known: of the one image, or of the index of several. */
export function rootOf(images: readonly Image[]): DescribedBlob {
  const [only, ...more] = images;
  return only && more.length === 0 ? only.manifest : makeIndex(images, {});
}

function filesOf(images: readonly Image[], { name }: LayoutOptions): TarFile[] {
  const root = rootOf(images);
  const blobs = new Map<string, PushedBlob>();
  for (const { artifact, manifest } of images) {
    for (const blob of [...artifact.layers, artifact.config, manifest]) blobs.set(blob.digest, blob);
  }
  blobs.set(root.digest, root);
  const { mediaType, digest, size } = root;
  const index = jsonBytes({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [{ mediaType, digest, size, annotations: { 'org.opencontainers.image.ref.name': name } }],
  });
  const layout = jsonBytes({ imageLayoutVersion: '1.0.0' });
  return [
    ...[...blobs.values()].map(({ digest, size, content }) => ({
      path: `blobs/${digest.replace(':', '/')}`,
      size,
      content,
    })),
    fileOf('index.json', index),
    fileOf('oci-layout', layout),
  ];
}
