// Gets the artifact of a component from its files: out of the cache where that has it; otherwise it is prepared and
// then cached.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { outlineOf } from '../component/rewrite/outline.ts';
import { messageOf } from '../errors.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Artifact, type ArtifactOptions, locatableModules, prepare, restoreArtifact } from './artifact.ts';
import { cacheKey, digestOf } from './cache/cache-key.ts';
import type { ComponentCache } from './cache/component-cache.ts';
import type { ImageData } from './image.ts';
import { pollAddress } from './interrupt/poll-pages.ts';
import type { LocatableModule } from './source-lines/locate.ts';

export interface LoadArtifactOptions extends Omit<ArtifactOptions, 'joined'> {
  readonly cache?: ComponentCache | undefined;
  /** Whether an image will be taken right after initialisation, if there can be one. */
  readonly takesImage: boolean;
  readonly log: Logger;
}

export interface LoadedArtifact {
  readonly artifact: Artifact;
  readonly storedImage: ImageData | undefined;
  /** Must be called once, when it is known whether there is an image: the cache then gets what it does not have yet. */
  keep(image: ImageData | undefined): void;
  /**
   * Gives the core modules for looking up lines of their source; `fromImage` says whether they run in sandboxes that are
   * put back to an image. Throws errors of the system.
   */
  locatable(fromImage: boolean): readonly LocatableModule[];
}

/**
 * Loads the artifact of `files`: the component, its dependencies, then its middleware. Throws what `prepare` throws, and errors of the
 * system.
 */
export async function loadArtifact(files: readonly string[], options: LoadArtifactOptions): Promise<LoadedArtifact> {
  return (await restored(files, options)) ?? (await prepared(files, options));
}

async function restored(files: readonly string[], options: LoadArtifactOptions): Promise<LoadedArtifact | undefined> {
  const { cache, log } = options;
  const digests = await cache?.digests(files, log);
  if (!cache || !digests) return undefined;
  const key = keyOf(digests, options);
  const found = cache.find(key, log);
  if (!found) return undefined;
  const { component } = found;
  try {
    const [bytes, all] = bytesAndOptions(found.outlines, options);
    const artifact = await restoreArtifact(
      bytes,
      all,
      found.facts,
      component.then(({ code }) => code),
    );
    const { image } = await component;
    logEvent(log, 'cache-used', { key }, `Prepared component ${key} is used${image ? ', with its image' : ''}`);
    // What is cached has no code: the files are read again when a line is wanted, if they are still the same.
    const locatable = (fromImage: boolean): LocatableModule[] => {
      const contents = files.map((file) => readFileSync(file));
      if (contents.some((content, index) => digestOf(content) !== digests[index])) return [];
      return locatableModules(...bytesAndOptions(contents, options), fromImage);
    };
    return { artifact, storedImage: image, keep: () => undefined, locatable };
  } catch (error) {
    const reason = messageOf(error);
    logEvent(log, 'cache-unused', { key, reason }, `Prepared component ${key} is not used: ${reason}`);
    return undefined;
  }
}

async function prepared(files: readonly string[], options: LoadArtifactOptions): Promise<LoadedArtifact> {
  const { cache, log } = options;
  const contents = await Promise.all(files.map((file) => readFile(file)));
  const { artifact, code } = await prepare(...bytesAndOptions(contents, options));
  const keep = (image: ImageData | undefined): void =>
    cache?.keep(
      () => ({
        // The key is that of the bytes which were read: the file may have changed since the cache was searched.
        key: keyOf(contents.map(digestOf), options),
        outlines: contents.map((bytes) => outlineOf(bytes, { keepData: image === undefined })),
        component: { code, image },
      }),
      log,
    );
  const locatable = (fromImage: boolean): LocatableModule[] =>
    locatableModules(...bytesAndOptions(contents, options), fromImage);
  return { artifact, storedImage: undefined, keep, locatable };
}

function bytesAndOptions(
  [bytes, ...joined]: readonly Uint8Array[],
  options: LoadArtifactOptions,
): [Uint8Array, ArtifactOptions] {
  return [bytes as Uint8Array, { ...options, joined }];
}

export type KeyOptions = Pick<
  LoadArtifactOptions,
  'maximumPages' | 'maximumTableElements' | 'interruptible' | 'takesImage' | 'composition'
>;

/**
 * A key made of all that the artifact of these files depends on. Whether guests can poll depends on the machine, too.
 */
export function keyOf(
  digests: readonly string[],
  { maximumPages, maximumTableElements, interruptible, takesImage, composition }: KeyOptions,
  canPoll = pollAddress(maximumPages) !== undefined,
): string {
  const polls = interruptible && canPoll;
  return cacheKey(digests, { maximumPages, maximumTableElements, interruptible, polls, takesImage, composition });
}
