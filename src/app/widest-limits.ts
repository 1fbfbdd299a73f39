// Finds the limits that hold before it is known for which component an event is: the widest of all components' limits,
// so that none gets less than it asks for.
import { type LimitPart, type LimitsOf, mapLimits } from '../limits.ts';
import type { LockedApp } from './locked-app.ts';

/** The limits that hold in `part`, for all components together. */
export function widestLimits<Part extends LimitPart>(part: Part, { settings, components }: LockedApp): LimitsOf<Part> {
  return mapLimits(part, (name, { default: otherwise }) => {
    const inherited = settings.limits[name] ?? otherwise;
    const values = components.map((component) => component.settings.limits[name] ?? inherited);
    return values.length === 0 ? inherited : Math.max(...values);
  });
}
