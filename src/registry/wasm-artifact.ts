// The wasm artifact of the CNCF (https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/): one component or
// module, as wkg pushes it, and as runwasi, wasmCloud and Spin run it.
import { basename } from 'node:path';
import type { Artifact } from './artifact.ts';
import { type Annotations, blobOf, type DescribedBlob, jsonBytes, mediaTypes } from './oci.ts';

export interface WasmArtifactOptions {
  readonly file: string;
  readonly created: Date;
  readonly annotations?: Annotations;
  /** The names of what a component imports and exports; undefined for a core module. */
  readonly world: { readonly imports: readonly string[]; readonly exports: readonly string[] } | undefined;
}

export function wasmArtifact(
  layer: DescribedBlob,
  { file, created, annotations, world }: WasmArtifactOptions,
): Artifact {
  const config = {
    created: created.toISOString(),
    author: null,
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
