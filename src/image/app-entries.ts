// An app as files of an image: its manifest at the root, so that Spin's shim finds it there, too, and all that the manifest
// names beside it.
import { stringify } from 'smol-toml';
import type { ReadApp } from '../app/lock.ts';
import { MayflyError } from '../errors.ts';
import type { DescribedBlob } from '../registry/oci.ts';
import { unpackLock } from '../registry/spin/to-manifest.ts';
import { type Programs, writeLock } from '../registry/spin/write-lock.ts';
import { fileOf, type TarFile } from '../registry/tar.ts';
import type { SoftwareComponent } from './sbom.ts';

export interface AppEntries {
  readonly entries: readonly TarFile[];
  readonly software: readonly SoftwareComponent[];
}

/** All files of the app must be there, and its programs bundled. Throws `manifest-source`. */
export async function appEntries(app: ReadApp, programs: Programs): Promise<AppEntries> {
  const { lock, wasm, components } = await writeLock(app, programs);
  const { document, files } = unpackLock(lock, app.locked.name);
  const layers = new Map<string, DescribedBlob>();
  for (const layer of [...wasm, ...components.flatMap(({ files }) => files.map(({ layer }) => layer))]) {
    layers.set(layer.digest, layer);
  }
  const manifest = new Uint8Array(Buffer.from(stringify(document)));
  const entries = files.map(({ path, digest }): TarFile => {
    const layer = layers.get(digest);
    if (!layer) throw new MayflyError('image-build', `The file ${path} of the app is missing`);
    return { path, size: layer.size, content: layer.content };
  });
  const software = lock.components.map(
    ({ id, source }): SoftwareComponent => ({
      type: 'application',
      name: `${app.locked.name}/${id}`,
      version: app.locked.version,
      sha256: source.digest.replace('sha256:', ''),
    }),
  );
  return { entries: [fileOf('spin.toml', manifest), ...entries], software };
}
