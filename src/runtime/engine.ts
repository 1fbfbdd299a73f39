// What all apps of a process share: how memories are reset, the clock of guests and the watchdog behind it.
import { GuestClock } from '../sandbox/clock.ts';
import { createWatchdog } from '../sandbox/interrupt/watchdog.ts';
import type { ResetStrategyName } from '../sandbox/memory/memory-image.ts';
import { detectResetStrategies } from '../sandbox/memory/reset-strategies.ts';

export interface Engine {
  readonly strategy: ResetStrategyName;
  /** Compare every byte after every reset. */
  readonly verifyResets: boolean;
  readonly clock: GuestClock;
  /** The word that stops guests; undefined where none can be stopped. */
  readonly flag: WebAssembly.Memory | undefined;
  close(): void;
}

export interface EngineOptions {
  readonly reset?: ResetStrategyName | 'auto' | undefined;
  readonly verifyResets?: boolean | undefined;
}

/** Throws `reset-unavailable` when the strategy that is asked for does not work here. */
export function createEngine({ reset = 'auto', verifyResets = false }: EngineOptions = {}): Engine {
  const strategy = detectResetStrategies(reset).chosen;
  const watchdog = createWatchdog();
  return {
    strategy,
    verifyResets,
    clock: new GuestClock(watchdog),
    flag: watchdog.flagMemory,
    close: () => watchdog.close(),
  };
}
