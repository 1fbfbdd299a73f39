// Says which of several routes for the same paths answers, by Spin's rules: of routes that are written alike the last,
// of those that are written differently and match the same paths the first.
import { parseRoute, type Route, RouteFault } from './route.ts';

/**
 * Finds for each index of `routes` that never answers the index of the one which does. Of routes for different requests
 * each answers: `conditions` has a text for each route, which is equal where they are for the same ones.
 */
export function shadowedRoutes(
  routes: readonly (string | undefined)[],
  conditions: readonly string[] = [],
): ReadonlyMap<number, number> {
  const shapes = new Map<string, Map<string, number[]>>();
  for (const [index, raw] of routes.entries()) {
    const route = raw === undefined ? undefined : parsed(raw);
    if (route === undefined) continue;
    const key = `${route.shape}\n${conditions[index] ?? ''}`;
    const alike = shapes.get(key) ?? new Map<string, number[]>();
    alike.set(route.raw, [...(alike.get(route.raw) ?? []), index]);
    shapes.set(key, alike);
  }
  const shadowed = new Map<number, number>();
  for (const alike of shapes.values()) {
    const [first = []] = alike.values();
    const winner = first.at(-1);
    for (const index of [...alike.values()].flat()) {
      if (winner !== undefined && index !== winner) shadowed.set(index, winner);
    }
  }
  return shadowed;
}

/** The route; undefined for a malformed one, which matches nothing. */
function parsed(raw: string): Route | undefined {
  try {
    return parseRoute(raw);
  } catch (error) {
    if (error instanceof RouteFault) return undefined;
    throw error;
  }
}
