// Stacks of guests that are suspended inside an import, each with what lets it go on or ends it.
import { MayflyError, Trap } from '../../errors.ts';
import { uncatchable } from '../abi/uncatchable.ts';

/** The most suspended stacks of one instance; threads without a stack, as callbacks leave them, do not count. */
const MOST_STACKS = 500;

/**
 * Counts the suspended stacks of the whole process: each takes some of its mappings, and V8 ends the process when there
 * are none left.
 */
export interface StackBudget {
  tryTake(stacks: number): boolean;
  giveBack(stacks: number): void;
}

export interface Suspension<T> {
  /** Lets the guest go on with what `make` returns when its turn has come. */
  settle(make: () => T): void;
  /** Lets the guest go on when `promise` is settled. */
  pass(promise: Promise<T>): void;
}

export class SuspendedStacks {
  readonly #stops = new Set<(reason: Error) => void>();
  /** Calls `go` when it is the guest's turn. */
  readonly #goOn: (go: () => void) => void;
  readonly #fail: (error: unknown) => void;
  readonly #budget: StackBudget | undefined;
  readonly #paid: number;

  /** `paid` is the number of stacks that were taken out of `budget` before the guest began. */
  constructor(
    goOn: (go: () => void) => void,
    fail: (error: unknown) => void,
    budget: StackBudget | undefined,
    paid: number,
  ) {
    this.#goOn = goOn;
    this.#fail = fail;
    this.#budget = budget;
    this.#paid = paid;
  }

  /** Gives the promise for the engine. Errors: too many suspended stacks. */
  suspend<T>(start: (suspension: Suspension<T>) => void): Promise<T> {
    if (this.#stops.size >= MOST_STACKS)
      throw new Trap(`Limit reached: suspended stacks of one guest (${MOST_STACKS})`);
    if (this.#stops.size >= this.#paid && this.#budget?.tryTake(1) === false) {
      throw new MayflyError(
        'sandbox-exhausted',
        'The process has no mappings left for the stack of a guest that waits',
      );
    }
    return new Promise<T>((resolve, reject) => {
      const stop = (reason: Error): void => {
        done();
        this.#goOn(() => reject(uncatchable(reason)));
      };
      const done = (): void => {
        // The stack is given back unless it is one of those that were paid for.
        if (this.#stops.delete(stop) && this.#stops.size >= this.#paid) this.#budget?.giveBack(1);
      };
      this.#stops.add(stop);
      start({
        settle: (make) => this.#goOn(() => this.#settle(stop, done, make, resolve)),
        pass: (promise) => {
          done();
          resolve(promise);
        },
      });
    });
  }

  #settle<T>(stop: (reason: Error) => void, done: () => void, make: () => T, resolve: (value: T) => void): void {
    if (!this.#stops.has(stop)) return;
    try {
      const result = make();
      done();
      resolve(result);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends all stacks: the engine unwinds them. One that was left suspended would keep its memory mappings for good. */
  stopAll(reason: Error): void {
    for (const stop of [...this.#stops]) stop(reason);
  }
}
