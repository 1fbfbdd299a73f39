// Limits that hold before it is known which component a request is for, or for the whole process: of all that the
// components have, the widest, so that none gets less than it asks for.
import type { LockedApp } from '../app/locked-app.ts';
import { type LimitPart, type Limits, type LimitsOf, limitsOf, mapLimits } from '../limits.ts';
import { DEFAULT_STACK_BYTES } from '../sandbox/stack-size.ts';

/** The application's limits, with those of the command line over them. */
export function withLimits(app: LockedApp, limits: Limits = {}): LockedApp {
  return { ...app, settings: { ...app.settings, limits: { ...app.settings.limits, ...limits } } };
}

/** The limits that hold in `part`, for all components together. */
export function widestLimits<Part extends LimitPart>(part: Part, { settings, components }: LockedApp): LimitsOf<Part> {
  return mapLimits(part, (name, { default: otherwise }) => {
    const inherited = settings.limits[name] ?? otherwise;
    const values = components.map((component) => component.settings.limits[name] ?? inherited);
    return values.length === 0 ? inherited : Math.max(...values);
  });
}

/** Bytes; undefined when every component gets what the engine gives anyway. */
export function stackBytes(app: LockedApp): number | undefined {
  const bytes = widestLimits('process', app).stackBytes;
  return bytes >= DEFAULT_STACK_BYTES ? undefined : bytes;
}

/** Milliseconds that a guest of the app may hold the thread. */
export function longestSlice({ components, settings }: LockedApp): number {
  const slices = components.map((one) => limitsOf('sandbox', one.settings.limits, settings.limits).cpuSliceMs);
  return Math.max(0, ...slices);
}
