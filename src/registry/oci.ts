// The documents of OCI (https://github.com/opencontainers/image-spec): descriptors, manifests and indexes, and the
// kinds of artifacts that are made of them.
import { createHash } from 'node:crypto';
import { MayflyError } from '../errors.ts';
import { type JsonObject, objectOf, textsOf } from './json.ts';

export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  index: 'application/vnd.oci.image.index.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  imageConfig: 'application/vnd.oci.image.config.v1+json',
  emptyConfig: 'application/vnd.oci.empty.v1+json',
  imageLayer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  /** What Spin pushes: the locked app, components, files, and archives of files. */
  spinApplication: 'application/vnd.fermyon.spin.application.v1+config',
  spinWasm: 'application/vnd.wasm.content.layer.v1+wasm',
  spinData: 'application/vnd.wasm.content.layer.v1+data',
  spinArchive: 'application/vnd.wasm.content.bundle.v1.tar+gzip',
  /** The wasm artifact of the CNCF, as wkg pushes it. */
  wasm: 'application/wasm',
  wasmConfig: 'application/vnd.wasm.config.v0+json',
} as const;

/** The label of an image with the digest of the layer that holds its app, by which that is found again. */
export const APP_LAYER_LABEL = 'dev.mayfly.app-layer';

export type Annotations = Readonly<Record<string, string>>;

export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Annotations;
  readonly artifactType?: string;
  readonly platform?: Readonly<Record<string, string>>;
}

export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Annotations;
}

/** Bytes that are pushed, from memory or from a file. */
export interface PushedBlob {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly content: Uint8Array<ArrayBuffer> | { readonly file: string };
}

/** A blob as a manifest names it, with its bytes. */
export type DescribedBlob = PushedBlob & Descriptor;

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A blob in memory, with its descriptor. */
export function blobOf(bytes: Uint8Array<ArrayBuffer>, mediaType: string): DescribedBlob {
  return { mediaType, digest: digestOf(bytes), size: bytes.length, content: bytes };
}

/** Whether a layer is a component or module. */
export function isWasm({ mediaType }: { readonly mediaType?: unknown }): boolean {
  return mediaType === mediaTypes.wasm || mediaType === mediaTypes.spinWasm;
}

/** A JSON document as it is pushed. */
export function jsonBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(JSON.stringify(value)));
}

/** A descriptor and nothing else, for a manifest. */
export function descriptorOf({ mediaType, digest, size, annotations }: Descriptor): Descriptor {
  return { mediaType, digest, size, ...(annotations && { annotations }) };
}

/** Reads a descriptor. Throws `registry-artifact`. */
function readDescriptor(value: unknown, of: string): Descriptor {
  const { mediaType, digest, size, annotations, artifactType, platform } = objectOf(value);
  if (typeof mediaType !== 'string') throw notAn(of, 'a descriptor of it has no media type');
  if (!isDigest(digest)) throw notAn(of, 'a descriptor of it has no digest of SHA-256');
  if (!Number.isSafeInteger(size) || Number(size) < 0) throw notAn(of, 'a descriptor of it has no size');
  return {
    mediaType,
    digest,
    size: Number(size),
    ...(annotations !== undefined && { annotations: textsOf(annotations) }),
    ...(typeof artifactType === 'string' && { artifactType }),
    ...(platform !== undefined && { platform: textsOf(platform) }),
  };
}

export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}

/** Reads an image manifest. Throws `registry-artifact`. */
export function readManifest(value: unknown, of: string): Manifest {
  const { mediaType, artifactType, config, layers, subject, annotations } = objectOf(value);
  if (!Array.isArray(layers)) throw notAn(of, 'its manifest has no layers');
  return {
    schemaVersion: 2,
    ...(typeof mediaType === 'string' && { mediaType }),
    ...(typeof artifactType === 'string' && { artifactType }),
    config: readDescriptor(config, of),
    layers: layers.map((layer: unknown) => readDescriptor(layer, of)),
    ...(subject !== undefined && { subject: readDescriptor(subject, of) }),
    ...(annotations !== undefined && { annotations: textsOf(annotations) }),
  };
}

/** The manifests that an index lists; undefined for what is none. */
export function indexEntries(value: JsonObject, of: string): readonly Descriptor[] | undefined {
  const { manifests } = value;
  return Array.isArray(manifests) ? manifests.map((one: unknown) => readDescriptor(one, of)) : undefined;
}

/** The error for something in a registry that is not what it should be. */
export function notAn(of: string, reason: string, hint?: string): MayflyError {
  return new MayflyError('registry-artifact', `${of} is nothing that Mayfly can use: ${reason}`, {
    ...(hint !== undefined && { hint }),
  });
}
