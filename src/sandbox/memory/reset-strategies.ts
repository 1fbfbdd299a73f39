// Finds out which reset strategies work in this process, by trying each one, and picks the one to use.

import { messageOf } from '../../errors.ts';
import type { ResetStrategyName } from './imaged-memory.ts';
import { preferTracking, unavailable } from './kernel.ts';
import { tryMadvise, tryScan } from './trial.ts';

export interface ResetStrategyState {
  readonly name: ResetStrategyName;
  readonly available: boolean;
  /** Why the strategy is not available, or how it works here. */
  readonly reason?: string;
}

export interface ResetStrategies {
  /**
   * All strategies, from the fastest to the one that works everywhere. Those not tried yet are tried when this is read.
   */
  readonly available: readonly ResetStrategyState[];
  readonly chosen: ResetStrategyName;
}

/** Picks a strategy. Throws 'reset-unavailable' with the reason when the wanted one does not work here. */
export function detectResetStrategies(wanted: ResetStrategyName | 'auto' = 'auto'): ResetStrategies {
  const chosen = wanted === 'auto' ? names.find((name) => stateOf(name).available)! : wanted;
  if (!names.includes(chosen)) throw unavailable(chosen, `there are ${names.join(', ')} and auto`);
  const { available, reason } = stateOf(chosen);
  if (!available) throw unavailable(chosen, reason ?? 'it does not work here');
  return {
    chosen,
    get available() {
      return names.map(stateOf);
    },
  };
}

/** Describes the strategies for `mayfly doctor`: a line for each, with the chosen one marked. */
export function describeResetStrategies(wanted: ResetStrategyName | 'auto' = 'auto'): string[] {
  const { available, chosen } = detectResetStrategies(wanted);
  return available.map(({ name, available: works, reason }) => {
    const state = name === chosen ? 'in use' : works ? 'works' : 'not available';
    return `${name.padEnd(8)} ${state}${reason === undefined ? '' : `: ${reason}`}`;
  });
}

const names = ['scan', 'madvise', 'copy'] as const;

/** The results of trials, which are kept: what works does not change while a process runs. */
const known = new Map<ResetStrategyName, ResetStrategyState>();

function stateOf(name: ResetStrategyName): ResetStrategyState {
  const state = known.get(name) ?? detect[name]();
  known.set(name, state);
  return state;
}

const detect: Record<ResetStrategyName, () => ResetStrategyState> = {
  scan: detectScan,
  madvise: detectMadvise,
  copy: () => ({ name: 'copy', available: true, reason: 'plain JavaScript' }),
};

function detectScan(): ResetStrategyState {
  const withMarks = attempt(() => tryScan('marks'));
  if (withMarks === undefined) {
    preferTracking('marks');
    return { name: 'scan', available: true, reason: 'PAGEMAP_SCAN, written pages marked through userfaultfd' };
  }
  const byFile = attempt(() => tryScan('file'));
  if (byFile !== undefined) return { name: 'scan', available: false, reason: byFile };
  preferTracking('file');
  return { name: 'scan', available: true, reason: `PAGEMAP_SCAN without marks, slower on large images: ${withMarks}` };
}

function detectMadvise(): ResetStrategyState {
  const reason = attempt(tryMadvise);
  return { name: 'madvise', available: reason === undefined, ...(reason !== undefined && { reason }) };
}

function attempt(test: () => string | undefined): string | undefined {
  try {
    return test();
  } catch (error) {
    return messageOf(error);
  }
}
