// Explains why a guest did not end well: as an error with a code, and in words for the log.
import { GuestExit, MayflyError, messageOf, Trap } from '../errors.ts';
import type { TimeLimits, Timer } from '../sandbox/clock.ts';
import { describeFailure, isStackOverflow } from '../sandbox/describe-failure.ts';
import type { SandboxLimits } from '../sandbox/limits.ts';
import type { Locate } from '../sandbox/source-lines/locate.ts';

export function callerGone(): MayflyError {
  return new MayflyError('guest-cancelled', 'The client went away');
}

export function queueTimeReached({ queueMs }: SandboxLimits): MayflyError {
  const limit = { name: 'queue_time', value: queueMs };
  return new MayflyError('overloaded', `Limit reached: queue_time (${queueMs} ms)`, { limit });
}

export function wallLimitReached({ wallMs }: TimeLimits): MayflyError {
  return new MayflyError('guest-wall-limit', `The guest was stopped. Limit reached: wall (${wallMs} ms)`, {
    limit: { name: 'wall', value: wallMs },
  });
}

/** The error for a guest that the clock has stopped. */
export function timeLimitReached({ limitReached: limit, limits }: Timer): MayflyError {
  if (limit === 'wall') return wallLimitReached(limits);
  const ms = limit === 'cpu' ? limits.cpuMs : limits.cpuSliceMs;
  return new MayflyError('guest-cpu-limit', `The guest was stopped. Limit reached: ${limit} (${ms} ms)`, {
    limit: { name: limit, value: ms },
  });
}

/**
 * The error for what was thrown. `heapFailure` is set for a guest that was stopped since it took too much of the
 * engine's heap; `locate` gives lines of source.
 */
export function explainThrown(
  thrown: unknown,
  heapFailure: MayflyError | undefined,
  locate?: Locate | undefined,
): MayflyError {
  if (thrown instanceof MayflyError) return thrown;
  if (heapFailure) return new MayflyError(heapFailure.code, heapFailure.message);
  if (!isOfTheGuest(thrown)) {
    return new MayflyError('internal', `The guest failed: ${messageOf(thrown)}`, { cause: thrown });
  }
  const { reason, stack } = describeFailure(thrown, locate);
  const where = stack.length > 0 ? ` in ${stack.join(' < ')}` : '';
  const limit = thrown instanceof Trap ? thrown.limit : undefined;
  return new MayflyError('guest-trap', `The guest trapped: ${reason}${where}`, { limit });
}

/** Whether what was thrown was caused by the guest, and is no defect of the host. */
function isOfTheGuest(thrown: unknown): boolean {
  if (isStackOverflow(thrown)) return true;
  return thrown instanceof WebAssembly.RuntimeError || thrown instanceof Trap || thrown instanceof GuestExit;
}
