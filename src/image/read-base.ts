// The base of an image that somebody else made: from a registry, or from an OCI image layout.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MayflyError, messageOf } from '../errors.ts';
import type { BlobCache } from '../registry/blob-cache.ts';
import { type JsonObject, objectOf } from '../registry/json.ts';
import { type Descriptor, digestOf, indexEntries, notAn, readManifest } from '../registry/oci.ts';
import { formatReference, nameIn, type Reference } from '../registry/reference.ts';
import type { Repository } from '../registry/repository.ts';
import type { ImageLayer } from './layer.ts';
import type { Platform } from './platform.ts';

/** Where blobs and manifests of a base are. */
interface Source {
  readonly of: string;
  /** The document that everything starts from. */
  root(): Promise<JsonObject>;
  document(descriptor: Descriptor): Promise<JsonObject>;
  /** The path of a blob on this machine. */
  file(descriptor: Descriptor): Promise<string>;
}

/** Throws `registry-artifact` for what is no image for this platform, and what a registry throws. */
export function baseFromRegistry(
  repository: Repository,
  reference: Reference,
  blobs: BlobCache,
  platform: Platform,
): Promise<ImageLayer[]> {
  return layersOf(
    {
      of: formatReference(reference),
      root: async () => (await repository.manifest(nameIn(reference))).value,
      document: async (one) =>
        /manifest|index/.test(one.mediaType)
          ? (await repository.manifest(one.digest)).value
          : objectOf(JSON.parse((await repository.blobBytes(one)).toString())),
      file: (one) => blobs.get(repository, one),
    },
    platform,
  );
}

/** Throws `registry-artifact` for a folder that is no layout with an image for this platform. */
export function baseFromLayout(folder: string, platform: Platform): Promise<ImageLayer[]> {
  const pathOf = ({ digest }: Descriptor): string => join(folder, 'blobs', ...digest.split(':'));
  const read = async (path: string): Promise<Buffer> =>
    readFile(path).catch((cause: unknown) => {
      throw new MayflyError('registry-artifact', `"${folder}" is no OCI image layout: ${messageOf(cause)}`, { cause });
    });
  return layersOf(
    {
      of: folder,
      root: async () => objectOf(JSON.parse((await read(join(folder, 'index.json'))).toString())),
      document: async (one) => {
        const bytes = await read(pathOf(one));
        if (digestOf(bytes) !== one.digest) throw notAn(folder, `its blob ${one.digest} is damaged`);
        return objectOf(JSON.parse(bytes.toString()));
      },
      file: async (one) => {
        const { size } = await stat(pathOf(one)).catch(() => ({ size: -1 }));
        if (size !== one.size) throw notAn(folder, `its blob ${one.digest} is not there, or of another size`);
        return pathOf(one);
      },
    },
    platform,
  );
}

async function layersOf(source: Source, platform: Platform): Promise<ImageLayer[]> {
  const { of } = source;
  let document = await source.root();
  for (let depth = 0; ; depth++) {
    const entries = indexEntries(document, of);
    if (!entries) break;
    const chosen = entries.length === 1 ? entries[0] : entries.find((one) => isFor(one, platform));
    if (!chosen || depth > 3) throw notAn(of, `it has no image for ${platform.os}/${platform.architecture}`);
    document = await source.document(chosen);
  }
  const manifest = readManifest(document, of);
  const config = await source.document(manifest.config);
  if (config.architecture !== platform.architecture || config.os !== platform.os) {
    throw notAn(
      of,
      `it is for ${String(config.os)}/${String(config.architecture)}, not ${platform.os}/${platform.architecture}`,
    );
  }
  const diffIds = objectOf(config.rootfs).diff_ids;
  if (!Array.isArray(diffIds) || diffIds.length !== manifest.layers.length) {
    throw notAn(of, 'its configuration does not fit its layers');
  }
  return Promise.all(
    manifest.layers.map(async (layer, index) => ({
      blob: {
        mediaType: layer.mediaType,
        digest: layer.digest,
        size: layer.size,
        content: { file: await source.file(layer) },
      },
      diffId: String(diffIds[index]),
      createdBy: `base ${of}`,
    })),
  );
}

function isFor({ platform }: Descriptor, { os, architecture }: Platform): boolean {
  return platform?.os === os && platform.architecture === architecture;
}
