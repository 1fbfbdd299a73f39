// Accounts for what the guest of one sandbox takes of the engine's heap. Each of its core modules counts down a global
// (see component/rewrite/heap-charges.ts); while the guest runs, what is left of them is reserved in the process's
// budget. Nothing is given back in the middle of a request, since nobody knows then what is garbage.

import type { Instance } from '../component/canon/instance.ts';
import type { Activity } from '../component/tasks/activity.ts';
import { MayflyError } from '../errors.ts';
import { type Artifact, HEAP_EXPORT } from './artifact.ts';
import type { HeapBudget } from './memory/heap-budget.ts';
import { infoOf } from './state-parts.ts';

interface Part {
  readonly global: WebAssembly.Global<number>;
  /** Bytes that the module could take when the sandbox was made. */
  readonly initial: number;
  /** Bytes that the module may still take. */
  left: number;
  /** Bytes that the module was given for the time that it runs now. */
  lent: number;
}

export class HeapAccount {
  readonly #budget: HeapBudget;
  readonly #share: number;
  #parts: readonly Part[] = [];
  /** Bytes of the process's budget that this sandbox has taken or reserved. */
  #held: number;
  #isRunning = false;
  #exhausted: 'sandbox' | 'process' | undefined;

  /**
   * Reserves all that the sandbox could take while it is made; undefined for a component that makes nothing on the
   * engine's heap. Throws `sandbox-exhausted` when there is not so much left.
   */
  static open(artifact: Artifact, budget: HeapBudget): HeapAccount | undefined {
    const modules = artifact.plan.steps.filter((step) => infoOf(artifact, step).allocates).length;
    return modules === 0 ? undefined : new HeapAccount(budget, artifact.heapShare, modules);
  }

  private constructor(budget: HeapBudget, share: number, modules: number) {
    this.#budget = budget;
    this.#share = share;
    // A small heap cannot hold all that one sandbox may take; its guest then meets the end of the heap as it runs.
    this.#held = Math.min(share * modules, Math.floor(budget.limit / 4));
    budget.take(this.#held);
  }

  /** Finds the counters of the modules once the instance has been made. */
  attach(instance: Instance, artifact: Artifact): void {
    const globals = artifact.plan.steps.flatMap((step) =>
      infoOf(artifact, step).allocates ? [instance.core[step.slot]?.[HEAP_EXPORT] as WebAssembly.Global<number>] : [],
    );
    this.#parts = globals.map((global) => ({ global, initial: global.value, left: global.value, lent: global.value }));
    this.#settle();
  }

  /** Wraps `activity`: what is left for the guest is reserved whenever it starts to run. */
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

  /** The error for a guest that was stopped since it took too much; undefined for any other. */
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

  /** Gives everything back: the sandbox was reset, and nothing that a request made is reachable any more. */
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
