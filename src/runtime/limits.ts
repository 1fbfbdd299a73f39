// Limits that hold for a whole process.
import type { Limits, LockedApp } from '../app/locked-app.ts';
import { widestLimit } from '../app/widest-limit.ts';
import { sandboxLimits } from '../sandbox/limits.ts';
import { DEFAULT_STACK_BYTES } from '../sandbox/stack.ts';

/** The application's limits, with those of the command line over them. */
export function withLimits(app: LockedApp, limits: Limits = {}): LockedApp {
  return { ...app, settings: { ...app.settings, limits: { ...app.settings.limits, ...limits } } };
}

/** Bytes; undefined when every component gets what the engine gives anyway. */
export function stackBytes(app: LockedApp): number | undefined {
  const bytes = widestLimit(app, 'stackBytes', DEFAULT_STACK_BYTES);
  return bytes >= DEFAULT_STACK_BYTES ? undefined : bytes;
}

/** Milliseconds that a guest of the app may hold the thread. */
export function longestSlice({ components, settings }: LockedApp): number {
  const slices = components.map((one) => sandboxLimits(one.settings.limits, settings.limits).cpuSliceMs);
  return Math.max(0, ...slices);
}
