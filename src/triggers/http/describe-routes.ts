// What people see of the routes of an app, as Spin prints it: scripts wait for it.
import { type LockedApp, triggersOf } from '../../app/locked-app.ts';
import type { LockedHttpTrigger } from '../../app/manifest/triggers/http.ts';
import { parseRoute } from '../../app/route.ts';

export function describeRoutes(app: LockedApp, url: string): string[] {
  const routes = triggersOf(app, 'http').flatMap((trigger) => describeRoute(app, trigger, url));
  return [`Serving ${url}`, 'Available Routes:', ...routes];
}

/** Nothing for private routes. */
function describeRoute(app: LockedApp, { id, route, action }: LockedHttpTrigger, url: string): string[] {
  if (route === undefined) return [];
  const { isWildcard, prefix } = parseRoute(route);
  const path = isWildcard ? prefix : `/${route.replace(/^\//, '')}`;
  const component = action.kind === 'component' ? action.component : undefined;
  const description = app.components.find((one) => one.id === component)?.description;
  const line = `  ${component ?? id}: ${url}${path}${isWildcard ? ' (wildcard)' : ''}`;
  return description ? [line, `    ${description}`] : [line];
}
