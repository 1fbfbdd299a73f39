// What `mayfly bench` asks for: a URL, or the routes of an app.
import { MayflyError } from '../../errors.ts';
import type { Serving } from './served-app.ts';

/** What is asked, and by which component it is answered. */
export interface Target {
  readonly url: string;
  readonly component?: string | undefined;
}

/** Each route once; `:name` gets a value, and a wildcard is asked where it begins. */
export function targetsOf(serving: Serving, path: string | undefined): Target[] {
  if (serving.url === '') throw new MayflyError('usage', `No HTTP request can reach "${serving.name}"`);
  if (path !== undefined) return [{ url: urlOf(serving.url, path) }];
  const routes = serving.routes.map((route) => ({
    url: urlOf(serving.url, route.path.replaceAll(/:[A-Za-z0-9_]+/g, '1') || '/'),
    component: route.id,
  }));
  return [...new Map(routes.map((one) => [one.url, one])).values()];
}

/** Reads a URL, and puts another path into it. Throws `usage`. */
export function urlOf(text: string, path: string | undefined): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new MayflyError('usage', `"${text}" is no URL of http or https`);
  if (path === undefined) return url.href;
  if (!path.startsWith('/')) throw new MayflyError('usage', `"${path}" is no path`, { hint: "A path begins with '/'" });
  return new URL(url.origin + path).href;
}

/** The other server's URL; one without a path is asked for the same path as the first. */
export function sameEnd(other: string, url: string, path: string | undefined): string {
  const { pathname, search } = new URL(url);
  const otherUrl = new URL(other);
  const isBare = otherUrl.pathname === '/' && otherUrl.search === '';
  return isBare || path !== undefined ? otherUrl.origin + pathname + search : other;
}
