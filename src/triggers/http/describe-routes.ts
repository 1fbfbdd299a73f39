// Writes the routes of an app for people, as Spin prints them: scripts wait for these lines.
import { type LockedApp, triggersOf } from '../../app/locked-app.ts';
import type { LockedHttpTrigger } from '../../app/manifest/triggers/http.ts';
import { parseRoute } from '../../app/route.ts';

export function describeRoutes(app: LockedApp, url: string): string[] {
  const routes = triggersOf(app, 'http').flatMap((trigger) => describeRoute(app, trigger, url));
  return [`Serving ${url}`, 'Available Routes:', ...routes];
}

/** The same as data, in the form that `spin up --format json` prints. */
export function describeRoutesAsData(app: LockedApp, url: string): object {
  const routes = triggersOf(app, 'http').flatMap((trigger) => routeOf(app, trigger));
  return { base_url: url, routes };
}

interface DescribedRoute {
  readonly id: string;
  readonly route: string;
  readonly wildcard: boolean;
  readonly description?: string;
  readonly methods?: readonly string[];
  readonly hosts?: readonly string[];
}

/** Writes one route; nothing for a private one. */
function describeRoute(app: LockedApp, trigger: LockedHttpTrigger, url: string): string[] {
  return routeOf(app, trigger).flatMap(({ id, route, wildcard, description }) => {
    const line = `  ${id}: ${url}${route}${wildcard ? ' (wildcard)' : ''}${describeCondition(trigger.only)}`;
    return description ? [line, `    ${description}`] : [line];
  });
}

function routeOf(app: LockedApp, { id, route, action, only }: LockedHttpTrigger): DescribedRoute[] {
  if (route === undefined) return [];
  const { isWildcard, prefix } = parseRoute(route);
  const path = isWildcard ? prefix : `/${route.replace(/^\//, '')}`;
  const component = action.kind === 'component' ? action.component : undefined;
  const description = app.components.find((one) => one.id === component)?.description;
  return [{ id: component ?? id, route: path, wildcard: isWildcard, ...(description && { description }), ...only }];
}

function describeCondition(only: LockedHttpTrigger['only']): string {
  const parts = [only?.methods?.join(', '), only?.hosts && `at ${only.hosts.join(', ')}`].filter(Boolean);
  return parts.length === 0 ? '' : ` [${parts.join(' ')}]`;
}
