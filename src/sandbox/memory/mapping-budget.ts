// Counts the mappings of the process, of which Linux gives it 65,530 unless told otherwise: memories take some, and so
// does each stack of a guest that waits. V8 ends the process when it gets no more, so guests are refused long before.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** The mappings of a guest that waits: its stack, and the page that guards it. */
export const MAPPINGS_PER_STACK = 2;
/** Mappings kept free for everything else: code, the engine's heap, buffers, threads. */
const KEPT_FREE = 10_000;
/** The kernel's default limit, for systems that do not say theirs. */
const DEFAULT_MAPPINGS = 65_530;
/**
 * Milliseconds between two counts of the process's mappings, at least: with most of them in use a count takes some 20
 * ms of a thread.
 */
const COUNT_AGAIN_MS = 1_000;

/** Counts stacks that may be suspended. */
export interface StackBudget {
  tryTake(stacks: number): boolean;
  /** Counts so many stacks more without asking whether there is room. */
  take(stacks: number): void;
  giveBack(stacks: number): void;
}

export class MappingBudget {
  /** The most mappings that guests may take. */
  readonly limit: number;
  readonly #count: (() => Promise<number>) | undefined;
  #taken = 0;
  /** Mappings of the rest of the process that exceed half of what is kept free for it. */
  #excess = 0;
  #countedAt = Number.NEGATIVE_INFINITY;

  /** `most` is the process's limit; `count` gives the number that the process has now. */
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

  /** Counts so many mappings more without asking whether there is room. */
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

  /** Counts now and then, on another thread, what others take: large strings and buffers have a mapping each. */
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

/** The budget of this process, shared by all apps in it. */
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
