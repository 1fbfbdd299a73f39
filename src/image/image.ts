// An image for one platform: its layers, its configuration
// (https://github.com/opencontainers/image-spec/blob/main/config.md), and its manifest.

import { type Artifact, manifestBytes } from '../registry/artifact.ts';
import { type Annotations, blobOf, type DescribedBlob, jsonBytes, mediaTypes } from '../registry/oci.ts';
import type { ImageLayer } from './layer.ts';
import type { Platform } from './platform.ts';

/** What a container starts with. */
export interface ImageProcess {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workingDirectory: string;
  readonly ports: readonly number[];
}

export interface ImageParts {
  readonly platform: Platform;
  readonly layers: readonly ImageLayer[];
  readonly process: ImageProcess;
  readonly labels: Annotations;
  readonly annotations: Annotations;
  readonly created: Date;
}

export interface Image {
  readonly platform: Platform;
  readonly artifact: Artifact;
  readonly manifest: DescribedBlob;
}

export function makeImage({ platform, layers, process, labels, annotations, created }: ImageParts): Image {
  const { os, architecture } = platform;
  const config = {
    created: created.toISOString(),
    architecture,
    os,
    config: {
      User: process.user,
      ExposedPorts: Object.fromEntries(process.ports.map((port) => [`${port}/tcp`, {}])),
      Env: Object.entries(process.environment).map(([name, value]) => `${name}=${value}`),
      Entrypoint: process.entrypoint,
      Cmd: process.command,
      WorkingDir: process.workingDirectory,
      Labels: labels,
      StopSignal: 'SIGTERM',
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ createdBy }) => ({ created: created.toISOString(), created_by: createdBy })),
  };
  const artifact: Artifact = {
    config: blobOf(jsonBytes(config), mediaTypes.imageConfig),
    layers: layers.map(({ blob }) => blob),
    annotations,
  };
  return { platform, artifact, manifest: blobOf(manifestBytes(artifact), mediaTypes.manifest) };
}

/** The index of images for several platforms. */
export function makeIndex(images: readonly Image[], annotations: Annotations): DescribedBlob {
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: images.map(({ manifest: { mediaType, digest, size }, platform: { os, architecture } }) => ({
      mediaType,
      digest,
      size,
      platform: { architecture, os },
    })),
    annotations,
  };
  return blobOf(jsonBytes(index), mediaTypes.index);
}
