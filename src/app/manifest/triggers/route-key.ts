// The key `route` of a trigger, for all types of triggers that have one.
import { parseRoute, type Route, RouteFault } from '../../route.ts';
import type { KeyPath } from '../../toml/positions.ts';
import type { Problems } from '../problems.ts';

/** Parses a route, or reports what is wrong with it and gives undefined. */
export function routeAt(raw: string, place: KeyPath, problems: Problems): Route | undefined {
  try {
    return parseRoute(raw);
  } catch (error) {
    if (!(error instanceof RouteFault)) throw error;
    problems.add('manifest-route', place, `Route "${raw}" is malformed: ${error.message}`, {
      hint: "Write '/path', '/path/:name' or '/path/...'",
    });
    return undefined;
  }
}
