// How many linear memories a process may hold: each takes 8 GiB of addresses and some mappings, and both run out.
// A memory counts until the garbage collector has taken it, since only then its addresses are free again.
import { MayflyError } from '../../errors.ts';
import { collectGarbage, tuneHeapForLoad } from './collect.ts';
import { type MappingBudget, processMappings } from './mapping-budget.ts';

/** The engine refuses the 16,300th memory of a process; the rest is for memories that nobody counts here. */
const MOST_MEMORIES = 12_000;
/**
 * Mappings that a memory takes: the image's pages, those by which it has grown, the page that is polled, and what lies
 * before and behind that.
 */
export const MAPPINGS_PER_MEMORY = 5;

export interface MemoryDescriptor {
  /** The memory's size at first, in pages of 64 KiB. */
  readonly initial: number;
  readonly maximum?: number;
  /** Mappings that it takes beyond those of a memory whose image is one piece; 0 by default. */
  readonly mappings?: number;
}

export interface MemoryBudget {
  readonly limit: number;
  /** The number of memories that exist, including those that wait for the garbage collector. */
  readonly live: number;
  /**
   * Makes a memory and counts it until it is collected; then `collected` runs, once. A `collected` that reaches the
   * memory keeps it for ever.
   * Throws 'sandbox-exhausted' at the limit, and when the engine has no room for the memory.
   */
  take(descriptor: MemoryDescriptor, collected?: () => void): WebAssembly.Memory;
  /** Says that so many memories are not used any more; when enough of them wait for the collector, it is called. */
  released(count: number): void;
}

/** What is kept of a memory until it is collected. */
interface Held {
  readonly taken: number;
  readonly collected: () => void;
}

/** Memories that may wait for the collector before it is called; it takes some 20 ms. */
const MOST_RELEASED = 1_000;

/**
 * The number of memories in use above which `tuneHeapForLoad` is told that there are many. It is told that there are
 * few again at half of it.
 */
const MANY_IN_USE = 1_000;

/**
 * Milliseconds for which the engine, once it had no room, is not asked again unless a memory was collected: before it
 * says so it collects garbage several times, which holds the thread for some 80 ms.
 */
const ASK_AGAIN_MS = 1_000;

/**
 * `crowded` is called whenever crowding starts or ends: with true when many memories are in use, with false when few
 * are again. `mappings` counts the mappings that the memories take.
 */
export function createMemoryBudget(
  limit: number,
  crowded: (isCrowded: boolean) => void = () => {},
  mappings?: MappingBudget,
): MemoryBudget {
  let live = 0;
  /** How many there were when the engine last had no room, and when that was. */
  let most = limit;
  let refusedAt = 0;
  let released = 0;
  let isCollecting = false;
  let isCrowded = false;
  const mostReleased = Math.min(MOST_RELEASED, Math.ceil(limit / 4));
  const registry = new FinalizationRegistry<Held>(({ taken, collected }) => {
    live--;
    mappings?.giveBack(taken);
    if (released > 0) released--;
    judge();
    collected();
  });
  function judge(): void {
    const inUse = live - released;
    if (isCrowded ? inUse >= MANY_IN_USE / 2 : inUse <= MANY_IN_USE) return;
    isCrowded = !isCrowded;
    crowded(isCrowded);
  }
  async function collectReleased(): Promise<void> {
    isCollecting = true;
    await collectGarbage();
    isCollecting = false;
    // Memories that something still holds are counted anew, so that the collector is next called for others.
    released = 0;
  }
  /**
   * Makes the error for a full process, and asks for a collection: memories that wait for the collector may be what is
   * missing.
   */
  function full(message: string): MayflyError {
    if (released > 0 && !isCollecting) void collectReleased();
    return new MayflyError('sandbox-exhausted', message);
  }
  function tryToMake(descriptor: MemoryDescriptor, taken: number): WebAssembly.Memory {
    const { initial, maximum } = descriptor;
    try {
      const memory = new WebAssembly.Memory(maximum === undefined ? { initial } : { initial, maximum });
      most = limit;
      return memory;
    } catch (cause) {
      most = live;
      refusedAt = performance.now();
      mappings?.giveBack(taken);
      throw noRoom(descriptor, cause);
    }
  }
  return {
    limit,
    get live() {
      return live;
    },
    take(descriptor, collected = () => {}) {
      if (live >= limit) throw full(`All ${limit} linear memories of this process are in use`);
      if (live >= most && performance.now() - refusedAt < ASK_AGAIN_MS) throw noRoom(descriptor);
      const taken = MAPPINGS_PER_MEMORY + (descriptor.mappings ?? 0);
      if (mappings?.tryTake(taken) === false) {
        throw full(`All ${mappings.limit} mappings that guests may have are in use: vm.max_map_count is their limit`);
      }
      const memory = tryToMake(descriptor, taken);
      live++;
      judge();
      registry.register(memory, { taken, collected });
      return memory;
    },
    released(count) {
      released += count;
      judge();
      // Their mappings are only free when they were collected: with half of all in use that cannot wait.
      const isTight = mappings !== undefined && mappings.taken > mappings.limit / 2;
      if ((released >= mostReleased || isTight) && !isCollecting) void collectReleased();
    },
  };
}

function noRoom({ initial }: MemoryDescriptor, cause?: unknown): MayflyError {
  const message = `The engine has no room for a linear memory of ${initial} pages`;
  return new MayflyError('sandbox-exhausted', message, { cause });
}

let budget: MemoryBudget | undefined;

/** The budget of this process. Addresses belong to the process, so this one is shared by all apps in it. */
export function processMemoryBudget(): MemoryBudget {
  budget ??= createMemoryBudget(MOST_MEMORIES, tuneHeapForLoad, processMappings());
  return budget;
}
