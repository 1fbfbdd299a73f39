// Finds the route of a request where routes may be for some methods and hosts only. A host that is named comes before one
// with a wildcard, and that before no host; among the routes of one host the path decides as router.ts has it.
import type { RouteCondition } from '../../app/manifest/triggers/http/conditions.ts';
import { parseRoute } from '../../app/route.ts';
import { normalHost } from '../../host/network/host-name.ts';
import { createRouter, type RouteMatch, type Router } from './router.ts';

export interface ConditionalRoute<Value> {
  readonly route: string;
  readonly value: Value;
  readonly only?: RouteCondition | undefined;
}

export type Found<Value> =
  | { readonly match: RouteMatch<Value> }
  /** The methods with which the path could be asked for, when it is only the method that no route is for. */
  | { readonly match: undefined; readonly allow: readonly string[] };

export interface ConditionalRouter<Value> {
  /** Finds the route. `authority` is that of the request: a host, maybe with a port. */
  find(method: string, authority: string, path: string): Found<Value>;
}

/** The routes of one host, or of no host. */
interface Tier<Value> {
  router(method: string): Router<Value>;
  /** The methods of all routes that match the path. */
  methodsFor(path: string): readonly string[];
}

type Entries<Value> = readonly ConditionalRoute<Value>[];

/** Throws when two routes of the same condition match the same paths. */
export function createConditionalRouter<Value>(entries: Entries<Value>): ConditionalRouter<Value> {
  if (entries.every(({ only }) => !only)) {
    const { match } = createRouter(entries);
    return { find: (_method, _authority, path) => asFound(match(path)) };
  }
  const names = new Set(entries.flatMap(({ only }) => only?.hosts ?? []));
  const tiers = new Map(
    [...names].map((name) => [name, tierOf(entries.filter(({ only }) => only?.hosts?.includes(name)))]),
  );
  const wildcards = [...names].filter((name) => name.startsWith('*.')).sort((a, b) => b.length - a.length);
  const anywhere = tierOf(entries.filter(({ only }) => !only?.hosts));

  function tiersFor(authority: string): Tier<Value>[] {
    const host = normalHost(authority.replace(/:\d*$/, '')) ?? '';
    const exact = tiers.get(host);
    const below = wildcards.filter((name) => host.endsWith(name.slice(1))).flatMap((name) => tiers.get(name) ?? []);
    return [...(exact ? [exact] : []), ...below, anywhere];
  }

  return {
    find(method, authority, path) {
      const all = tiersFor(authority);
      for (const tier of all) {
        const match = tier.router(method).match(path);
        if (match) return { match };
      }
      return { match: undefined, allow: [...new Set(all.flatMap((tier) => tier.methodsFor(path)))].sort() };
    },
  };
}

function asFound<Value>(match: RouteMatch<Value> | undefined): Found<Value> {
  return match ? { match } : { match: undefined, allow: [] };
}

function tierOf<Value>(entries: Entries<Value>): Tier<Value> {
  const named = new Set(entries.flatMap(({ only }) => methodsOf(only)));
  const routers = new Map([...named].map((method) => [method, createRouter(takenBy(entries, method))]));
  const others = createRouter(takenBy(entries, undefined));
  const limited = entries
    .filter(({ only }) => only?.methods)
    .map((entry) => ({ router: createRouter([entry]), methods: methodsOf(entry.only) }));
  return {
    router: (method) => routers.get(method) ?? others,
    methodsFor: (path) => limited.flatMap(({ router, methods }) => (router.match(path) ? methods : [])),
  };
}

function methodsOf(only: RouteCondition | undefined): readonly string[] {
  const methods = only?.methods ?? [];
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}

/**
 * The routes for a method; undefined stands for one that no route names. Where two match the same paths, the one that
 * names fewer methods is the more exact one.
 */
function takenBy<Value>(entries: Entries<Value>, method: string | undefined): Entries<Value> {
  const taken = entries.filter(({ only }) => !only?.methods || (method && methodsOf(only).includes(method)));
  const count = ({ only }: ConditionalRoute<Value>): number => {
    // A route that names HEAD comes before one that only stands for it.
    if (method === 'HEAD' && only?.methods?.includes('HEAD')) return 0;
    return only?.methods?.length ?? Number.POSITIVE_INFINITY;
  };
  const byShape = new Map<string, ConditionalRoute<Value>>();
  for (const entry of taken) {
    const shape = parseRoute(entry.route).shape;
    const known = byShape.get(shape);
    if (!known || count(entry) < count(known)) byShape.set(shape, entry);
  }
  return [...byShape.values()];
}
