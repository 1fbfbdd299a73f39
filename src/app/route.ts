// Parses an HTTP route: `/path`, `/path/:name`, `/path/...` (or `/*`). The router matches paths against it.

/** A piece of a segment between dots: `:name.json` has two. */
export type RoutePiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'param'; readonly name: string };

export interface Route {
  /** The route as written in the manifest. */
  readonly raw: string;
  /** The route with a leading slash and without a trailing one; empty for `/`. */
  readonly normal: string;
  /** `normal` without the trailing wildcard. */
  readonly prefix: string;
  /** Each segment as its pieces; a wildcard's segment is not among them. */
  readonly segments: readonly (readonly RoutePiece[])[];
  readonly isWildcard: boolean;
  /** A text that is equal for routes that match the same paths. */
  readonly shape: string;
}

/** The error for a route that is wrong; its message says why, without naming the route. */
export class RouteFault extends Error {
  override readonly name = 'RouteFault';
}

/**
 * Parses a route by Spin's rules: a missing leading slash is added, one trailing slash does not count, empty segments
 * are dropped. Text is compared as it is sent, so a route for `é` is written `%C3%A9`. Throws RouteFault.
 */
export function parseRoute(raw: string): Route {
  const normal = (raw.startsWith('/') ? raw : `/${raw}`).replace(/\/$/, '');
  const wildcard = /\/(?:\.\.\.|\*)$/.exec(normal);
  const prefix = wildcard ? normal.slice(0, wildcard.index) : normal;
  const segments = prefix
    .split('/')
    .filter((segment) => segment !== '')
    .map(parseSegment);
  const names = segments.flat().flatMap((piece) => (piece.kind === 'param' ? [piece.name] : []));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new RouteFault(`':${twice}' stands in it twice`);
  const shape = `${segments.map((pieces) => `/${pieces.map(shapeOf).join('.')}`).join('')}${wildcard ? '/...' : ''}`;
  return { raw, normal, prefix, segments, isWildcard: wildcard !== null, shape };
}

function parseSegment(segment: string): readonly RoutePiece[] {
  if (segment === '...' || segment.includes('*')) {
    throw new RouteFault(`'${segment}' may stand only at the end, as '/...'`);
  }
  const forbidden = /[?#\s]|[^\x21-\x7e]/.exec(segment);
  if (forbidden) throw new RouteFault(`'${forbidden[0]}' cannot stand in a path; percent-encode it`);
  // Dots separate pieces only where a parameter stands among them: `/:name.json`.
  if (!segment.includes(':')) return [{ kind: 'text', text: segment }];
  return segment.split('.').map(parsePiece);
}

function parsePiece(piece: string): RoutePiece {
  const colon = piece.indexOf(':');
  if (colon === -1) return { kind: 'text', text: piece };
  if (colon > 0) throw new RouteFault(`'${piece}' has a parameter that does not start its segment`);
  const name = piece.slice(1);
  if (name === '') throw new RouteFault("':' must be followed by the name of a parameter");
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) throw new RouteFault(`':${name}' is no name of a parameter`);
  return { kind: 'param', name };
}

function shapeOf(piece: RoutePiece): string {
  return piece.kind === 'param' ? ':' : piece.text;
}
