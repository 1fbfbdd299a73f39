// What a hostile suite is: a promise of docs/security.md, and so many attempts to break it.

export interface HostileOptions {
  /** How long the suite may attack, about. */
  readonly seconds: number;
  readonly seed: number;
  /** Progress, for the one who waits. */
  say(text: string): void;
}

export interface Outcome {
  /** Kind of attack → how often it was tried and how often the promise held. */
  readonly counts: ReadonlyMap<string, Count>;
  /** Measured values worth reading, such as the longest wait of a neighbour. */
  readonly notes: readonly string[];
}

export interface Count {
  tried: number;
  held: number;
  /** The first attempt that did not hold, in words. */
  failure?: string;
}

export interface HostileSuite {
  readonly name: string;
  /** The promise that it attacks. */
  readonly promise: string;
  run(options: HostileOptions): Promise<Outcome>;
}

/** Counts attempts by kind. */
export class Tally {
  readonly counts = new Map<string, Count>();

  /** `failure` says what went wrong; undefined: the promise held. */
  add(kind: string, failure: string | undefined): void {
    const count = this.counts.get(kind) ?? { tried: 0, held: 0 };
    this.counts.set(kind, count);
    count.tried++;
    if (failure === undefined) count.held++;
    else count.failure ??= failure;
  }

  /** What `attempt` throws is its failure. */
  async try(kind: string, attempt: () => Promise<void>): Promise<void> {
    try {
      await attempt();
      this.add(kind, undefined);
    } catch (error) {
      this.add(kind, error instanceof Error ? `${error.message} ${error.cause ?? ''}`.trim() : String(error));
    }
  }
}
