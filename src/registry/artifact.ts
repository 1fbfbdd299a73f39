// What is pushed: a manifest with its config and layers.
import { concurrently } from './concurrently.ts';
import { type Annotations, type DescribedBlob, type Descriptor, descriptorOf, jsonBytes, mediaTypes } from './oci.ts';
import type { Repository } from './repository.ts';
import { pushBlob, pushManifest, type Uploaded } from './upload.ts';

const AT_ONCE = 4;

export interface Artifact {
  readonly config: DescribedBlob;
  readonly layers: readonly DescribedBlob[];
  readonly annotations?: Annotations;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
}

export interface PushOptions {
  readonly tag: string | undefined;
  readonly mountFrom?: readonly string[];
  /** Called when a blob is there, with how it came. */
  readonly onBlob?: (blob: Descriptor, how: Uploaded) => void;
}

export function manifestBytes({
  config,
  layers,
  annotations,
  artifactType,
  subject,
}: Artifact): Uint8Array<ArrayBuffer> {
  return jsonBytes({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    ...(artifactType !== undefined && { artifactType }),
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
    ...(subject && { subject: descriptorOf(subject) }),
    ...(annotations && Object.keys(annotations).length > 0 && { annotations }),
  });
}

/** Pushes the blobs, then the manifest that names them. Throws `source-unavailable`, `registry-denied`. */
export async function pushArtifact(
  repository: Repository,
  artifact: Artifact,
  options: PushOptions,
): Promise<Descriptor> {
  const { tag, mountFrom, onBlob } = options;
  const blobs = new Map([...artifact.layers, artifact.config].map((blob) => [blob.digest, blob]));
  await concurrently([...blobs.values()], AT_ONCE, async (blob) => {
    const how = await pushBlob(repository, blob, mountFrom ? { mountFrom } : {});
    onBlob?.(blob, how);
  });
  return pushManifest(repository, manifestBytes(artifact), mediaTypes.manifest, tag);
}
