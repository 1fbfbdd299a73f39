// Requests on whose connections another trigger goes on in another protocol (RFC 9110, 7.8). All others that ask for one are
// answered as if they did not.
import type { IncomingMessage } from 'node:http';
import type { UpgradeRoute } from '../trigger.ts';
import { resolveTarget } from './request-target.ts';
import { createRouter, type RouteMatch } from './router.ts';

/** Finds the route of a request; undefined for one that stays HTTP. */
export type FindUpgrade = (req: IncomingMessage) => RouteMatch<UpgradeRoute> | undefined;

export function createFindUpgrade(routes: readonly UpgradeRoute[], targetBytes: number): FindUpgrade {
  const protocols = new Set(routes.map(({ protocol }) => protocol));
  const routers = new Map(
    [...protocols].map((protocol) => [
      protocol,
      createRouter(routes.filter((one) => one.protocol === protocol).map((value) => ({ route: value.route, value }))),
    ]),
  );
  return (req) => {
    const router = routers.get(req.headers.upgrade?.toLowerCase() ?? '');
    if (!router || req.method !== 'GET' || req.httpVersionMinor === 0) return undefined;
    const target = resolveTarget(req, req.headers.host, targetBytes);
    return typeof target === 'number' ? undefined : router.match(target.path.replace(/\?.*$/s, ''));
  };
}
