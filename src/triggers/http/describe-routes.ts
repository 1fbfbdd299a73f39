// Writes the routes of an app for people, as Spin prints them: scripts wait for these lines.
import { type LockedApp, triggersOf } from '../../app/locked-app.ts';
import type { LockedHttpTrigger } from '../../app/manifest/triggers/http.ts';
import { parseRoute } from '../../app/route.ts';

export function describeRoutes(app: LockedApp, url: string): string[] {
  const routes = triggersOf(app, 'http').flatMap((trigger) => describeRoute(app, trigger, url));
  return [`Serving ${url}`, 'Available Routes:', ...routes];
}

/** Writes one route; nothing for a private one. */
function describeRoute(app: LockedApp, { id, route, action, only }: LockedHttpTrigger, url: string): string[] {
  if (route === undefined) return [];
  const { isWildcard, prefix } = parseRoute(route);
  const path = isWildcard ? prefix : `/${route.replace(/^\//, '')}`;
  const component = action.kind === 'component' ? action.component : undefined;
  const description = app.components.find((one) => one.id === component)?.description;
  const line = `  ${component ?? id}: ${url}${path}${isWildcard ? ' (wildcard)' : ''}${describeCondition(only)}`;
  return description ? [line, `    ${description}`] : [line];
}

function describeCondition(only: LockedHttpTrigger['only']): string {
  const parts = [only?.methods?.join(', '), only?.hosts && `at ${only.hosts.join(', ')}`].filter(Boolean);
  return parts.length === 0 ? '' : ` [${parts.join(' ')}]`;
}
