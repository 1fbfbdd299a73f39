// Why a guest did not end well, as an error with a code and in words for the log.
import { GuestExit, MayflyError, messageOf, Trap } from '../errors.ts';
import type { TimeLimits, Timer } from '../sandbox/clock.ts';
import { describeFailure, isStackOverflow } from '../sandbox/describe-failure.ts';
import type { SandboxLimits } from '../sandbox/limits.ts';

export function callerGone(): MayflyError {
  return new MayflyError('guest-cancelled', 'The client went away');
}

export function queueTimeReached({ queueMs }: SandboxLimits): MayflyError {
  return new MayflyError('overloaded', `Limit reached: queue_time (${queueMs} ms)`);
}

export function wallLimitReached(component: string, { wallMs }: TimeLimits): MayflyError {
  const limit = `wall (${wallMs} ms)`;
  return new MayflyError('guest-wall-limit', `Component "${component}" was stopped. Limit reached: ${limit}`);
}

/** The clock has stopped the guest. */
export function timeLimitReached(component: string, { limitReached: limit, limits }: Timer): MayflyError {
  if (limit === 'wall') return wallLimitReached(component, limits);
  const ms = limit === 'cpu' ? limits.cpuMs : limits.cpuSliceMs;
  return new MayflyError('guest-cpu-limit', `Component "${component}" was stopped. Limit reached: ${limit} (${ms} ms)`);
}

/** `heapFailure`: why the guest was stopped, if it was for what it took of the engine's heap. */
export function explainThrown(component: string, thrown: unknown, heapFailure: MayflyError | undefined): MayflyError {
  if (thrown instanceof MayflyError) return thrown;
  if (heapFailure) return new MayflyError(heapFailure.code, `Component "${component}": ${heapFailure.message}`);
  if (!isOfTheGuest(thrown)) {
    return new MayflyError('internal', `Component "${component}" failed: ${messageOf(thrown)}`, { cause: thrown });
  }
  const { reason, stack } = describeFailure(thrown);
  const where = stack.length > 0 ? ` in ${stack.join(' < ')}` : '';
  return new MayflyError('guest-trap', `Component "${component}" trapped: ${reason}${where}`);
}

/** What was thrown is the doing of the guest, and no defect of the host. */
function isOfTheGuest(thrown: unknown): boolean {
  if (isStackOverflow(thrown)) return true;
  return thrown instanceof WebAssembly.RuntimeError || thrown instanceof Trap || thrown instanceof GuestExit;
}
