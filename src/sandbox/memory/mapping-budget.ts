// The mappings of the process, of which Linux gives it 65,530 unless told otherwise: memories take some, and so does each
// stack of a guest that waits. V8 ends the process when it gets no more, so guests are refused long before.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Of a guest that waits: its stack, and the page that guards it. */
export const MAPPINGS_PER_STACK = 2;
/** For everything else: code, the engine's heap, buffers, threads. */
const KEPT_FREE = 10_000;
/** The kernel's default, where it does not say. */
const DEFAULT_MAPPINGS = 65_530;
/** How often the mappings of the process are counted, at most: with most of them in use that takes some 20 ms of a thread. */
const COUNT_AGAIN_MS = 1_000;

/** Counts stacks that may be suspended. */
export interface StackBudget {
  tryTake(stacks: number): boolean;
  /** Without asking whether there is room. */
  take(stacks: number): void;
  giveBack(stacks: number): void;
}

export class MappingBudget {
  /** What guests may take. */
  readonly limit: number;
  readonly #count: (() => Promise<number>) | undefined;
  #taken = 0;
  /** What the rest of the process has beyond half of what is kept free for it. */
  #excess = 0;
  #countedAt = Number.NEGATIVE_INFINITY;

  /** `most` of the process; `count` says how many it has. */
  constructor(most: number, count?: () => Promise<number>) {
    this.limit = Math.max(1, most - KEPT_FREE);
    this.#count = count;
  }

  get taken(): number {
    return this.#taken;
  }

  tryTake(mappings: number): boolean {
    if (this.#taken > this.limit / 2) this.#look();
    if (this.#taken + mappings > this.limit - this.#excess) return false;
    this.#taken += mappings;
    return true;
  }

  /** Without asking whether there are so many. */
  take(mappings: number): void {
    this.#taken += mappings;
  }

  giveBack(mappings: number): void {
    this.#taken -= mappings;
  }

  readonly stacks: StackBudget = {
    tryTake: (stacks) => this.tryTake(stacks * MAPPINGS_PER_STACK),
    take: (stacks) => this.take(stacks * MAPPINGS_PER_STACK),
    giveBack: (stacks) => this.giveBack(stacks * MAPPINGS_PER_STACK),
  };

  /** Others take mappings, too: large strings and buffers have one each. Counted now and then, on another thread. */
  #look(): void {
    const now = performance.now();
    if (this.#count === undefined || now - this.#countedAt < COUNT_AGAIN_MS) return;
    this.#countedAt = now;
    this.#count().then(
      (all) => {
        this.#excess = Math.max(0, all - this.#taken - KEPT_FREE / 2);
      },
      () => undefined,
    );
  }
}

let budget: MappingBudget | undefined;

/** Shared by all apps in the process. */
export function processMappings(): MappingBudget {
  budget ??= new MappingBudget(mostMappings(), process.platform === 'linux' ? countMappings : undefined);
  return budget;
}

function mostMappings(): number {
  try {
    return Number(readFileSync('/proc/sys/vm/max_map_count', 'utf8')) || DEFAULT_MAPPINGS;
  } catch {
    return DEFAULT_MAPPINGS;
  }
}

const NEWLINE = 0x0a;

async function countMappings(): Promise<number> {
  const text = await readFile('/proc/self/maps');
  let lines = 0;
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}
