// A limit that holds for a whole app: of all that its components have the widest, so that none gets less than it asks for.
import type { Limits, LockedApp } from './locked-app.ts';

/** `otherwise` is the default for components whose limit neither they nor the application set. */
export function widestLimit({ settings, components }: LockedApp, key: keyof Limits, otherwise: number): number {
  const inherited = settings.limits[key] ?? otherwise;
  const values = components.map((component) => component.settings.limits[key] ?? inherited);
  return values.length === 0 ? inherited : Math.max(...values);
}
