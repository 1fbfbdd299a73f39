// What all apps of a process share: the way in which memories are reset, and the clock of guests with the watchdog
// behind it.

import { ComponentCache } from '../sandbox/cache/component-cache.ts';
import { GuestClock } from '../sandbox/clock.ts';
import { Gate } from '../sandbox/gate.ts';
import { processPollPages } from '../sandbox/interrupt/poll-pages.ts';
import { createWatchdog, type Watchdog } from '../sandbox/interrupt/watchdog.ts';
import type { ResetStrategyName } from '../sandbox/memory/imaged-memory.ts';
import { processMappings } from '../sandbox/memory/mapping-budget.ts';
import {
  describeResetStrategies,
  detectResetStrategies,
  type ResetStrategies,
} from '../sandbox/memory/reset-strategies.ts';
import { limitStacks } from '../sandbox/stack-size.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';

export interface Engine {
  readonly strategy: ResetStrategyName;
  /** Why memories are copied, which is slow, though nobody asked for it; undefined otherwise. */
  readonly strategyReason: string | undefined;
  /** Whether to compare every byte after every reset. */
  readonly verifyResets: boolean;
  readonly clock: GuestClock;
  /** Counts the sandboxes of all apps. */
  readonly gate: Gate;
  /** The memory with the word that stops guests; undefined where none can be stopped. */
  readonly flag: WebAssembly.Memory | undefined;
  /** Whether guests can be debugged: their code has no checks, and nothing stops them. */
  readonly debug: boolean;
  /** The cache of prepared components on disk. */
  readonly cache: ComponentCache | undefined;
  /** The absolute path of the cache folder, where it has one. */
  readonly cacheDirectory: string | undefined;
}

export interface EngineOptions {
  readonly reset?: ResetStrategyName | 'auto' | undefined;
  readonly verifyResets?: boolean | undefined;
  /** The most sandboxes that may be busy at once, over all components. */
  readonly maximumSandboxes?: number | undefined;
  /** Bytes of stack that guests get. */
  readonly stackBytes?: number | undefined;
  /** The absolute path of the folder where prepared components are kept; undefined keeps none. */
  readonly cacheDirectory?: string | undefined;
  /** Whether guests can be debugged: their code stays as it was compiled, so that nothing can stop them. */
  readonly debug?: boolean | undefined;
}

let ofThread: { readonly clock: GuestClock; readonly watchdog: Watchdog } | undefined;

/**
 * The clock of this thread and the watchdog behind it: they are made for the first app and stay, since guests of all its apps
 * take turns, and the thread of a watchdog takes milliseconds to start and megabytes.
 */
function threadClock(): { readonly clock: GuestClock; readonly watchdog: Watchdog } {
  if (!ofThread) {
    const watchdog = createWatchdog();
    ofThread = { watchdog, clock: new GuestClock(watchdog) };
  }
  return ofThread;
}

/** Makes the engine. Throws `reset-unavailable` when the wanted strategy does not work here. */
export function createEngine(options: EngineOptions = {}): Engine {
  const { reset = 'auto', verifyResets = false, maximumSandboxes, cacheDirectory, debug = false } = options;
  const strategies = detectResetStrategies(reset);
  const strategy = strategies.chosen;
  if (options.stackBytes !== undefined) limitStacks(options.stackBytes);
  const { clock, watchdog } = debug ? { clock: new GuestClock(undefined), watchdog: undefined } : threadClock();
  return {
    strategy,
    strategyReason: reset === 'auto' && strategy === 'copy' ? whyNotMapped(strategies) : undefined,
    verifyResets,
    clock,
    gate: new Gate(maximumSandboxes, processMappings().stacks),
    flag: watchdog?.flagMemory,
    debug,
    cacheDirectory,
    // What is cached has no lines of source.
    cache: cacheDirectory === undefined || debug ? undefined : new ComponentCache({ directory: cacheDirectory }),
  };
}

function whyNotMapped({ available }: ResetStrategies): string {
  return available.flatMap(({ name, available: works, reason }) => (works ? [] : [`${name}: ${reason}`])).join('; ');
}

/** Tells `mayfly doctor` how sandboxes are reset and guests are stopped on this machine. */
export function describeCapabilities(): string[] {
  const polls = processPollPages();
  const stops = typeof polls === 'string' ? `flag     in use: guests cannot poll, ${polls}` : 'polls    in use';
  return [...describeResetStrategies().map((line) => `reset by ${line}`), `stop by  ${stops}`];
}

/** Logs how sandboxes are reset; it is a warning where that is slower than it could be. */
export function logStrategy({ strategy, strategyReason }: Engine, log: Logger): void {
  if (strategyReason === undefined) {
    logEvent(log, 'reset-chosen', { strategy }, `Sandboxes are reset by ${strategy}`);
    return;
  }
  const text = `Sandboxes are reset by ${strategy}, which is slow for large images. Not available: ${strategyReason}`;
  logEvent(log, 'reset-slow', { strategy, reason: strategyReason }, text);
}
