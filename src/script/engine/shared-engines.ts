// Engines that programs run in: a process prepares each once, however many programs it has.

import type { ImageDeriver } from '../../sandbox/image-deriver.ts';
import type { LoadedArtifact } from '../../sandbox/load-artifact.ts';

/** A prepared engine. Programs' images lie on its own. */
export interface PreparedEngine {
  readonly loaded: Omit<LoadedArtifact, 'keep'>;
  readonly images: ImageDeriver;
  /** Frees it, when no program uses it any more. */
  close(): void;
}

export interface UsedEngine extends Omit<PreparedEngine, 'close'> {
  /** Says that the program is gone. */
  release(): void;
}

interface Shared {
  readonly engine: Promise<PreparedEngine>;
  users: number;
}

/** Engines without programs that are kept for the next one. */
const MOST_IDLE = 2;

const engines = new Map<string, Shared>();

/** Gives the engine that `key` names, all that decides how it is prepared; `prepare` makes it when there is none. */
export async function useEngine(key: string, prepare: () => Promise<PreparedEngine>): Promise<UsedEngine> {
  const shared = engines.get(key) ?? { engine: prepare(), users: 0 };
  // The one that was used last comes last.
  engines.delete(key);
  engines.set(key, shared);
  shared.users++;
  try {
    const engine = await shared.engine;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      shared.users--;
      closeIdle();
    };
    return { ...engine, release };
  } catch (error) {
    shared.users--;
    if (engines.get(key) === shared) engines.delete(key);
    throw error;
  }
}

function closeIdle(): void {
  const idle = [...engines].filter(([, { users }]) => users === 0);
  for (const [key, { engine }] of idle.slice(0, Math.max(0, idle.length - MOST_IDLE))) {
    engines.delete(key);
    void engine.then((one) => one.close());
  }
}
