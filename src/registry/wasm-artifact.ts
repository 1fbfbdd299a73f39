// The wasm artifact of the CNCF (https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/): one component or
// module, as wkg pushes it, and as runwasi, wasmCloud and Spin run it.
import { basename } from 'node:path';
import type { Artifact } from './artifact.ts';
import { type Annotations, blobOf, jsonBytes, mediaTypes } from './oci.ts';
import type { Layer } from './spin/write-lock.ts';

export interface WasmArtifactOptions {
  readonly file: string;
  readonly created: Date;
  readonly annotations?: Annotations;
  readonly author?: string | undefined;
  /** The names of what a component imports and exports; undefined for a core module. */
  readonly world: { readonly imports: readonly string[]; readonly exports: readonly string[] } | undefined;
}

export function wasmArtifact(
  layer: Layer,
  { file, created, annotations, author, world }: WasmArtifactOptions,
): Artifact {
  const config = {
    created: created.toISOString(),
    author: author ?? null,
    architecture: 'wasm',
    os: world ? 'wasip2' : 'wasip1',
    layerDigests: [layer.digest],
    component: world ? { exports: world.exports, imports: world.imports, target: null } : null,
  };
  return {
    config: blobOf(jsonBytes(config), mediaTypes.wasmConfig),
    layers: [
      { ...layer, mediaType: mediaTypes.wasm, annotations: { 'org.opencontainers.image.title': basename(file) } },
    ],
    annotations: { 'org.opencontainers.image.created': created.toISOString(), ...annotations },
  };
}
