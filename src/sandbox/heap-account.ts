// What the guest of one sandbox takes of the engine's heap. Its core modules count down a global each (see
// component/rewrite/heap-charges.ts); while the guest runs, what is left of them is reserved in the process's budget.
// Nothing is given back in the middle of a request: what is garbage by then, nobody knows.

import type { Instance } from '../component/canon/instance.ts';
import type { Activity } from '../component/tasks/activity.ts';
import { MayflyError } from '../errors.ts';
import { type Artifact, HEAP_EXPORT } from './artifact.ts';
import type { HeapBudget } from './memory/heap-budget.ts';
import { infoOf } from './state-parts.ts';

interface Part {
  readonly global: WebAssembly.Global<number>;
  /** When the sandbox was made. */
  readonly initial: number;
  /** What the module may still take. */
  left: number;
  /** What it was given for the time that it runs now. */
  lent: number;
}

export class HeapAccount {
  readonly #budget: HeapBudget;
  readonly #share: number;
  #parts: readonly Part[] = [];
  /** Bytes of the process's budget that are this sandbox's, taken or reserved. */
  #held: number;
  #isRunning = false;
  #exhausted: 'sandbox' | 'process' | undefined;

  /**
   * Undefined for a component that makes nothing on the engine's heap. Reserves all that its sandbox could take while it
   * is made; throws `sandbox-exhausted` when there is not so much.
   */
  static open(artifact: Artifact, budget: HeapBudget): HeapAccount | undefined {
    const modules = artifact.plan.steps.filter((step) => infoOf(artifact, step).allocates).length;
    return modules === 0 ? undefined : new HeapAccount(budget, artifact.heapShare, modules);
  }

  private constructor(budget: HeapBudget, share: number, modules: number) {
    this.#budget = budget;
    this.#share = share;
    // Where the heap is small, it cannot hold what one sandbox may take; the guest meets the end of it as it runs.
    this.#held = Math.min(share * modules, Math.floor(budget.limit / 4));
    budget.take(this.#held);
  }

  /** The instance was made. */
  attach(instance: Instance, artifact: Artifact): void {
    const globals = artifact.plan.steps.flatMap((step) =>
      infoOf(artifact, step).allocates ? [instance.core[step.slot]?.[HEAP_EXPORT] as WebAssembly.Global<number>] : [],
    );
    this.#parts = globals.map((global) => ({ global, initial: global.value, left: global.value, lent: global.value }));
    this.#settle();
  }

  /** What tells `activity` when the guest runs, and reserves what it may take then. */
  watch(activity: Activity | undefined): Activity {
    return {
      enter: () => {
        activity?.enter();
        this.#lend();
      },
      tryEnter: () => {
        if (activity && !activity.tryEnter()) return false;
        this.#lend();
        return true;
      },
      pause: () => {
        const othersFirst = activity?.pause() ?? false;
        if (othersFirst) this.#settle();
        return othersFirst;
      },
      resume: (go = () => {}) => {
        const goOn = (): void => {
          this.#lend();
          go();
        };
        if (activity) activity.resume(goOn);
        else goOn();
      },
      suspend: () => {
        this.#settle();
        activity?.suspend();
      },
      leave: () => {
        this.#settle();
        activity?.leave();
      },
    };
  }

  /** Why the guest was stopped, if it was for what it took. */
  get failure(): MayflyError | undefined {
    this.#noteExhaustion();
    if (this.#exhausted === undefined) return undefined;
    if (this.#exhausted === 'process') {
      return new MayflyError('sandbox-exhausted', "The engine's heap has no more room for objects of guests");
    }
    const kib = Math.floor((this.#share * this.#parts.length) / 1024);
    const message = `The guest made more objects and exceptions than it may. Limit reached: memory (${kib} KiB of them)`;
    return new MayflyError('guest-trap', message);
  }

  /** The sandbox is as new: nothing that a request made is reachable any more. */
  reset(): void {
    this.#settle();
    for (const part of this.#parts) {
      part.global.value = part.initial;
      part.left = part.initial;
    }
    this.#hold(this.#taken());
  }

  close(): void {
    this.#hold(0);
    this.#parts = [];
  }

  #lend(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const wanted = this.#parts.reduce((sum, { left }) => sum + left, 0);
    const given = this.#budget.takeUpTo(wanted);
    this.#held += given;
    for (const part of this.#parts) {
      part.lent = given === wanted ? part.left : Math.floor((part.left * given) / wanted);
      if (part.global.value !== part.lent) part.global.value = part.lent;
    }
  }

  #settle(): void {
    this.#isRunning = false;
    this.#noteExhaustion();
    for (const part of this.#parts) {
      const { value } = part.global;
      part.left -= part.lent - Math.max(0, value);
      part.lent = Math.max(0, value);
    }
    this.#hold(this.#taken());
  }

  #noteExhaustion(): void {
    const part = this.#parts.find(({ global }) => global.value < 0);
    if (part) this.#exhausted ??= part.lent < part.left ? 'process' : 'sandbox';
  }

  #taken(): number {
    return this.#parts.reduce((sum, { left }) => sum + this.#share - left, 0);
  }

  #hold(bytes: number): void {
    this.#budget.giveBack(this.#held - bytes);
    this.#held = bytes;
  }
}
