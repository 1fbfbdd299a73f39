// Limits that hold before it is known which component a request is for, or for the whole process: of all that the
// components have, the widest, so that none gets less than it asks for.
import type { Limits, LockedApp } from '../app/locked-app.ts';
import { sandboxLimits } from '../sandbox/limits.ts';
import { DEFAULT_STACK_BYTES } from '../sandbox/stack-size.ts';
import { defaultServerLimits, type ServerLimits } from '../triggers/http/server.ts';

/** The application's limits, with those of the command line over them. */
export function withLimits(app: LockedApp, limits: Limits = {}): LockedApp {
  return { ...app, settings: { ...app.settings, limits: { ...app.settings.limits, ...limits } } };
}

export function serverLimits(app: LockedApp): Partial<ServerLimits> {
  const { headerBytes, headerCount, bufferedBytes } = defaultServerLimits;
  return {
    headerBytes: widest(app, 'headerBytes', headerBytes),
    headerCount: widest(app, 'headerCount', headerCount),
    bufferedBytes: widest(app, 'bufferedBytes', bufferedBytes),
  };
}

/** Bytes; undefined when every component gets what the engine gives anyway. */
export function stackBytes(app: LockedApp): number | undefined {
  const bytes = widest(app, 'stackBytes', DEFAULT_STACK_BYTES);
  return bytes >= DEFAULT_STACK_BYTES ? undefined : bytes;
}

function widest({ settings, components }: LockedApp, key: keyof Limits, otherwise: number): number {
  const inherited = settings.limits[key] ?? otherwise;
  const values = components.map((component) => component.settings.limits[key] ?? inherited);
  return values.length === 0 ? inherited : Math.max(...values);
}

/** Milliseconds that a guest of the app may hold the thread. */
export function longestSlice({ components, settings }: LockedApp): number {
  const slices = components.map((one) => sandboxLimits(one.settings.limits, settings.limits).cpuSliceMs);
  return Math.max(0, ...slices);
}
