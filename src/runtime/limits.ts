// Limits that hold for a whole process.

import type { LimitLines, LockedApp } from '../app/locked-app.ts';
import { widestLimits } from '../app/widest-limits.ts';
import { type LimitName, type Limits, limitKinds, limitsOf } from '../limits.ts';
import { DEFAULT_STACK_BYTES } from '../sandbox/stack-size.ts';

/** The app with the limits of the command line, which override those of the application. */
export function withLimits(app: LockedApp, limits: Limits = {}): LockedApp {
  const { settings } = app;
  const names = Object.keys(limits) as LimitName[];
  const lines = without(settings.limitLines, ...names);
  return { ...app, settings: { ...settings, limits: { ...settings.limits, ...limits }, ...lines } };
}

/**
 * The app with no more memory for its sandboxes than the runtime configuration allows. Where the manifest sets no limit
 * they get that much.
 */
export function withMaximumMemory(app: LockedApp, maximum: number | undefined): LockedApp {
  if (maximum === undefined) return app;
  const capped = <Of extends { readonly settings: { readonly limits: Limits; readonly limitLines?: LimitLines } }>(
    of: Of,
    otherwise?: number,
  ): Of => {
    const { settings } = of;
    const memoryBytes = Math.min(settings.limits.memoryBytes ?? otherwise ?? maximum, maximum);
    // The manifest's line would allow no more.
    const isCapped = (settings.limits.memoryBytes ?? otherwise ?? maximum + 1) > maximum;
    const lines = isCapped ? without(settings.limitLines, 'memoryBytes') : {};
    return { ...of, settings: { ...settings, limits: { ...settings.limits, memoryBytes }, ...lines } };
  };
  const { memoryBytes } = app.settings.limits;
  return { ...capped(app), components: app.components.map((component) => capped(component, memoryBytes)) };
}

function without(lines: LimitLines | undefined, ...names: readonly LimitName[]): { limitLines?: LimitLines } {
  if (lines === undefined) return {};
  const keys = new Set<string>(names.map((name) => limitKinds[name].key));
  return { limitLines: Object.fromEntries(Object.entries(lines).filter(([key]) => !keys.has(key))) };
}

/** The longest time that a timer of Node can have. */
const NEVER_MS = 2 ** 31 - 1;

/** The app without limits of time, which would end a guest that stands at a breakpoint. */
export function withoutTimeLimits(app: LockedApp): LockedApp {
  const never = { cpuMs: NEVER_MS, cpuSliceMs: NEVER_MS, wallMs: NEVER_MS, queueMs: NEVER_MS };
  const components = app.components.map((component) => {
    const { settings } = component;
    return { ...component, settings: { ...settings, limits: { ...settings.limits, ...never } } };
  });
  return { ...app, components };
}

/** Bytes of stack that guests of the app get; undefined when every component gets what the engine gives anyway. */
export function stackBytes(app: LockedApp): number | undefined {
  const bytes = widestLimits('process', app).stackBytes;
  return bytes >= DEFAULT_STACK_BYTES ? undefined : bytes;
}

/** The most milliseconds for which a guest of the app may hold the thread. */
export function longestSlice({ components, settings }: LockedApp): number {
  const slices = components.map((one) => limitsOf('sandbox', one.settings.limits, settings.limits).cpuSliceMs);
  return Math.max(0, ...slices);
}
