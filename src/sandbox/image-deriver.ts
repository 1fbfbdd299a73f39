// Makes images of what becomes of another one: of an engine that has evaluated a program.
import type { CallContext } from '../component/canon/instance.ts';
import { MayflyError } from '../errors.ts';
import type { Artifact } from './artifact.ts';
import { type FactoryOptions, imageFactory } from './factory.ts';
import { type ComponentImage, type NoImage, takeImage } from './image.ts';
import type { Sandbox } from './sandbox.ts';

export interface ImageDeriver {
  /**
   * Makes an image of what becomes of the base by `change`, which gets a sandbox at that image. Rejects with what `change`
   * rejects with; says why where what is left cannot be an image.
   */
  derive(change: (sandbox: Sandbox) => Promise<void>): Promise<ComponentImage | NoImage>;
  close(): void;
}

/**
 * `base` stays open, and has to until `close`. The sandbox of one image serves the next one, put back to the base as between
 * two requests: a new one takes milliseconds.
 */
export function imageDeriver(artifact: Artifact, base: ComponentImage, options: FactoryOptions): ImageDeriver {
  const factory = imageFactory(artifact, base, options, false);
  let idle: Sandbox | undefined;
  let isClosed = false;
  const putAway = (sandbox: Sandbox): void => {
    if (!isClosed && !idle && sandbox.reset()) idle = sandbox;
    else sandbox.discard();
  };
  return {
    async derive(change) {
      const sandbox = idle ?? factory.make(noContext);
      idle = undefined;
      try {
        await change(sandbox);
        const memories = new Map(base.memories.map(({ place }, index) => [place, sandbox.memories[index]!]));
        const image = takeImage(artifact, sandbox.instance, memories, options, {
          image: base,
          changes: sandbox.changes,
        });
        putAway(sandbox);
        return image;
      } catch (error) {
        sandbox.discard();
        throw error;
      }
    },
    close() {
      isClosed = true;
      idle?.discard();
      idle = undefined;
      factory.close();
    },
  };
}

/** For a sandbox that serves no request yet. */
const noContext: CallContext = {
  state() {
    throw new MayflyError('internal', 'A sandbox without a request has no state of a service');
  },
};
