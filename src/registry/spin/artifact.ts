// A Spin application as an artifact: what Spin, its shim for containerd, and Mayfly read.
import { buffer } from 'node:stream/consumers';
import type { Artifact } from '../artifact.ts';
import { type Annotations, blobOf, type DescribedBlob, jsonBytes, mediaTypes } from '../oci.ts';
import { gzip, secondsOf, tarOf } from '../tar.ts';
import { MOST_INLINE_BYTES, type SpinLock } from './lock-document.ts';
import type { PackedComponent, SpinApp } from './write-lock.ts';

/** The most layers that all registries take, the lock among them. */
const MOST_LAYERS = 500;

export interface SpinArtifactOptions {
  /** They win over those that are made of the manifest. */
  readonly annotations?: Annotations;
  readonly created: Date;
  /** Whether files go as one archive for each component, and not as a layer each; so they do when they are too many. */
  readonly archives?: boolean;
}

export async function spinArtifact(app: SpinApp, options: SpinArtifactOptions): Promise<Artifact> {
  const { annotations, created, archives = false } = options;
  const single = distinct([...app.wasm, ...filesOf(app)]);
  const layers =
    archives || single.length > MOST_LAYERS - 1
      ? distinct([
          ...app.wasm,
          ...(await Promise.all(app.components.map((one) => archiveOf(one, created))).then((all) => all.flat())),
        ])
      : single;
  const lock = blobOf(jsonBytes(app.lock), mediaTypes.spinApplication);
  return {
    config: blobOf(jsonBytes(configOf(lock.digest)), mediaTypes.imageConfig),
    layers: [...layers, lock],
    annotations: { ...inferred(app.lock, created), ...annotations },
  };
}

function distinct(layers: readonly DescribedBlob[]): DescribedBlob[] {
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
}

/** The files that are too large to stand in the lock. */
function filesOf({ components }: SpinApp): DescribedBlob[] {
  return components.flatMap(({ files }) =>
    files.map(({ layer }) => layer).filter(({ size }) => size > MOST_INLINE_BYTES),
  );
}

async function archiveOf({ files }: PackedComponent, created: Date): Promise<DescribedBlob[]> {
  if (files.length === 0) return [];
  const entries = files.map(({ path, layer: { content, size } }) => ({ path, content, size }));
  const bytes = new Uint8Array(await buffer(tarOf(entries, { seconds: secondsOf(created) }).pipe(gzip())));
  return [blobOf(bytes, mediaTypes.spinArchive)];
}

/**
 * The shim knows an app by the architecture; containerd wants no layers among `diff_ids`, since none is a file system; and
 * the label makes the config, by which runtimes tell images apart, another one for another app.
 */
function configOf(lockDigest: string): object {
  return {
    architecture: 'wasm',
    os: 'wasip1',
    config: { Labels: { 'com.fermyon.spin.lockedAppDigest': lockDigest } },
    rootfs: { type: 'layers', diff_ids: [] },
  };
}

function inferred({ metadata }: SpinLock, created: Date): Annotations {
  const { name, version, description, authors } = metadata;
  const texts = {
    title: name,
    version,
    description,
    authors: Array.isArray(authors) ? authors.join(', ') : undefined,
    created: created.toISOString(),
  };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === 'string' && value !== '' ? [[`org.opencontainers.image.${key}`, value]] : [],
    ),
  );
}
