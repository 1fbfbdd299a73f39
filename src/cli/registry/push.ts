// `mayfly registry push` and `publish`: what an app or a component is in a registry.
import { readFile } from 'node:fs/promises';
import { readApp } from '../../app/lock.ts';
import { MayflyError } from '../../errors.ts';
import { type Artifact, pushArtifact } from '../../registry/artifact.ts';
import { type Annotations, type Descriptor, mediaTypes } from '../../registry/oci.ts';
import { formatReference, type Reference } from '../../registry/reference.ts';
import { Repository } from '../../registry/repository.ts';
import { spinArtifact } from '../../registry/spin/artifact.ts';
import { layerOf, writeLock } from '../../registry/spin/write-lock.ts';
import { wasmArtifact } from '../../registry/wasm-artifact.ts';
import { worldOf } from '../../registry/world.ts';
import { fetchSources } from '../../runtime/sources/fetch-sources.ts';
import { createLog } from '../log.ts';
import { paint, print, progress, say } from '../ui.ts';
import { cacheFolder } from '../up-options.ts';
import { creationTime, type RegistryCommandOptions } from './options.ts';
import { countBlobs } from './pushing.ts';

export interface PushCommandOptions extends RegistryCommandOptions {
  readonly from: string;
  readonly profile?: string | undefined;
  readonly annotation?: Annotations;
}

export async function pushApp(reference: Reference, options: PushCommandOptions): Promise<void> {
  const { from, profile, cacheDir, annotation = {} } = options;
  const app = await readApp(from, { profile });
  const log = createLog({ verbose: false, quiet: false, directory: undefined, write: say, paint });
  const fetched = await fetchSources(app.locked, { cacheDirectory: cacheFolder(cacheDir), log });
  try {
    const packed = await writeLock({ ...app, locked: fetched.app });
    const artifact = await spinArtifact(packed, {
      annotations: annotation,
      created: creationTime(),
      archives: Boolean(process.env.SPIN_OCI_ARCHIVE_LAYERS),
    });
    await send(reference, artifact, options);
  } finally {
    await fetched.close();
  }
}

export async function publishFile(file: string, reference: Reference, options: PushCommandOptions): Promise<void> {
  const bytes = await readFile(file).catch((cause: Error) => {
    throw new MayflyError('usage', `Cannot read "${file}": ${cause.message}`, { cause });
  });
  const artifact = wasmArtifact(await layerOf(file, mediaTypes.wasm), {
    file,
    created: creationTime(),
    annotations: options.annotation ?? {},
    world: worldOf(bytes, file),
  });
  await send(reference, artifact, options);
}

async function send(reference: Reference, artifact: Artifact, options: RegistryCommandOptions): Promise<void> {
  const repository = new Repository(reference.registry, reference.repository, { insecure: options.insecure });
  const { counts, onBlob } = countBlobs();
  const shown = progress(`Pushing ${formatReference(reference)}`);
  let pushed: Descriptor;
  try {
    pushed = await pushArtifact(repository, artifact, { tag: reference.tag, onBlob });
  } finally {
    shown.done();
  }
  if (options.json) {
    print(
      JSON.stringify({
        reference: formatReference(reference),
        digest: pushed.digest,
        size: pushed.size,
        blobs: counts,
      }),
    );
    return;
  }
  print(`Pushed with digest ${pushed.digest}`);
}
