// A layer of an image: files as a gzipped archive on disk, with the two digests by which an image names it.
import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DescribedBlob, mediaTypes } from '../registry/oci.ts';
import { gzip, type TarEntry, tarOf } from '../registry/tar.ts';

export interface ImageLayer {
  readonly blob: DescribedBlob;
  /** The digest of the archive before it was compressed. */
  readonly diffId: string;
  /** What it is, for the history of the image. */
  readonly createdBy: string;
}

export interface LayerOptions {
  /** The folder in which it is written. */
  readonly folder: string;
  /** The time of all entries, in seconds since 1970. */
  readonly seconds: number;
  readonly createdBy: string;
}

/** Writes a layer. The same entries and time give the same bytes. Rejects with errors of the system. */
export async function writeLayer(entries: readonly TarEntry[], options: LayerOptions): Promise<ImageLayer> {
  const { folder, seconds, createdBy } = options;
  const plain = createHash('sha256');
  const packed = createHash('sha256');
  const draft = join(folder, `layer-${createdBy.replace(/\W+/g, '-')}.tmp`);
  let size = 0;
  const counted = passing(packed, (bytes) => {
    size += bytes;
  });
  await pipeline(tarOf(entries, { seconds }), passing(plain), gzip(), counted, createWriteStream(draft));
  const hex = packed.digest('hex');
  const file = join(folder, hex);
  await rename(draft, file);
  return {
    blob: { mediaType: mediaTypes.imageLayer, digest: `sha256:${hex}`, size, content: { file } },
    diffId: `sha256:${plain.digest('hex')}`,
    createdBy,
  };
}

function passing(hash: Hash, count: (bytes: number) => void = () => undefined): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      count(chunk.length);
      done(null, chunk);
    },
  });
}
